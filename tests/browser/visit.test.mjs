// The page as a visitor meets it: first visit, both directions, a later visit without any network.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  MODEL,
  action,
  assertWords,
  faults,
  modelIsKept,
  notice,
  noticeSays,
  openSite,
  shellIsKept,
  source,
  status,
  target,
  translate,
  translated,
  visit,
} from './harness.mjs';
import { EXPECTED, PARAGRAPH } from './texts.mjs';

let site;
before(async () => (site = await openSite()));
after(() => site.close());

test('first_visit_says_what_is_downloaded_and_fetches_no_model_before_it_is_wanted', async () => {
  const { page, leave } = await visit(site);
  await noticeSays(page, /English → Português is a download of \d+\.\d MB.*kept/);
  assert.equal(await page.locator('.sample').count(), 3);
  assert.equal(site.server.count(MODEL['en-pt']), 0);
  await leave();
});

test('first_visit_shows_a_growing_bar_and_then_translates', async () => {
  const { page, leave } = await visit(site);
  site.server.faults.set(MODEL['en-pt'], faults.slow(8e6));
  await source(page).fill(PARAGRAPH.en);
  const bar = page.locator('#download');
  await bar.waitFor({ state: 'visible' });
  await noticeSays(page, /Downloading English → Português: \d+\.\d of \d+\.\d MB/);
  const share = () => bar.evaluate((element) => element.value / element.max);
  const first = await share();
  await page.waitForFunction(
    (first) => document.querySelector('#download').position > first + 0.1,
    first,
  );
  assertWords(await translated(page), EXPECTED.en);
  assert.ok(await notice(page).isHidden(), 'nothing is left to say about the download');
  assert.match(
    await status(page).textContent(),
    /on your device · CPU, \d threads? · [\d.,]+\s?m?s · nothing leaves this page/,
  );
  await leave();
});

test('a_sample_sentence_is_translated_by_one_click', async () => {
  const { page, leave } = await visit(site);
  await page.getByRole('button', { name: /nearest pharmacy/ }).click();
  assertWords(await translated(page), ['farmácia']);
  await leave();
});

test('swapping_translates_the_translation_back_and_swapping_again_restores_the_text', async () => {
  const { page, leave } = await visit(site);
  const portuguese = await translate(page, PARAGRAPH.en);
  await page.getByRole('button', { name: 'Swap languages' }).click();
  assert.equal(await source(page).inputValue(), portuguese);
  assert.equal(await source(page).getAttribute('lang'), 'pt-BR');
  assert.equal(await target(page).getAttribute('lang'), 'en');
  assert.notEqual(
    await target(page).textContent(),
    '',
    'the pane is never blank while the new model loads',
  );
  assertWords(await translated(page), ['Tuesday', 'hospital', 'mayor', 'March', 'bridge']);
  assert.match(page.url(), /#pt-en$/);
  await page.getByRole('button', { name: 'Swap languages' }).click();
  assert.equal(await source(page).inputValue(), PARAGRAPH.en);
  assert.equal(await translated(page), portuguese);
  await leave();
});

test('the_address_chooses_the_direction', async () => {
  const { page, leave } = await visit(site, { path: '/#pt-en' });
  assert.equal(await page.locator('#source-language').inputValue(), 'pt');
  assertWords(await translate(page, PARAGRAPH.pt), EXPECTED.pt);
  await leave();
});

test('text_and_direction_survive_a_reload', async () => {
  const { page, leave } = await visit(site, { path: '/#pt-en' });
  await source(page).fill('Bom dia.\n\nAté amanhã.');
  const before = await translated(page);
  await modelIsKept(page, MODEL['pt-en']);
  await page.reload();
  assert.equal(await source(page).inputValue(), 'Bom dia.\n\nAté amanhã.');
  assert.equal(await translated(page), before);
  assert.equal(site.server.count(MODEL['pt-en']), 1, 'the model is downloaded once');
  await leave();
});

test('a_reload_without_network_still_translates', async () => {
  // Offline, Chromium reports the one request that finds no server: that for the list of models.
  const { page, context, leave } = await visit(site, {
    allowed: /registry\.json|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION/,
  });
  await translate(page, 'Good morning.');
  await shellIsKept(page);
  await modelIsKept(page, MODEL['en-pt']);
  const engines = await page.evaluate(async () => {
    const name = (await caches.keys()).find((name) => name.includes('shell'));
    const files = await (await caches.open(name)).keys();
    return files.map(({ url }) => new URL(url).pathname).filter((path) => path.includes('engine-'));
  });
  assert.deepEqual(engines, ['/package/engine-relaxed.wasm'], 'the build that runs here, and no other');
  await context.setOffline(true);
  await site.server.stop();
  try {
    await page.reload();
    assertWords(await translate(page, PARAGRAPH.en), EXPECTED.en);
    assert.match(await status(page).textContent(), /offline/);
    await page.getByRole('button', { name: 'Swap languages' }).click();
    await noticeSays(page, /offline.*has not been downloaded/i);
    assert.ok(await action(page).isVisible());
  } finally {
    await site.server.start();
  }
  await leave();
});

test('a_new_version_of_the_page_waits_until_it_is_asked_for', async () => {
  const { page, leave } = await visit(site);
  await translate(page, 'Good morning.');
  await shellIsKept(page);
  await page.reload();
  const worker = await (await fetch(`${site.server.origin}/service-worker.js`)).text();
  const next = Buffer.from(worker.replace(/BUILD_ID = '.*?'/, "BUILD_ID = 'next'"));
  site.server.faults.set('/service-worker.js', faults.replaced(next, 'text/javascript'));
  await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
  await page.locator('#update').waitFor({ state: 'visible' });
  const shells = () =>
    page.evaluate(async () => (await caches.keys()).filter((name) => name.includes('shell')));
  assert.equal((await shells()).length, 2, 'the old version stays while it is in use');
  await Promise.all([page.waitForEvent('load'), page.locator('#update-action').click()]);
  assert.equal(await source(page).inputValue(), 'Good morning.');
  await translated(page);
  assert.deepEqual(await shells(), ['pocketglot-shell-next']);
  await leave();
});
