// Live translation while someone types, pastes, clears, copies, or works by keyboard.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openSite, source, target, translate, translated, visit } from './harness.mjs';
import { longText } from './texts.mjs';

let site;
before(async () => (site = await openSite()));
after(() => site.close());

test('typing_translates_without_a_button_and_never_blanks_the_pane', async () => {
  const { page, leave } = await visit(site);
  await translate(page, 'Good morning.');
  await page.evaluate(() => {
    window.blanks = 0;
    const pane = document.querySelector('#target');
    new MutationObserver(() => (window.blanks += pane.textContent === '' ? 1 : 0)).observe(pane, {
      childList: true,
    });
  });
  await source(page).press('End');
  await source(page).pressSequentially(' Where is the library?', { delay: 40 });
  await page.waitForFunction(() =>
    /biblioteca/i.test(document.querySelector('#target').textContent),
  );
  assert.equal(await page.evaluate(() => window.blanks), 0);
  await leave();
});

test('a_stale_request_is_cancelled_while_typing_goes_on', async () => {
  const { page, leave } = await visit(site);
  await translate(page, 'Good morning.');
  await page.evaluate(() => {
    window.seen = [];
    const pane = document.querySelector('#target');
    new MutationObserver(() => window.seen.push(pane.textContent)).observe(pane, {
      childList: true,
    });
  });
  await source(page).fill(longText(40_000));
  await page.locator('#work').waitFor({ state: 'visible' });
  assert.match(await page.locator('#work-text').textContent(), /[\d,]+ of [\d,]+ words/);
  const started = Date.now();
  await source(page).fill('Where is the library?');
  assert.match(await translated(page), /biblioteca/i);
  assert.ok(Date.now() - started < 5000, 'the long text is not waited for');
  assert.ok(
    (await page.evaluate(() => window.seen)).every((text) => /…|biblioteca/i.test(text)),
    'its result never shows',
  );
  await leave();
});

test('a_paste_of_5000_words_is_translated_whole', { timeout: 900_000 }, async () => {
  const { page, leave } = await visit(site);
  const text = longText(5000);
  await source(page).fill(text);
  await page.waitForFunction(() =>
    /\p{L}[^]*…/u.test(document.querySelector('#target').textContent),
  );
  const translation = await translated(page, 800_000);
  const paragraphs = text.split('\n\n').length;
  assert.equal(translation.split('\n\n').length, paragraphs, 'paragraphs stay apart');
  assert.match(translation, new RegExp(`\\b${paragraphs}\\b`), 'the last paragraph is there');
  assert.ok(translation.split(/\s+/).length > 4000);

  // From now on only what changes is translated.
  const started = Date.now();
  await source(page).press('Control+End');
  await source(page).pressSequentially('\nWhere is the library?');
  await page.waitForFunction(() =>
    /biblioteca/i.test(document.querySelector('#target').textContent),
  );
  assert.equal(
    await translated(page),
    `${translation}\n${(await target(page).textContent()).split('\n').at(-1)}`,
  );
  assert.ok(Date.now() - started < 10_000, 'an edit of a long text is answered like a short text');
  await leave();
});

test('a_long_translation_can_be_stopped_and_taken_up_again', async () => {
  const { page, leave } = await visit(site);
  await translate(page, 'Good morning.');
  const text = longText(40_000);
  await source(page).fill(text);
  await page.getByRole('button', { name: 'Stop' }).click();
  assert.ok(await page.locator('#work').isHidden());
  assert.equal(await source(page).inputValue(), text);
  await source(page).fill('Where is the library?');
  assert.match(await translated(page), /biblioteca/i);
  await leave();
});

test('clearing_can_be_undone_by_the_button_and_by_the_keyboard', async () => {
  const { page, leave } = await visit(site);
  const translation = await translate(page, 'Where is the library?');
  const clear = page.locator('#clear');
  await clear.click();
  assert.equal(await source(page).inputValue(), '');
  assert.equal(await target(page).textContent(), '');
  assert.equal(await clear.textContent(), 'Undo');
  await clear.click();
  assert.equal(await source(page).inputValue(), 'Where is the library?');
  assert.equal(await translated(page), translation);
  await clear.click();
  await page.keyboard.press('Control+z');
  assert.equal(await source(page).inputValue(), 'Where is the library?');
  assert.equal(await translated(page), translation);
  await leave();
});

test('copy_puts_the_translation_on_the_clipboard', async () => {
  const { page, leave } = await visit(site, { permissions: ['clipboard-read', 'clipboard-write'] });
  const translation = await translate(page, 'Where is the library?');
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), translation);
  await leave();
});

test('everything_is_reached_by_keyboard_in_reading_order', async () => {
  const { page, leave } = await visit(site);
  await translate(page, 'Where is the library?');
  // A click on the heading is where the tabulator starts from.
  await page.locator('h1').click();
  const order = [];
  for (let i = 0; i < 18; i++) {
    await page.keyboard.press('Tab');
    order.push(
      await page.evaluate(() => {
        const { activeElement: focused } = document;
        return focused.id || focused.lang || (focused.getAttribute('href') ?? focused.localName);
      }),
    );
  }
  assert.deepEqual(order, [
    'en',
    'zh-Hant',
    'theme',
    'source-language',
    'swap',
    'target-language',
    'source',
    'clear',
    'target',
    'copy',
    'summary',
    'guide-dismiss',
    'bits-8',
    'sparsity',
    'summary',
    'open-laboratory',
    'models/LICENSE.txt',
    'third-party-notices.txt',
  ]);
  await leave();
});

test('screen_readers_hear_of_a_finished_translation_once', async () => {
  const { page, leave } = await visit(site);
  await translate(page, 'Good morning.');
  await page.evaluate(() => {
    window.heard = [];
    const announcer = document.querySelector('#announcer');
    new MutationObserver(() => window.heard.push(announcer.textContent.trim())).observe(announcer, {
      childList: true,
    });
  });
  await source(page).press('End');
  await source(page).pressSequentially(' Where is the library?', { delay: 30 });
  await translated(page);
  await page.waitForFunction(() => window.heard.length > 0);
  await page.waitForTimeout(1500);
  assert.deepEqual(await page.evaluate(() => window.heard), ['Translation updated.']);
  await leave();
});
