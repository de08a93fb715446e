// The element <pocket-translator>, as pages and people use it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { action, add, engines, field, get, inState, meet, noWorkerIsLeft, openElementSite, translated } from './element.mjs';
import { DIST, MODEL, assertWords, faults, visit } from './harness.mjs';
import { EXPECTED, PARAGRAPH } from './texts.mjs';

let site;
before(async () => (site = await openElementSite()));
after(() => site.close());

test('importing_it_where_there_are_no_elements_does_no_harm', () => {
  const script = `import('${join(DIST, 'package/element.js')}').then(({ PocketTranslator }) => console.log(typeof PocketTranslator))`;
  assert.equal(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }), 'function\n');
});

test('nothing_but_its_script_is_loaded_until_somebody_types', async () => {
  const { page, leave } = await meet(site, { value: 'Good morning.' });
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
  const { page, leave } = await meet(site, { eager: '' });
  await inState(page, 'ready');
  assert.equal(await page.locator('#first output').textContent(), '');
  assert.equal(site.server.count('/models/registry.json'), 1);
  await add(page, { from: 'en', to: 'pt', id: 'second', eager: '', value: 'Good night.', readonly: '' });
  assert.match(await translated(page, 'second'), /^Boa noite/);
  assert.ok(await page.locator('#second .swap').isHidden());
  await leave();
});

test('it_tells_what_it_does_in_events', async () => {
  const { page, leave } = await meet(site);
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
  const { page, leave } = await meet(site);
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
  const { page, leave, context } = await meet(site);
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
  const { page, leave } = await meet(site, { value: 'Good morning.' });
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

test('attributes_that_change_together_make_one_new_translator', async () => {
  const { page, leave } = await meet(site);
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
  const { page, leave } = await meet(site);
  await field(page).fill('Good morning.');
  const translation = await translated(page);
  await page.getByRole('button', { name: 'Swap languages' }).click();
  assert.equal(await field(page).inputValue(), translation);
  assert.match(await translated(page), /^Good morning/);
  assert.deepEqual([await get(page, 'from'), await get(page, 'to')], ['pt', 'en']);
  await leave();
});

test('a_model_of_ones_own_may_be_given_and_can_not_be_swapped', async () => {
  const { page, leave } = await meet(site, { registry: '/nothing.json' });
  await page.locator('#first').evaluate(async (element, path) => {
    element.model = await (await fetch(path)).blob();
  }, MODEL['en-pt']);
  await field(page).fill('Good morning.');
  assert.match(await translated(page), /^Bom dia/);
  assert.ok(await page.locator('#first .swap').isHidden());
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
  const { page, leave } = await meet(site, {}, { path: '/later.html' });
  await page.evaluate(async () => {
    Object.assign(document.querySelector('#first'), { value: 'Good night.', to: 'pt-BR', eager: true });
    await import('/pocketglot/element.js');
  });
  assert.match(await translated(page), /^Boa noite/);
  assert.equal(await page.locator('#first').getAttribute('to'), 'pt-BR');
  assert.equal(await page.locator('#first .target-language').textContent(), 'Brazilian Portuguese');
  await leave();
});
