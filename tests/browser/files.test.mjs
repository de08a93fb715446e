// Files that a visitor brings: dropped texts, sentence pairs and models.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MODEL, assertWords, noticeSays, openSite, source, target, translate, translated, visit } from './harness.mjs';
import { PARAGRAPH } from './texts.mjs';

const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PROGRAM = process.env.POCKETGLOT_PROGRAM ?? file('target/release/pocketglot');
const LONG = { timeout: 300_000 };

let site;
let scratch;
before(async () => {
  site = await openSite();
  scratch = mkdtempSync(join(tmpdir(), 'pocketglot-files-'));
});
after(async () => {
  await site.close();
  rmSync(scratch, { recursive: true });
});

/** Drops files on the page, as a hand with a mouse does. @param {{ name: string, bytes: Buffer }[]} files */
async function drop(page, files) {
  const given = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') }));
  await page.evaluate((given) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of given) {
      transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    }
    const target = document.querySelector('#target');
    for (const type of ['dragenter', 'dragover', 'drop'])
      target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, given);
}

describe('dropped files', () => {
  test('a_text_is_translated_and_undo_brings_the_former_one_back', async () => {
    const { page, leave } = await visit(site);
    await translate(page, 'Good morning.');
    await drop(page, [{ name: 'letter.txt', bytes: PARAGRAPH.en }]);
    // A file is read while the page goes on.
    await page.waitForFunction((text) => document.querySelector('#source').value === text, PARAGRAPH.en);
    await page.waitForFunction(() => document.querySelector('#target').textContent.length > 60);
    assertWords(await translated(page), ['hospital']);
    assert.ok(await page.locator('#drop-zone').isHidden());
    await page.keyboard.press('Control+z');
    assert.equal(await source(page).inputValue(), 'Good morning.');
    await leave();
  });

  test('texts_in_other_encodings_are_read_as_they_were_meant', async () => {
    const { page, leave } = await visit(site, { path: '/#pt-en' });
    for (const bytes of [Buffer.from('Até amanhã.', 'latin1'), Buffer.from('\uFEFFAté amanhã.', 'utf16le'), Buffer.from('\uFEFFAté amanhã.')]) {
      await page.locator('#source').fill('');
      await drop(page, [{ name: 'a.txt', bytes }]);
      await page.waitForFunction(() => document.querySelector('#source').value === 'Até amanhã.');
    }
    await leave();
  });

  test('what_is_no_use_here_is_said_and_changes_nothing', async () => {
    const { page, leave } = await visit(site);
    await source(page).fill('Good morning.');
    await drop(page, [{ name: 'photo.jpg', bytes: 'x' }]);
    await noticeSays(page, /photo\.jpg: this page takes/);
    assert.equal(await source(page).inputValue(), 'Good morning.');
    await page.locator('#dismiss').click();
    await leave();
  });

  test('a_model_translates_in_place_of_ours', LONG, async () => {
    const path = join(scratch, 'mine.safetensors.gz');
    execFileSync(PROGRAM, ['compress', file('models/pt-en.safetensors.gz'), '--recipe', 'int4', '-o', path]);
    const { page, leave } = await visit(site);
    await source(page).fill('Bom dia a todos.');
    await drop(page, [{ name: basename(path), bytes: readFileSync(path) }]);
    await noticeSays(page, /Your model translates now: Português → English/);
    assertWords(await translated(page), ['morning|day']);
    assert.equal(site.server.count(MODEL['pt-en']), 0);
    assert.match(page.url(), /#pt-en$/);
    await leave();
  });

  test('a_broken_model_is_told_and_the_page_goes_on', LONG, async () => {
    const { page, leave } = await visit(site);
    await translate(page, 'Good morning.');
    await drop(page, [{ name: 'broken.safetensors', bytes: Buffer.alloc(5000, 7) }]);
    await noticeSays(page, /could not be taken in.*not understood/);
    await translate(page, 'See you tomorrow.');
    await leave();
  });
});

describe('languages', () => {
  test('the_menu_holds_what_the_list_of_models_has', async () => {
    const { page, leave } = await visit(site, { path: null });
    const registry = JSON.parse(readFileSync(join(file('dist'), 'models/registry.json'), 'utf8'));
    registry.models.push({ ...registry.models[0], source: 'en', target: 'fr', url: 'en-fr.safetensors.gz' });
    await page.route('**/models/registry.json', (route) => route.fulfill({ json: registry }));
    await page.goto('/');
    await page.waitForFunction(() => document.querySelector('#target-language').options.length === 2);
    const names = (id) => page.locator(`${id} option`).allTextContents();
    assert.deepEqual(await names('#source-language'), ['English', 'Português']);
    assert.deepEqual(await names('#target-language'), ['Português', 'Français']);
    await page.locator('#target-language').selectOption('fr');
    await noticeSays(page, /English → Français is a download/);
    assert.equal(await target(page).getAttribute('lang'), 'fr');
    assert.ok(await page.locator('#swap').isDisabled(), 'there is no way back');
    await page.locator('#source-language').selectOption('pt');
    assert.match(page.url(), /#pt-en$/);
    await leave();
  });

  test('choosing_the_other_language_is_swapping', async () => {
    const { page, leave } = await visit(site);
    const portuguese = await translate(page, PARAGRAPH.en);
    await page.locator('#source-language').selectOption('pt');
    assert.equal(await source(page).inputValue(), portuguese);
    assertWords(await translated(page), ['hospital', 'bridge']);
    await leave();
  });
});
