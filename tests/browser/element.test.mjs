// The element <pocket-translator>, as a page has it: under the content security policy of our own page,
// from the built package.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../scripts/files.mjs';
import { DIST, FAILED_REQUESTS, MODEL, assertWords, faults, launch, visit } from './harness.mjs';
import { SiteServer } from './server.mjs';
import { EXPECTED, PARAGRAPH, longText } from './texts.mjs';

const [, POLICY] = /content="(default-src[^"]*)"/.exec(readFileSync(join(ROOT, 'www/index.html'), 'utf8'));
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const SLOW = faults.slow(5e5);

/** A page that allows nothing more than ours, and the script of the element unless it is to come later. */
const page = (script = '<script type="module" src="pocketglot/element.js"></script>') =>
  `<!doctype html><html lang="en"><meta http-equiv="Content-Security-Policy" content="${POLICY}">
  <link rel="icon" href="data:,"><title>element</title>${script}<main><h1>A page</h1></main></html>`;

let site, folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pocketglot-element-'));
  cpSync(join(ROOT, 'examples/element'), folder, { recursive: true });
  symlinkSync(join(DIST, 'package'), join(folder, 'pocketglot'));
  symlinkSync(join(DIST, 'models'), join(folder, 'models'));
  writeFileSync(join(folder, 'bare.html'), page());
  writeFileSync(join(folder, 'later.html'), page(''));
  site = { server: await new SiteServer(folder).start(), browser: await launch() };
});
after(async () => {
  await site.browser.close();
  await site.server.stop();
  rmSync(folder, { recursive: true });
});

/** A visit to a page with an element of these attributes. */
async function meet(attributes = {}, { path = '/bare.html', ...options } = {}) {
  const visitor = await visit(site, { path, ...options });
  await add(visitor.page, { from: 'en', to: 'pt', id: 'first', ...attributes });
  return visitor;
}

const add = (page, attributes) =>
  page.evaluate((attributes) => {
    const element = document.createElement('pocket-translator');
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    document.querySelector('main').append(element);
  }, attributes);

const field = (page, id = 'first') => page.locator(`#${id} textarea`);
const action = (page, id = 'first') => page.locator(`#${id} .action`);

/** A property of the element. */
const get = (page, name, id = 'first') =>
  page.locator(`#${id}`).evaluate((element, name) => element[name], name);

/** The translation of what stands in an element, when it is there. */
async function translated(page, id = 'first') {
  await page.waitForFunction((id) => document.getElementById(id).translation !== '', id);
  return page.locator(`#${id} output`).textContent();
}

async function inState(page, state, id = 'first') {
  await page.waitForFunction(([state, id]) => document.getElementById(id).state === state, [state, id]);
}

/** Workers of the page but for the helpers of the first. */
const engines = (page) => page.workers().filter((worker) => /\/worker\.js$/.test(worker.url())).length;

/** Workers end some moments after they were told to. */
async function noWorkerIsLeft(page) {
  for (let i = 0; i < 100 && page.workers().length > 0; i++) await page.waitForTimeout(100);
  assert.equal(page.workers().length, 0);
}

test('importing_it_where_there_are_no_elements_does_no_harm', () => {
  const script = `import('${join(DIST, 'package/element.js')}').then(({ PocketTranslator }) => console.log(typeof PocketTranslator))`;
  assert.equal(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }), 'function\n');
});

test('nothing_but_its_script_is_loaded_until_somebody_types', async () => {
  const { page, leave } = await meet({ value: 'Good morning.' });
  await page.waitForTimeout(500);
  assert.deepEqual(site.server.requests, ['/bare.html', '/pocketglot/element.js']);
  assert.equal(await field(page).inputValue(), 'Good morning.');
  assert.equal(await get(page, 'state'), 'idle');
  await field(page).fill(PARAGRAPH.en);
  assertWords(await translated(page), EXPECTED.en);
  assert.equal(site.server.count('/pocketglot/index.js'), 1);
  await leave();
});

test('an_eager_one_loads_at_once', async () => {
  const { page, leave } = await meet({ eager: '' });
  await inState(page, 'ready');
  assert.equal(await page.locator('#first output').textContent(), '');
  assert.equal(site.server.count('/models/registry.json'), 1);
  await add(page, { from: 'en', to: 'pt', id: 'second', eager: '', value: 'Good night.', readonly: '' });
  assert.match(await translated(page, 'second'), /^Boa noite/);
  assert.ok(await page.locator('#second .swap').isHidden());
  await leave();
});

test('it_tells_what_it_does_in_events', async () => {
  const { page, leave } = await meet();
  const events = await page.evaluate(async () => {
    const { DownloadProgressEvent } = await import('/pocketglot/index.js');
    const element = document.querySelector('#first');
    const states = [];
    const loaded = [];
    element.addEventListener('statechange', ({ detail }) => states.push(detail.state));
    element.addEventListener('downloadprogress', (event) => {
      loaded.push(event instanceof DownloadProgressEvent ? event.loaded : 'of another class');
    });
    const translate = new Promise((resolve) =>
      element.addEventListener('translate', ({ detail }) => resolve(detail)),
    );
    element.value = 'Good morning.';
    const translation = await element.translateNow();
    return { states, loaded, translation, detail: await translate };
  });
  assert.deepEqual(events.states, ['loading', 'ready', 'translating', 'ready']);
  assert.equal(events.loaded[0], 0);
  assert.equal(events.loaded.at(-1), 1);
  assert.deepEqual(events.detail, { source: 'Good morning.', translation: events.translation });
  assert.match(events.translation, /Bom dia/);
  await leave();
});

test('what_is_typed_while_the_model_loads_is_what_is_translated', async () => {
  const { page, leave } = await meet();
  site.server.faults.set(MODEL['en-pt'], faults.slow(8e6));
  await field(page).fill('The cat sleeps.');
  await inState(page, 'loading');
  await page.waitForTimeout(400);
  await field(page).fill('Good morning.');
  assert.match(await translated(page), /^Bom dia/);
  await field(page).fill('  ');
  assert.equal(await page.locator('#first output').textContent(), '');
  await leave();
});

test('it_can_be_used_by_keyboard', async () => {
  const { page, leave, context } = await meet();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const reached = () =>
    page.evaluate(() => document.querySelector('#first').shadowRoot.activeElement?.className);
  await page.keyboard.press('Tab');
  assert.equal(await reached(), 'swap');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Good morning.');
  await page.keyboard.press('Control+Enter');
  const translation = await translated(page);
  await page.keyboard.press('Tab');
  assert.match(await reached(), /^output/);
  await page.keyboard.press('Tab');
  assert.equal(await reached(), 'copy');
  await page.keyboard.press('Enter');
  await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), translation);
  await page.evaluate(() => document.querySelector('#first').focus());
  assert.equal(await reached(), 'source');
  await leave();
});

test('several_share_one_engine_with_the_package_and_the_last_one_ends_it', async () => {
  const { page, leave } = await meet({ value: 'Good morning.' });
  await add(page, { from: 'en', to: 'pt', id: 'second', value: 'Good night.' });
  await page.evaluate(async () => {
    const { Translator } = await import('/pocketglot/index.js');
    window.translator = await Translator.create({ sourceLanguage: 'en', targetLanguage: 'pt' });
  });
  for (const id of ['first', 'second']) await action(page, id).click();
  for (const id of ['first', 'second']) await translated(page, id);
  assert.equal(engines(page), 1);
  assert.equal(site.server.count(MODEL['en-pt']), 1);

  // Moving an element is no end.
  await page.evaluate(() => {
    const element = document.querySelector('#first');
    element.remove();
    document.body.prepend(element);
  });
  assert.equal(await get(page, 'state'), 'ready');
  await page.evaluate(() => {
    window.translator.destroy();
    document.querySelector('#second').remove();
  });
  await field(page).fill('Where is the library?');
  assert.match(await translated(page), /biblioteca/);
  await page.evaluate(() => (window.element = document.querySelector('#first')).remove());
  await noWorkerIsLeft(page);

  // What was there is there again, and works.
  const error = await page.evaluate(() => window.element.translateNow().catch(({ name }) => name));
  assert.equal(error, 'InvalidStateError');
  await page.evaluate(() => document.body.append(window.element));
  assert.equal(await field(page).inputValue(), 'Where is the library?');
  await field(page).fill('Good morning.');
  assert.match(await translated(page), /^Bom dia/);
  await leave();
});

test('one_that_is_removed_while_it_loads_leaves_no_worker', async () => {
  const { page, leave } = await meet();
  site.server.faults.set(MODEL['en-pt'], SLOW);
  await field(page).fill('Good morning.');
  await page.locator('#first .bytes').filter({ hasText: 'MB' }).waitFor();
  await page.evaluate(() => document.querySelector('#first').remove());
  await noWorkerIsLeft(page);
  assert.ok(site.server.abandoned.includes(MODEL['en-pt']));
  await leave();
});

test('a_download_can_be_cancelled_and_begun_again', async () => {
  const { page, leave } = await meet();
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
  const { page, leave } = await meet({}, { allowed: FAILED_REQUESTS });
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
  const { page, leave } = await meet({}, { allowed: FAILED_REQUESTS });
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
  const { page, leave } = await meet({ to: 'fi', threads: 'many', value: 'Good morning.' });
  await action(page).click();
  await inState(page, 'error');
  assert.match(await page.locator('#first .status').textContent(), /threads must be a whole number/);
  await page.evaluate(() => document.querySelector('#first').removeAttribute('threads'));
  await page.locator('#first .status').filter({ hasText: 'There is no model from en to fi' }).waitFor();
  await page.evaluate(() => (document.querySelector('#first').to = 'pt'));
  assert.match(await translated(page), /^Bom dia/);
  await leave();
});

test('attributes_that_change_together_make_one_new_translator', async () => {
  const { page, leave } = await meet();
  await field(page).fill('Good morning.');
  await translated(page);
  const states = await page.evaluate(async () => {
    const element = document.querySelector('#first');
    const states = [];
    const done = new Promise((resolve) => element.addEventListener('translate', resolve));
    element.addEventListener('statechange', ({ detail }) => states.push(detail.state));
    element.from = 'pt';
    element.to = 'en';
    element.value = 'Boa noite.';
    await done;
    return states;
  });
  assert.deepEqual(states.filter((state) => state === 'loading' || state === 'error'), ['loading']);
  assert.match(await translated(page), /^Good (night|evening)/);
  assert.equal(await page.locator('#first output').getAttribute('lang'), 'en');
  assert.equal(await field(page).getAttribute('lang'), 'pt');
  await leave();
});

test('swapping_turns_the_languages_and_the_texts', async () => {
  const { page, leave } = await meet();
  await field(page).fill('Good morning.');
  const translation = await translated(page);
  await page.getByRole('button', { name: 'Swap languages' }).click();
  assert.equal(await field(page).inputValue(), translation);
  assert.match(await translated(page), /^Good morning/);
  assert.deepEqual([await get(page, 'from'), await get(page, 'to')], ['pt', 'en']);
  await leave();
});

test('a_model_of_ones_own_may_be_given_and_can_not_be_swapped', async () => {
  const { page, leave } = await meet({ registry: '/nothing.json' });
  await page.locator('#first').evaluate(async (element, path) => {
    element.model = await (await fetch(path)).blob();
  }, MODEL['en-pt']);
  await field(page).fill('Good morning.');
  assert.match(await translated(page), /^Bom dia/);
  assert.ok(await page.locator('#first .swap').isHidden());
  await leave();
});

test('a_long_translation_shows_how_far_it_is_and_can_be_stopped', async () => {
  const { page, leave } = await meet();
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

test('a_form_sends_the_translation_and_resets_the_text', async () => {
  const visitor = await visit(site, { path: '/' });
  const { page } = visitor;
  const sent = () => page.evaluate(() => new FormData(document.forms[0]).get('letter'));
  await field(page, 'letter').fill('Good night.');
  assert.equal(await sent(), null);
  assert.equal(await translated(page, 'letter'), await sent());
  await page.evaluate(() => (document.querySelector('#letter').setAttribute('disabled', '')));
  assert.ok(await field(page, 'letter').isDisabled());
  await page.evaluate(() => document.querySelector('#letter').removeAttribute('disabled'));
  await page.getByRole('button', { name: 'Start again' }).click();
  assert.match(await translated(page, 'letter'), /biblioteca/);
  assert.match(await field(page, 'letter').inputValue(), /library/);
  await visitor.leave();
});

test('the_text_is_there_again_on_the_way_back', async () => {
  const { page, leave } = await visit(site, { path: '/' });
  await field(page, 'letter').fill('Good night.');
  await translated(page, 'letter');
  await page.goto('/later.html');
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('#letter')?.value === 'Good night.');
  assert.equal(await field(page, 'letter').inputValue(), 'Good night.');
  assert.equal(await get(page, 'state', 'letter'), 'idle');
  await leave();
});

test('what_a_page_sets_before_the_script_comes_counts', async () => {
  const { page, leave } = await meet({}, { path: '/later.html' });
  await page.evaluate(async () => {
    Object.assign(document.querySelector('#first'), { value: 'Good night.', to: 'pt-BR', eager: true });
    await import('/pocketglot/element.js');
  });
  assert.match(await translated(page), /^Boa noite/);
  assert.equal(await page.locator('#first').getAttribute('to'), 'pt-BR');
  assert.equal(await page.locator('#first .target-language').textContent(), 'Brazilian Portuguese');
  await leave();
});

test('labels_that_are_no_json_are_told_to_the_developer', async () => {
  const { page, leave, complaints } = await meet({ labels: '{copy}' }, { allowed: /the attribute "labels" must be JSON/ });
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
