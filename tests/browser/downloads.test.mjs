// How the package fetches, checks and keeps model files, and what it says when that fails.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DIST, FAILED_REQUESTS, MODEL, faults, openSite, visitPackage } from './harness.mjs';

const EN_PT = { sourceLanguage: 'en', targetLanguage: 'pt' };

let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** Another registry: the server puts what it is told in the place of a file that there is. */
const ELSEWHERE = '/package/package.json';

const create = async ({ Translator }, options) =>
  Translator.create({ sourceLanguage: 'en', targetLanguage: 'pt', ...options }).then(
    async (translator) => ({ kept: await translator.kept, info: translator.info }).info,
    ({ name, message }) => ({ name, message }),
  );
const keptModels = () =>
  caches
    .open('pocketglot-models-v1')
    .then(async (cache) =>
      (await cache.keys())
        .map((request) => new URL(request.url).pathname)
        .filter((path) => path.endsWith('.gz')),
    );

for (const [what, fault, name, message] of [
  [
    'a_web_page_instead_of_the_file',
    faults.replaced('<!doctype html>', 'text/html'),
    'NetworkError',
    /web page instead/,
  ],
  [
    'another_length',
    faults.replaced(Buffer.alloc(1000)),
    'NetworkError',
    /1000 bytes, the list of models says \d+/,
  ],
  ['a_refusal', faults.serverError(), 'NetworkError', /status 503/],
  ['a_cut', faults.cut(0.3), 'NetworkError', /stopped after \d+\.\d of \d+\.\d MB/],
  ['wrong_bytes', faults.damaged(), 'NetworkError', /SHA-256/],
]) {
  test(`${what}_is_reported_and_leaves_nothing_in_storage`, async () => {
    const { run, page, leave } = await visitPackage(site, { allowed: FAILED_REQUESTS });
    site.server.faults.set(MODEL['en-pt'], fault);
    const error = await run(create);
    assert.equal(error.name, name);
    assert.match(error.message, message);
    assert.deepEqual(await page.evaluate(keptModels), []);
    await leave();
  });
}

test('a_server_that_has_the_browser_unpack_the_file_is_served_but_the_hash_is_not_checked', async () => {
  const { run, page, leave } = await visitPackage(site);
  site.server.faults.set(MODEL['en-pt'], faults.headers({ 'Content-Encoding': 'gzip' }));
  for (const visit of ['first', 'second']) {
    const { kept, verified, wire_bytes } = await run(create);
    const bytes = readFileSync(DIST + MODEL['en-pt']).length;
    assert.deepEqual(
      { kept, verified, wire_bytes },
      { kept: true, verified: false, wire_bytes: bytes },
      visit,
    );
    await page.reload();
  }
  assert.equal(site.server.count(MODEL['en-pt']), 1);
  await leave();
});

test('one_cut_is_forgiven', async () => {
  const { run, leave } = await visitPackage(site, { allowed: FAILED_REQUESTS });
  const cut = faults.cut(0.6);
  site.server.faults.set(MODEL['en-pt'], (...all) => {
    site.server.faults.clear();
    cut(...all);
  });
  assert.equal((await run(create)).kept, true);
  assert.equal(site.server.count(MODEL['en-pt']), 2);
  await leave();
});

test('a_file_that_is_no_model_is_a_data_error_and_is_not_kept', async () => {
  const { run, page, leave } = await visitPackage(site);
  site.server.faults.set(
    '/models/registry.json',
    faults.replaced('{"format": 2}', 'application/json'),
  );
  assert.match((await run(create)).message, /"format" must be 1/);
  site.server.faults.clear();
  for (const bytes of [
    Buffer.from('not a model at all'),
    gzipSync('nor is this').subarray(0, 20),
  ]) {
    site.server.faults.set(MODEL['en-pt'], faults.replaced(bytes));
    const error = await run(create, { model: MODEL['en-pt'] });
    assert.equal(error.name, 'DataError', error.message);
    assert.deepEqual(await page.evaluate(keptModels), []);
  }
  await leave();
});

test('a_model_that_unpacks_to_another_size_is_refused', async () => {
  const { run, leave } = await visitPackage(site);
  const registry = JSON.parse(readFileSync(`${DIST}/models/registry.json`, 'utf8'));
  for (const model of registry.models) model.size = 1000;
  site.server.faults.set(
    '/models/registry.json',
    faults.replaced(JSON.stringify(registry), 'application/json'),
  );
  const error = await run(create);
  assert.equal(error.name, 'OperationError');
  assert.match(error.message, /unpacks to more/);
  await leave();
});

test('a_new_version_of_a_model_replaces_the_old_one', async () => {
  const { run, page, leave } = await visitPackage(site);
  const old = await run(create);
  const packed = gzipSync(gunzipSync(readFileSync(DIST + MODEL['en-pt'])), { level: 0 });
  const registry = JSON.parse(readFileSync(`${DIST}/models/registry.json`, 'utf8'));
  const entry = registry.models.find((model) => model.source === 'en' && model.target === 'pt');
  entry.bytes = packed.length;
  entry.sha256 = createHash('sha256').update(packed).digest('hex');
  site.server.faults.set(
    '/models/registry.json',
    faults.replaced(JSON.stringify(registry), 'application/json'),
  );
  site.server.faults.set(MODEL['en-pt'], faults.replaced(packed));
  // Another visit: the old model is no longer in memory.
  await page.reload();
  const info = await run(create);
  assert.equal(info.wire_bytes, packed.length);
  assert.notEqual(info.wire_bytes, old.wire_bytes);
  assert.deepEqual(await page.evaluate(keptModels), [MODEL['en-pt']]);
  await leave();
});

test('the_former_version_serves_while_the_new_one_cannot_be_had', async () => {
  const { run, page, context, leave } = await visitPackage(site, { allowed: FAILED_REQUESTS });
  assert.ok((await run(create)).verified);
  const registry = JSON.parse(readFileSync(`${DIST}/models/registry.json`, 'utf8'));
  for (const model of registry.models) model.sha256 = '0'.repeat(64);
  const deployed = Buffer.from(JSON.stringify(registry));
  site.server.faults.set('/models/registry.json', faults.replaced(deployed, 'application/json'));
  site.server.faults.set(MODEL['en-pt'], faults.serverError());
  // Another visit: the model is no longer in memory.
  await page.reload();
  const availability = ({ Translator }) =>
    Translator.availability({ sourceLanguage: 'en', targetLanguage: 'pt' });
  assert.equal(await run(availability), 'downloadable');
  const former = await run(create);
  assert.deepEqual([former.target, former.kept, former.verified], ['pt', true, false]);
  await context.setOffline(true);
  assert.equal(await run(availability), 'available');
  await context.setOffline(false);
  await leave();
});

/** The list of models, changed, at a path. @param {(entry: any) => void} change of English to Portuguese */
function serveRegistry(path, change) {
  const registry = JSON.parse(readFileSync(`${DIST}/models/registry.json`, 'utf8'));
  for (const model of registry.models) model.url = `/models/${model.url}`;
  change(registry.models.find((model) => model.source === 'en' && model.target === 'pt'));
  site.server.faults.set(path, faults.replaced(JSON.stringify(registry), 'application/json'));
}

test('the_same_file_at_another_url_is_found_by_its_hash', async () => {
  const { run, page, leave } = await visitPackage(site);
  assert.equal((await run(create)).verified, true);
  const other = `${MODEL['en-pt']}?from=elsewhere`;
  serveRegistry(ELSEWHERE, (entry) => (entry.url = other));
  await page.reload();
  const options = { registry: ELSEWHERE };
  const availability = ({ Translator }, options) =>
    Translator.availability({ sourceLanguage: 'en', targetLanguage: 'pt', ...options });
  assert.equal(await run(availability, options), 'available');
  const { kept, verified } = await run(create, options);
  assert.deepEqual([kept, verified], [true, true]);
  assert.equal(site.server.count(MODEL['en-pt']), 1);
  await leave();
});

test('a_copy_whose_hash_was_not_compared_serves_no_other_url', async () => {
  const { run, page, leave } = await visitPackage(site);
  site.server.faults.set(MODEL['en-pt'], faults.headers({ 'Content-Encoding': 'gzip' }));
  assert.equal((await run(create)).verified, false);
  site.server.faults.clear();
  serveRegistry(ELSEWHERE, (entry) => (entry.url += '?from=elsewhere'));
  await page.reload();
  assert.equal((await run(create, { registry: ELSEWHERE })).verified, true);
  assert.equal(site.server.count(MODEL['en-pt']), 2);
  await leave();
});

test('versions_of_a_pair_replace_each_other_in_one_registry_whatever_their_urls', async () => {
  const { run, page, leave } = await visitPackage(site);
  const packed = gzipSync(gunzipSync(readFileSync(DIST + MODEL['en-pt'])), { level: 0 });
  const parameters = (name) =>
    page.evaluate(
      async (name) =>
        (await (await caches.open('pocketglot-models-v1')).keys())
          .map(({ url }) => new URL(url).searchParams.get(name))
          .filter(Boolean),
      name,
    );
  const keptHashes = () => parameters('pocketglot-sha256');
  const elsewhere = { registry: ELSEWHERE };
  const hashes = { new: createHash('sha256').update(packed).digest('hex') };
  const renew = (entry) => {
    hashes.old = entry.sha256;
    Object.assign(entry, { url: MODEL['pt-en'], bytes: packed.length, sha256: hashes.new });
  };
  await run(create);
  // Another registry lists the old version too: it stays as long as one of the two does so.
  serveRegistry(elsewhere.registry, () => {});
  await page.reload();
  await run(create, elsewhere);
  // That a copy was found is noted while nobody waits for it.
  while ((await parameters('pocketglot-pair')).length < 2) await page.waitForTimeout(50);
  for (const [path, options, kept] of [
    ['/models/registry.json', {}, () => [hashes.old, hashes.new]],
    [elsewhere.registry, elsewhere, () => [hashes.new]],
  ]) {
    serveRegistry(path, renew);
    site.server.faults.set(MODEL['pt-en'], faults.replaced(packed));
    await page.reload();
    assert.equal((await run(create, options)).wire_bytes, packed.length);
    while ((await keptHashes()).length > kept().length) await page.waitForTimeout(50);
    assert.deepEqual((await keptHashes()).sort(), kept().sort(), path);
  }
  assert.deepEqual([site.server.count(MODEL['en-pt']), site.server.count(MODEL['pt-en'])], [1, 1]);
  await leave();
});

test('aborting_stops_the_transfer_at_once_and_silences_progress', async () => {
  const { run, leave } = await visitPackage(site);
  site.server.faults.set(MODEL['en-pt'], faults.slow(2e6));
  const result = await run(async ({ Translator }, pair) => {
    const controller = new AbortController();
    let after = 0;
    let settled = 0;
    const monitor = (m) =>
      m.addEventListener('downloadprogress', ({ loadedBytes }) => {
        if (controller.signal.aborted) after++;
        if (loadedBytes > 200_000) controller.abort();
      });
    controller.signal.addEventListener('abort', () => (settled = -performance.now()));
    const error = await Translator.create({ ...pair, monitor, signal: controller.signal }).catch(
      (e) => e,
    );
    settled += performance.now();
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { name: error.name, isReason: error === controller.signal.reason, settled, after };
  }, EN_PT);
  assert.equal(result.name, 'AbortError');
  assert.ok(result.isReason);
  assert.ok(result.settled < 100, `settled after ${result.settled} ms`);
  assert.equal(result.after, 0);
  assert.deepEqual(site.server.abandoned, [MODEL['en-pt']]);
  await leave();
});

test('two_translators_share_one_download_and_one_may_give_up', async () => {
  const { run, leave } = await visitPackage(site);
  site.server.faults.set(MODEL['en-pt'], faults.slow(12e6));
  const names = await run(async ({ Translator }, pair) => {
    const controller = new AbortController();
    const both = [
      Translator.create({ ...pair, signal: controller.signal }),
      Translator.create(pair),
    ];
    setTimeout(() => controller.abort(), 200);
    const results = await Promise.allSettled(both);
    return results.map(({ value, reason }) => reason?.name ?? value.constructor.name);
  }, EN_PT);
  assert.deepEqual(names, ['AbortError', 'Translator']);
  assert.equal(site.server.count(MODEL['en-pt']), 1);
  await leave();
});
