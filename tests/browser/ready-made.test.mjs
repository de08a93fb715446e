// Healed models beside the page: offered in the laboratory, downloaded, and an experiment like others.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, sha256 } from '../../scripts/files.mjs';
import { DIST, FAILED_REQUESTS, assertWords, faults, openSite, shellIsKept, source, target, translate, translated, visit } from './harness.mjs';

const PROGRAM = process.env.POCKETGLOT_PROGRAM ?? join(ROOT, 'target/release/pocketglot');
/** Scoring takes its time, on a machine under load more so. */
const LONG = { timeout: 600_000 };
const PATIENTLY = { timeout: 240_000 };

const LIST = '/models/healed.json';
const PACKAGE = '/models/small/en-pt.safetensors.gz';
const RECIPE = { step: [{ method: 'quantize', target: 'all', bits: 4, group_size: 64, rounding: 'nearest' }] };
const PAIRS = 'Good morning.\tBom dia.\nNobody knows who will pay.\tNinguém sabe quem vai pagar.\n';

let site;
/** Stands in for a healed one: what it is made of, the page takes from the list. */
let bytes;
before(async () => {
  site = await openSite();
  const scratch = mkdtempSync(join(tmpdir(), 'pocketglot-ready-'));
  const path = join(scratch, 'small.safetensors.gz');
  execFileSync(PROGRAM, ['compress', join(ROOT, 'models/en-pt.safetensors'), '--recipe', 'int4', '-o', path]);
  bytes = readFileSync(path);
  rmSync(scratch, { recursive: true });
});
after(() => site.close());

/** From now on the site has these kinds for English to Portuguese, of one file. */
function serve(kinds, hash = sha256(bytes)) {
  const entry = { source: 'en', target: 'pt', bytes: bytes.length, sha256: hash };
  const made = { how: 'healed', recipe: RECIPE, steps: 150, seconds: 240 };
  const models = kinds.map((kind) => ({ kind, registry: `${kind}/registry.json`, ...entry, ...made }));
  site.server.files.set(LIST, JSON.stringify({ format: 1, models }));
  for (const kind of kinds) {
    const listed = { ...entry, url: 'en-pt.safetensors.gz', size: 99 };
    // Nobody knows what it is before it is unpacked, and the gzip tells.
    listed.size = bytes.readUInt32LE(bytes.length - 4);
    site.server.files.set(`/models/${kind}/registry.json`, JSON.stringify({ format: 1, models: [listed] }));
    site.server.files.set(`/models/${kind}/en-pt.safetensors.gz`, bytes);
  }
}

const part = (page) => page.locator('.part-ready');
const button = (page, name) => part(page).getByRole('button', { name });
const says = (page, pattern) => part(page).getByText(pattern).first().waitFor(PATIENTLY);

async function openLaboratory(page) {
  await page.locator('#open-laboratory').click();
  await page.locator('#laboratory-label').waitFor();
}

/** A visit with the laboratory open, and two pairs to score with. */
async function open(options) {
  const visitor = await visit(site, options);
  const { page } = visitor;
  await translate(page, 'Good morning, my friends.');
  await openLaboratory(page);
  await page.locator('#method').evaluate((details) => (details.open = true));
  await page.locator('#test-set').setInputFiles({ name: 'pairs.tsv', mimeType: 'text/plain', buffer: Buffer.from(PAIRS) });
  return visitor;
}

const scored = (page) =>
  page.waitForFunction(
    () => document.querySelector('#making').hidden && /^chrF/.test(document.querySelector('#quality').textContent),
    undefined,
    PATIENTLY,
  );

/** What the chart's table says of each model: its name, the megabytes, whether it is the one that translates. */
async function tried(page) {
  const table = page.locator('.chart-table');
  await table.evaluate((details) => (details.open = true));
  return table.locator('tbody tr').evaluateAll((all) =>
    all.map((row) => [
      row.querySelector('.pick').textContent.trim(),
      row.children[1].textContent.trim(),
      row.getAttribute('aria-current') === 'true',
    ]),
  );
}

const MB = () => (bytes.length / 1e6).toFixed(1);
const NAME = 'Small, healed, as downloaded';

test('a_healed_model_is_downloaded_translates_and_stands_on_the_chart', LONG, async () => {
  serve(['small']);
  const { page, leave } = await open();
  await says(page, new RegExp(`^Small, healed: ${(bytes.length / 1e6).toFixed(2).replace('.', '\\.')} MB$`));
  await says(page, /Compressed \(4 bits\); then it learned from the original, 150 steps in 4 minutes\./);
  assert.equal(site.server.count(PACKAGE), 0, 'nothing is fetched before it is chosen');
  const original = await target(page).textContent();

  site.server.faults.set(PACKAGE, faults.slow(2e6));
  await button(page, /^Download and use/).focus();
  await page.keyboard.press('Enter');
  await says(page, /^\d+\.\d of \d+\.\d MB$/);
  assert.match(await page.locator('#making-text').textContent(), /^Downloading Small, healed/);
  // Whoever has pressed the button is still there, and may stop it.
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Stop');
  await page.keyboard.press('Enter');
  await button(page, /^Download and use/).waitFor();
  assert.equal(await page.locator('#making-again').textContent(), 'Download now');
  assert.equal(await target(page).textContent(), original);

  site.server.faults.delete(PACKAGE);
  await page.locator('#making-again').click();
  await button(page, /^Translates now/).waitFor(PATIENTLY);
  await scored(page);
  assert.match(await page.locator('#sizes').textContent(), new RegExp(`^${MB()} MB to download instead of`));
  assert.match(await page.locator('#quality').textContent(), /chrF .* · 2 sentences of pairs\.tsv/);
  assert.match(await page.locator('#dials-hint').textContent(), /^A model that was made before: Small, healed/);
  assertWords(await translated(page), ['bom dia|boa']);
  const rows = await tried(page);
  assert.deepEqual(rows.map(([name]) => name).sort(), [NAME, 'original'].sort());
  assert.deepEqual(rows.find(([name]) => name === NAME), [NAME, MB(), true]);
  assert.match(await page.locator('#changes-label').textContent(), /^What changed/);
  // Its recipe stands in the editor, and to take along there is the file as it came.
  assert.equal(await page.locator('.steps > li').count(), 1);
  const downloading = page.waitForEvent('download');
  await page.locator('.part-take .button').click();
  assert.deepEqual(readFileSync(await (await downloading).path()), bytes);
  await leave();
});

test('after_a_reload_it_translates_from_what_the_browser_keeps', LONG, async () => {
  serve(['small', 'tiny']);
  const { page, leave } = await open();
  await button(page, /^Download and use \(Small/).click();
  await scored(page);
  await page.waitForFunction(async () => {
    const keys = await (await caches.open('pocketglot-models-v1')).keys();
    return keys.some(({ url }) => url.includes('/models/small/en-pt'));
  });
  assert.equal(site.server.count(PACKAGE), 1);
  await page.reload();
  await button(page, /^Translates now \(Small/).waitFor(PATIENTLY);
  await scored(page);
  // Back to the original, and to what was tried by the chart.
  await page.locator('#reset').click();
  await button(page, /^Use \(Small/).waitFor();
  await button(page, /^Download and use \(Tiny/).waitFor();
  await tried(page);
  await page.locator('.chart-table').getByRole('button', { name: NAME }).click();
  await button(page, /^Translates now \(Small/).waitFor(PATIENTLY);
  await scored(page);
  assert.equal((await tried(page)).filter(([name]) => name === NAME).length, 1, 'it is the same experiment');
  assert.equal(site.server.count(PACKAGE), 1, 'it was downloaded once');
  assert.equal(site.server.count('/models/tiny/en-pt.safetensors.gz'), 0);
  await leave();
});

test('what_the_browser_no_longer_keeps_is_not_fetched_by_a_reload_but_by_who_asks_for_it', LONG, async () => {
  serve(['small']);
  const { page, leave } = await open();
  await button(page, /^Download and use/).click();
  await scored(page);
  await page.waitForFunction(async () => {
    const cache = await caches.open('pocketglot-models-v1');
    const [key] = (await cache.keys()).filter(({ url }) => url.includes('/models/small/en-pt'));
    return key !== undefined && (await cache.delete(key));
  });
  await page.reload();
  await page.getByText('The smaller model is not in this browser.').waitFor(PATIENTLY);
  assert.equal(await page.locator('#making-again').textContent(), 'Download now');
  assert.equal(site.server.count(PACKAGE), 1);
  await page.locator('#making-again').click();
  await button(page, /^Translates now/).waitFor(PATIENTLY);
  await scored(page);
  assert.equal(site.server.count(PACKAGE), 2);
  await leave();
});

test('without_a_network_what_was_downloaded_can_be_chosen_again', LONG, async () => {
  serve(['small']);
  const { page, context, leave } = await open({ allowed: /registry\.json|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION/ });
  await shellIsKept(page);
  // The first visit has no service worker yet; the second keeps what it uses.
  await page.reload();
  await translated(page);
  await button(page, /^Download and use/).click();
  await scored(page);
  await page.waitForFunction(async () => {
    const names = (await caches.keys()).filter((name) => name.includes('shell'));
    const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)));
    return ['/models/healed.json', '/data/evaluation.en-pt.tsv', '/style/laboratory.css'].every((path) => kept.flat().includes(path));
  }, undefined, PATIENTLY);
  await context.setOffline(true);
  await page.reload();
  await button(page, /^Translates now/).waitFor(PATIENTLY);
  assertWords(await translated(page), ['bom dia|boa']);
  await leave();
});

test('a_wrong_file_is_told_and_may_be_tried_again_and_the_text_is_intact', LONG, async () => {
  serve(['small'], 'f'.repeat(64));
  const { page, leave } = await open();
  const original = await target(page).textContent();
  await button(page, /^Download and use/).click();
  await says(page, /not the expected file and was thrown away.*What translated before still does, and your text is safe/);
  assert.equal(await source(page).inputValue(), 'Good morning, my friends.');
  assert.equal(await target(page).textContent(), original);
  assert.deepEqual((await tried(page)).map(([name]) => name).filter((name) => name === NAME), []);
  serve(['small']);
  await button(page, /^Try again/).click();
  await button(page, /^Translates now/).waitFor(PATIENTLY);
  await scored(page);
  await leave();
});

test('a_server_that_fails_is_told_and_another_recipe_may_be_run_instead', LONG, async () => {
  serve(['small']);
  const { page, leave } = await open({ allowed: FAILED_REQUESTS });
  site.server.faults.set(PACKAGE, faults.serverError());
  await button(page, /^Download and use/).click();
  await button(page, /^Try again/).waitFor(PATIENTLY);
  await says(page, /your text is safe/);
  await page.locator('#rounding').selectOption('nearest');
  await page.locator('#bits-6').check({ force: true });
  await scored(page);
  assert.match(await page.locator('#work-text').textContent(), /^6 bits/);
  await button(page, /^Download and use/).waitFor();
  assert.ok(await part(page).locator('.trouble').isHidden());
  await leave();
});

test('where_there_are_none_or_none_of_the_direction_nothing_is_seen_of_it', LONG, async () => {
  site.server.files.set(LIST, JSON.stringify({ format: 1, models: [] }));
  const first = await visit(site);
  await openLaboratory(first.page);
  await first.page.waitForLoadState('networkidle');
  assert.equal(site.server.count(LIST), 1);
  assert.ok(await part(first.page).isHidden());
  await first.leave();
  serve(['small']);
  const { page, leave } = await visit(site);
  await openLaboratory(page);
  await says(page, /^Small, healed/);
  assert.ok(await button(page, /^Download and use/).isDisabled(), 'there is nothing to compare it with yet');
  await says(page, /^First the original has to be here/);
  await page.locator('#swap').click();
  await part(page).waitFor({ state: 'hidden' });
  await page.locator('#swap').click();
  await part(page).waitFor();
  await leave();
});

test('a_list_that_cannot_be_had_is_told_and_asked_for_again', LONG, async () => {
  serve(['small']);
  const { page, leave } = await visit(site, { path: null, allowed: FAILED_REQUESTS });
  site.server.faults.set(LIST, faults.serverError());
  await page.goto('/');
  await openLaboratory(page);
  await says(page, /could not be found out/);
  site.server.faults.delete(LIST);
  await button(page, 'Try again').click();
  await says(page, /^Small, healed/);
  await leave();
});

test('the_built_page_has_the_list_that_it_asks_for', () => {
  const { format, models } = JSON.parse(readFileSync(join(DIST, 'models/healed.json'), 'utf8'));
  assert.equal(format, 1);
  for (const { kind, registry } of models) assert.equal(registry, `${kind}/registry.json`);
});
