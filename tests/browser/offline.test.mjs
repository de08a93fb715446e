// What the service worker adds: threads on hosts without the headers for them, and a whole page, the
// laboratory included, for visits without a network.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  DIST,
  FAILED_REQUESTS,
  MODEL,
  PATIENCE,
  assertWords,
  faults,
  modelIsKept,
  openSite,
  shellIsKept,
  status,
  translate,
  visit,
} from './harness.mjs';
import { EXPECTED, PARAGRAPH } from './texts.mjs';

const LATER = ['/package/calibration.en-pt.tsv', '/package/lab-relaxed.wasm', '/package/lab.worker.js'];
/** More than the page waits before it asks for the rest. */
const LONG_REST_MS = 8000;

let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** The files of the laboratory that each version of the page has kept. */
const keptLater = (page) =>
  page.evaluate(async (wanted) => {
    const kept = {};
    for (const name of (await caches.keys()).filter((name) => name.includes('shell'))) {
      const paths = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
      kept[name] = paths.filter((path) => wanted.includes(path)).sort();
    }
    return kept;
  }, LATER);

/** @param {string} what it is, should it never be true */
async function eventually(page, what, condition) {
  const end = Date.now() + PATIENCE.timeout;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `waited in vain until ${what}`);
    await page.waitForTimeout(100);
  }
}

/** Waits until some version has kept all of them. */
const restIsKept = (page) =>
  eventually(page, 'the laboratory is kept', async () =>
    Object.values(await keptLater(page)).some((files) => files.length === LATER.length),
  );

const labIsAskedFor = (page) =>
  eventually(page, 'the laboratory is asked for', () => site.server.count('/package/lab-relaxed.wasm') > 0);

/** A first visit in which all was done that needs a network. */
async function wholeVisit(options) {
  const visitor = await visit(site, options);
  await translate(visitor.page, 'Good morning.');
  await shellIsKept(visitor.page);
  await modelIsKept(visitor.page, MODEL['en-pt']);
  return visitor;
}

/** From now on the server has a newer version of the page. */
async function publishNext() {
  const worker = await (await fetch(`${site.server.origin}/service-worker.js`)).text();
  const next = Buffer.from(worker.replace(/BUILD_ID = '.*?'/, "BUILD_ID = 'next'"));
  site.server.faults.set('/service-worker.js', faults.replaced(next, 'text/javascript'));
}

test('a_host_without_the_headers_has_threads_from_the_second_visit_on', async () => {
  const { page, leave } = await visit(site, { path: null });
  site.server.isolated = false;
  await page.goto('/');
  await page.evaluate(() => void (window.first = true));
  await translate(page, 'Good morning.');
  await shellIsKept(page);
  assert.equal(await page.evaluate(() => crossOriginIsolated), false);
  assert.match(await status(page).textContent(), /CPU, 1 thread ·/);
  assert.equal(await page.evaluate(() => window.first), true, 'nobody reloads the page');
  await page.reload();
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  // Helpers start after the first translation.
  await eventually(page, 'there are several threads', async () => {
    await translate(page, `${PARAGRAPH.en} ${Date.now()}`);
    return /CPU, [2-8] threads ·/.test(await status(page).textContent());
  });
  assertWords(await translate(page, PARAGRAPH.en), EXPECTED.en);
  await leave();
});

test('after_one_visit_the_laboratory_works_without_a_network', async () => {
  const { page, context, leave } = await wholeVisit({
    allowed: /registry\.json|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION/,
  });
  assert.deepEqual(
    site.server.requests.filter((path) => LATER.includes(path)),
    [],
    'it competes with nothing',
  );
  await restIsKept(page);
  await context.setOffline(true);
  await site.server.stop();
  try {
    await page.reload();
    assertWords(await translate(page, PARAGRAPH.en), EXPECTED.en);
    const { before, after, bytes } = await page.evaluate(async (path) => {
      const { Model } = await import(new URL('package/index.js', location.href).href);
      const cache = await caches.open('pocketglot-models-v1');
      const key = (await cache.keys()).find(({ url }) => new URL(url).pathname === path);
      const original = await Model.load(await (await cache.match(key)).blob());
      // Wanda looks at what enters the layer, so it needs the calibration text as well.
      const { model, report } = await original.compress({
        step: [
          { method: 'prune', criterion: 'wanda', sparsity: 0.5, target: 'decoder.1.cross.q' },
          { method: 'quantize', bits: 4, target: 'embedding' },
        ],
      });
      return { ...report, bytes: (await model.export()).size };
    }, MODEL['en-pt']);
    assert.equal(bytes, after.file_bytes);
    assert.ok(after.wire_bytes < before.wire_bytes, `${after.wire_bytes} of ${before.wire_bytes} bytes`);
  } finally {
    await site.server.start();
  }
  await leave();
});

test('who_saves_data_keeps_only_what_was_used', async () => {
  const { page, context, leave } = await visit(site, { path: null });
  await context.addInitScript(() => {
    Object.defineProperty(navigator.connection, 'saveData', { value: true });
  });
  await page.goto('/');
  await translate(page, 'Good morning.');
  await modelIsKept(page, MODEL['en-pt']);
  await page.waitForTimeout(LONG_REST_MS);
  assert.deepEqual(Object.values(await keptLater(page)), [[]]);
  await leave();
});

test('what_could_not_be_fetched_is_asked_for_again_at_the_next_visit', async () => {
  const { page, leave } = await visit(site, { allowed: FAILED_REQUESTS });
  site.server.faults.set('/package/lab-relaxed.wasm', faults.serverError());
  await translate(page, 'Good morning.');
  await labIsAskedFor(page);
  assert.deepEqual(Object.values(await keptLater(page)), [[]], 'all or nothing');
  site.server.faults.clear();
  await page.reload();
  await restIsKept(page);
  await leave();
});

test('where_there_is_no_room_files_serve_without_being_kept', async () => {
  const { page, context, leave } = await wholeVisit();
  await page.reload();
  const session = await context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: site.server.origin, quotaSize: 1 });
  const bytes = await page.evaluate(async () => {
    const response = await fetch('package/lab.worker.js');
    return response.ok && (await response.arrayBuffer()).byteLength;
  });
  assert.equal(bytes, statSync(`${DIST}/package/lab.worker.js`).size);
  assert.deepEqual(Object.values(await keptLater(page)), [[]]);
  await leave();
});

test('an_update_does_not_lose_the_rest', async () => {
  const { page, leave } = await wholeVisit();
  await restIsKept(page);
  await page.reload();
  await publishNext();
  await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
  await page.locator('#update').waitFor({ state: 'visible' });
  await Promise.all([page.waitForEvent('load'), page.locator('#update-action').click()]);
  assert.deepEqual(await keptLater(page), { 'pocketglot-shell-next': LATER });
  await leave();
});

test('a_version_keeps_no_files_of_a_newer_one', async () => {
  const { page, leave } = await wholeVisit();
  await publishNext();
  await labIsAskedFor(page);
  await page.waitForTimeout(1000);
  assert.deepEqual(Object.values(await keptLater(page)).flat(), []);
  await leave();
});
