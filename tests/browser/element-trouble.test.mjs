// The element <pocket-translator> when something is in its way, or takes long; and how it looks then.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { action, field, get, inState, meet, noWorkerIsLeft, openElementSite, translated } from './element.mjs';
import { FAILED_REQUESTS, MODEL, faults, visit } from './harness.mjs';
import { longText } from './texts.mjs';

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const SLOW = faults.slow(5e5);

let site;
before(async () => (site = await openElementSite()));
after(() => site.close());

test('one_that_is_removed_while_it_loads_leaves_no_worker', async () => {
  const { page, leave } = await meet(site);
  site.server.faults.set(MODEL['en-pt'], SLOW);
  await field(page).fill('Good morning.');
  await page.locator('#first .bytes').filter({ hasText: 'MB' }).waitFor();
  await page.evaluate(() => document.querySelector('#first').remove());
  await noWorkerIsLeft(page);
  assert.ok(site.server.abandoned.includes(MODEL['en-pt']));
  await leave();
});

test('a_download_can_be_cancelled_and_begun_again', async () => {
  const { page, leave } = await meet(site);
  site.server.faults.set(MODEL['en-pt'], SLOW);
  await field(page).fill('Good morning.');
  await page.locator('#first .bytes').filter({ hasText: /\d\.\d of 1\d\.\d MB/ }).waitFor();
  await action(page).click();
  await inState(page, 'cancelled');
  await noWorkerIsLeft(page);
  assert.ok(site.server.abandoned.includes(MODEL['en-pt']));

  // Who has cancelled is not asked to do so after each key.
  site.server.faults.clear();
  await field(page).fill('Good morning, everybody.');
  await page.waitForTimeout(500);
  assert.equal(await get(page, 'state'), 'cancelled');
  assert.equal(await action(page).textContent(), 'Translate');
  await action(page).click();
  assert.match(await translated(page), /^Bom dia/);
  assert.equal(await field(page).inputValue(), 'Good morning, everybody.');
  await leave();
});

test('an_error_is_said_the_text_stays_and_trying_again_helps', async () => {
  const { page, leave } = await meet(site, {}, { allowed: FAILED_REQUESTS });
  await page.evaluate(() => {
    window.errors = { element: [], document: 0 };
    document.querySelector('#first').addEventListener('error', ({ error }) => window.errors.element.push(error.name));
    document.addEventListener('error', () => window.errors.document++);
  });
  site.server.faults.set(MODEL['en-pt'], faults.serverError());
  await field(page).fill('Good morning.');
  await inState(page, 'error');
  assert.match(await page.locator('#first .status').textContent(), /503/);
  assert.deepEqual(await page.evaluate(() => window.errors), { element: ['NetworkError'], document: 0 });
  assert.equal(await field(page).inputValue(), 'Good morning.');
  await page.locator('#first').evaluate((element) => {
    element.labels = { errors: { NetworkError: 'Sem rede.' }, retry: 'Tentar' };
  });
  assert.equal(await page.locator('#first .status').textContent(), 'Sem rede.');
  site.server.faults.clear();
  await page.getByRole('button', { name: 'Tentar' }).click();
  assert.match(await translated(page), /^Bom dia/);
  assert.equal(await get(page, 'error'), null);
  await leave();
});

test('a_script_that_can_not_be_loaded_is_an_error_that_can_be_tried_again', async () => {
  const { page, leave } = await meet(site, {}, { allowed: FAILED_REQUESTS });
  site.server.faults.set('/pocketglot/index.js', faults.serverError());
  await field(page).fill('Good morning.');
  await inState(page, 'error');
  assert.match(await page.locator('#first .status').textContent(), /could not be loaded/);
  site.server.faults.clear();
  await action(page).click();
  assert.match(await translated(page), /^Bom dia/);
  await leave();
});

test('wrong_attributes_are_an_error_that_says_so_until_they_are_right', async () => {
  const { page, leave } = await meet(site, { to: 'fi', threads: 'many', value: 'Good morning.' });
  await action(page).click();
  await inState(page, 'error');
  assert.match(await page.locator('#first .status').textContent(), /threads must be a whole number/);
  await page.evaluate(() => document.querySelector('#first').removeAttribute('threads'));
  await page.locator('#first .status').filter({ hasText: 'There is no model from en to fi' }).waitFor();
  await page.evaluate(() => (document.querySelector('#first').to = 'pt'));
  assert.match(await translated(page), /^Bom dia/);
  await leave();
});

test('a_long_translation_shows_how_far_it_is_and_can_be_stopped', async () => {
  const { page, leave } = await meet(site);
  await field(page).fill('Good morning.');
  await translated(page);
  await field(page).fill(longText(30_000));
  await page.locator('#first progress').waitFor();
  assert.equal(await page.locator('#first .status').textContent(), 'Translating');
  await action(page).click();
  assert.equal(await get(page, 'state'), 'ready');
  assert.equal(await get(page, 'translation'), '');
  assert.equal(await action(page).textContent(), 'Translate');
  await field(page).fill('Good night.');
  assert.match(await translated(page), /^Boa noite/);
  await leave();
});

test('labels_that_are_no_json_are_told_to_the_developer', async () => {
  const { page, leave, complaints } = await meet(site, { labels: '{copy}' }, { allowed: /the attribute "labels" must be JSON/ });
  assert.equal(complaints.length, 1);
  assert.equal(await page.locator('#first .copy').textContent(), 'Copy');
  await leave();
});

/** What axe-core has against the page. */
const violations = (page) =>
  page.evaluate(async () => {
    const { violations, passes } = await window.axe.run(document, { resultTypes: ['violations'] });
    if (!passes.some(({ nodes }) => nodes.some(({ target }) => Array.isArray(target[0]))))
      throw new Error('axe-core has not looked into the element');
    return violations.flatMap(({ id, nodes }) => nodes.map(({ failureSummary }) => `${id}: ${failureSummary}`));
  });

test('no_rule_of_accessibility_is_broken_and_nothing_moves_in_any_state', async () => {
  const { page, leave } = await visit(site, { path: '/', allowed: FAILED_REQUESTS });
  await page.waitForFunction(() => customElements.get('pocket-translator'));
  await page.evaluate(AXE);
  const heights = new Map();
  const check = async (state) => {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      for (const width of [312, 390, 900]) {
        await page.setViewportSize({ width, height: 800 });
        assert.deepEqual(await violations(page), [], `${state}, ${colorScheme}, ${width} pixels`);
        const { height, overflow } = await page.locator('#letter').evaluate((element) => ({
          height: element.offsetHeight,
          overflow: document.documentElement.scrollWidth - innerWidth,
        }));
        assert.ok(overflow <= 0, `${state}: ${width} pixels are too narrow by ${overflow}`);
        if (state !== 'error')
          assert.equal(height, heights.get(width) ?? height, `${state}: the height at ${width} pixels`);
        heights.set(width, heights.get(width) ?? height);
      }
    }
  };
  await check('idle');
  site.server.faults.set(MODEL['en-pt'], SLOW);
  await action(page, 'letter').click();
  await page.locator('#letter .bytes').filter({ hasText: 'MB' }).waitFor();
  await check('loading');
  await action(page, 'letter').click();
  await inState(page, 'cancelled', 'letter');
  await check('cancelled');
  site.server.faults.set(MODEL['en-pt'], faults.serverError());
  await action(page, 'letter').click();
  await inState(page, 'error', 'letter');
  await check('error');
  site.server.faults.clear();
  await action(page, 'letter').click();
  await translated(page, 'letter');
  await check('ready');
  await field(page, 'letter').fill(longText(300));
  await translated(page, 'letter');
  await check('long');

  await page.evaluate(() => document.querySelector('#letter').shadowRoot.querySelector('textarea').removeAttribute('aria-label'));
  await page.evaluate(() => (document.querySelector('#letter').shadowRoot.querySelector('textarea').placeholder = ''));
  assert.match((await violations(page))[0], /^label: /, 'what is wrong would be found');
  await leave();
});
