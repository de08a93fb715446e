// What the page says when something fails, that it keeps the text, and that it goes on when the fault
// is gone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  BREAKDOWN,
  FAILED_REQUESTS,
  MODEL,
  action,
  faults,
  modelIsKept,
  notice,
  noticeSays,
  openSite,
  source,
  target,
  translate,
  translated,
  visit,
} from './harness.mjs';

const TEXT = 'The train was late again.';
const WORD = /trem|comboio/i;

let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** Meets the fault, reads the message, lifts the fault, tries again. */
async function failsThenRecovers({ path, fault, says, allowed = FAILED_REQUESTS, requests = [1, Infinity] }) {
  const { page, leave } = await visit(site, { path: null, allowed });
  site.server.faults.set(path, fault);
  await page.goto('/');
  await source(page).fill(TEXT);
  await noticeSays(page, says);
  assert.match(await notice(page).textContent(), /Your text is safe/);
  assert.equal(await source(page).inputValue(), TEXT);
  assert.equal(await action(page).textContent(), 'Try again');
  const [least, most = least] = requests;
  const count = site.server.count(path);
  assert.ok(count >= least && count <= most, `${count} requests, expected were ${requests}`);
  site.server.faults.clear();
  await action(page).click();
  assert.match(await translated(page), WORD);
  assert.ok(await notice(page).isHidden());
  assert.equal(await source(page).inputValue(), TEXT);
  await leave();
}

test('a_missing_model_file_is_named', () =>
  failsThenRecovers({
    path: MODEL['en-pt'],
    fault: faults.notFound(),
    says: /not found on the server \(404\).*en-pt\.safetensors\.gz/,
    requests: [1],
  }));

test('a_download_that_is_cut_off_again_and_again_says_how_far_it_came', () =>
  failsThenRecovers({
    path: MODEL['en-pt'],
    fault: faults.cut(0.5),
    says: /The download stopped after \d+\.\d of \d+\.\d MB/,
    // One that brings something, and three that do not; on a busy machine the connection may break before
    // all that was sent is here, and another one brings some more.
    requests: [4, 12],
  }));

test('a_file_with_the_wrong_hash_is_thrown_away', () =>
  failsThenRecovers({
    path: MODEL['en-pt'],
    fault: faults.damaged(),
    says: /not the expected file and was thrown away.*SHA-256/,
    requests: [1],
  }));

test('a_missing_list_of_models_is_named', async () => {
  const { page, leave } = await visit(site, { path: null, allowed: FAILED_REQUESTS });
  site.server.faults.set('/models/registry.json', faults.serverError());
  await page.goto('/');
  await noticeSays(page, /list of models.*503/);
  await source(page).fill(TEXT);
  site.server.faults.clear();
  await action(page).click();
  assert.match(await translated(page), WORD);
  await leave();
});

test('a_damaged_engine_is_reported_and_another_try_fetches_it_anew', () =>
  failsThenRecovers({
    path: '/package/engine-relaxed.wasm',
    fault: faults.damaged(),
    says: /engine could not be started/,
  }));

test('an_engine_that_cannot_be_fetched_is_reported', () =>
  failsThenRecovers({
    path: '/package/engine-relaxed.wasm',
    fault: faults.notFound(),
    says: /engine could not be downloaded.*404/,
  }));

test('a_worker_that_cannot_be_loaded_is_reported', () =>
  failsThenRecovers({
    path: '/package/worker.js',
    fault: faults.notFound(),
    says: /engine could not be loaded/,
  }));

test('cancelling_a_download_stops_it_at_once_and_it_can_be_started_again', async () => {
  const { page, leave } = await visit(site);
  site.server.faults.set(MODEL['en-pt'], faults.slow(2e6));
  await source(page).fill(TEXT);
  await noticeSays(page, /Downloading/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await noticeSays(page, /cancelled/);
  await waitUntil(() => site.server.abandoned.includes(MODEL['en-pt']), 'the transfer is given up');
  await source(page).fill(`${TEXT} Again.`);
  await page.waitForTimeout(300);
  assert.equal(
    site.server.count(MODEL['en-pt']),
    1,
    'after a cancel, typing alone does not start it again',
  );
  site.server.faults.clear();
  await page.getByRole('button', { name: 'Download now' }).click();
  assert.match(await translated(page), WORD);
  assert.equal(await source(page).inputValue(), `${TEXT} Again.`);
  await leave();
});

test('a_breakdown_of_the_engine_is_reported_and_the_page_goes_on', async () => {
  const { page, leave } = await visit(site, { path: null });
  site.server.faults.set('/package/worker.js', faults.appended(BREAKDOWN));
  await page.goto('/');
  const first = await translate(page, TEXT);
  await modelIsKept(page, MODEL['en-pt']);
  await source(page).fill(`${TEXT} BREAKDOWN`);
  await noticeSays(page, /engine stopped: unreachable/);
  assert.equal(site.server.count('/package/worker.js'), 2, 'it was tried once more before');
  assert.equal(await source(page).inputValue(), `${TEXT} BREAKDOWN`);
  assert.equal(await target(page).textContent(), first, 'the last translation stays');
  await source(page).fill(TEXT);
  assert.equal(await translated(page), first);
  assert.equal(site.server.count(MODEL['en-pt']), 1, 'the new worker takes the model from storage');
  await leave();
});

test('without_room_in_the_browser_it_works_and_says_that_nothing_is_kept', async () => {
  const { page, context, leave } = await visit(site);
  const session = await context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', {
    origin: site.server.origin,
    quotaSize: 3e6,
  });
  assert.match(await translate(page, TEXT), WORD);
  await noticeSays(page, /did not let the page keep the model/);
  await leave();
});

async function waitUntil(condition, what) {
  for (const end = Date.now() + 10_000; !condition();) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
