// The dials: what is shown is what the engines say, and nothing is lost on the way.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { difference } from '../../www/page/workbench/difference.js';
import { planOf } from '../../www/page/workbench/dial-recipes.js';
import {
  FAILED_REQUESTS, MODEL, faults, noticeSays, openSite, source, target, translate, translated, visit,
} from './harness.mjs';
import { PARAGRAPH, longText } from './texts.mjs';

const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PROGRAM = process.env.POCKETGLOT_PROGRAM ?? file('target/release/pocketglot');
const EVALUATION = 'data/evaluation.en-pt.tsv';
/** What is calibrated takes its time, on a machine under load more so. */
const LONG = { timeout: 600_000 };

let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** Dials of which the quick methods make what is meant. */
const QUICK = { rounding: 'nearest', pruning: 'magnitude', where: 'linear' };
const recipeOf = (bits, sparsity = 0) => planOf({ ...QUICK, bits, sparsity }).recipe;

const quality = (page) => page.locator('#quality').textContent();
const dial = (page, bits) => page.locator(`#bits-${bits}`).check({ force: true });
async function prune(page, percent) {
  await page.locator('#sparsity').fill(String(percent));
}
/** Only the methods that take a second. */
async function quickly(page) {
  await page.locator('#method').evaluate((details) => (details.open = true));
  await page.locator('#rounding').selectOption('nearest');
  await page.locator('#pruning').selectOption('magnitude');
}
/** The comparison is there, of a model that is not rough, and of this text. */
const compared = (page, recipe) =>
  page.waitForFunction(
    (recipe) => {
      const name = document.querySelector('#work-text').textContent;
      const stale = document.querySelector('#changes').classList.contains('stale');
      return !stale && recipe.test(name) && document.querySelector('#changes-label').textContent.includes(':');
    },
    recipe,
    { timeout: 240_000 },
  );
const scored = (page) =>
  page.waitForFunction(
    () => document.querySelector('#making').hidden && / · 240 sentences of ours/.test(document.querySelector('#quality').textContent),
    undefined,
    { timeout: 240_000 },
  );
const marks = (page) => target(page).locator('mark.changed').allTextContents();

/** Both translations of a text, by the package alone. */
const bothByThePackage = (page, text, recipe) =>
  page.evaluate(
    async ([text, recipe]) => {
      const { Model, Translator } = await import(new URL('package/index.js', location.href).href);
      const languages = { sourceLanguage: 'en', targetLanguage: 'pt' };
      const model = await Model.load(languages);
      const { model: smaller } = await model.compress(recipe, { gzip: false });
      const results = [];
      for (const options of [languages, { ...languages, model: smaller }]) {
        const translator = await Translator.create(options);
        results.push(await translator.translate(text));
        translator.destroy();
      }
      model.delete();
      smaller.delete();
      return results;
    },
    [text, recipe],
  );

describe('what is shown', () => {
  test('the_marked_words_are_the_difference_of_the_two_translations', LONG, async () => {
    const { page, leave } = await visit(site);
    const text = longText(200);
    const original = await translate(page, text);
    await quickly(page);
    await dial(page, 4);
    await prune(page, 40);
    await compared(page, /./);
    await page.waitForFunction(() => document.querySelector('#sparsity-text').textContent === '40%');
    await scored(page);
    const [first, second] = await bothByThePackage(page, text, recipeOf(4, 0.4));
    assert.equal(first, original);
    assert.equal(await target(page).textContent(), second);
    const expected = difference(first, second);
    assert.deepEqual(
      await marks(page),
      expected.hunks.filter(({ changed, b }) => changed && b.trim() !== '').map(({ b }) => b.trim()),
    );
    assert.ok(expected.changed > 20, 'a model so damaged says other things');
    const label = await page.locator('#changes-label').textContent();
    assert.equal(label, `What changed: ${expected.changed} of ${expected.total} words`);
    // The button shows the original, and back.
    await page.locator('#original').click();
    assert.equal(await target(page).textContent(), original);
    assert.equal((await marks(page)).length, 0);
    await page.locator('#original').click();
    assert.equal(await target(page).textContent(), second);
    await leave();
  });

  test('sizes_and_scores_are_those_of_the_command_line', LONG, async () => {
    const { page, leave } = await visit(site);
    await translate(page, PARAGRAPH.en);
    await quickly(page);
    await dial(page, 4);
    await scored(page);
    const [shown, sizes] = [await quality(page), await page.locator('#sizes').textContent()];
    const download = page.waitForEvent('download');
    await page.evaluate(async (recipe) => {
      const { Model } = await import(new URL('package/index.js', location.href).href);
      const model = await Model.load({ sourceLanguage: 'en', targetLanguage: 'pt' });
      const { model: smaller } = await model.compress(recipe);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await smaller.export());
      link.download = 'x';
      link.click();
      model.delete();
    }, recipeOf(4));
    const path = await (await download).path();
    const scores = (model) =>
      JSON.parse(execFileSync(PROGRAM, ['eval', model, '--pairs', file(EVALUATION), '--json'], { encoding: 'utf8' }));
    const [now, then] = [scores(path), scores(file('models/en-pt.safetensors.gz'))];
    const change = (key) => {
      const by = (now[key] - then[key]).toFixed(1).replace('-', '\u2212');
      return /[1-9]/.test(by) && !by.startsWith('\u2212') ? `+${by}` : by.replace(/^\u22120\.0$/, '0.0');
    };
    for (const key of ['chrf', 'bleu'])
      assert.ok(shown.includes(`${now[key].toFixed(1)} (${change(key)})`), `${shown}: ${JSON.stringify([now[key], then[key]])}`);
    const mb = (bytes) => (bytes / 1e6).toFixed(1);
    assert.match(sizes, new RegExp(`^${mb(now.wire_bytes)} MB to download instead of ${mb(then.wire_bytes)} · file ${mb(now.file_bytes)} MB`));
    const bar = (id) => page.locator(id).evaluate((node) => node.getBoundingClientRect().width);
    const share = (await bar('#bar-now')) / (await bar('#bar-original'));
    assert.ok(Math.abs(share - now.wire_bytes / then.wire_bytes) < 0.02, `the bar is ${share} long`);
    await leave();
  });

  test('a_rough_result_comes_first_and_the_calibrated_one_takes_its_place', LONG, async () => {
    const { page, leave } = await visit(site);
    await translate(page, PARAGRAPH.en);
    await dial(page, 3);
    await compared(page, /rough/);
    await compared(page, /^(?!.*rough).+/);
    await scored(page);
    const chrf = Number(/chrF ([\d.]+)/.exec(await quality(page))[1]);
    assert.ok(chrf > 62, `rounding alone loses 14 points at 3 bits, GPTQ on one grid 2: ${chrf}`);
    await leave();
  });

  test('where_a_model_collapses_the_page_says_so_and_offers_what_holds', LONG, async () => {
    const { page, leave } = await visit(site);
    await translate(page, PARAGRAPH.en);
    await quickly(page);
    await dial(page, 2);
    await scored(page);
    const verdict = page.locator('#verdict');
    assert.match(await verdict.textContent(), /collapsed/);
    await verdict.getByRole('button').click();
    assert.equal(await page.locator('#rounding').inputValue(), 'auto');
    await leave();
  });
});

describe('nothing is lost', () => {
  test('a_reload_keeps_the_dials_and_what_was_tried', LONG, async () => {
    const { page, leave } = await visit(site);
    await translate(page, PARAGRAPH.en);
    await quickly(page);
    await dial(page, 5);
    await scored(page);
    const before = await target(page).textContent();
    await page.reload();
    assert.ok(await page.locator('#bits-5').isChecked());
    assert.equal(await page.locator('#rounding').inputValue(), 'nearest');
    await translated(page);
    await compared(page, /./);
    assert.equal(await target(page).textContent(), before);
    const kept = await page.evaluate(() => JSON.parse(sessionStorage.getItem('pocketglot.experiments')));
    assert.deepEqual(kept.map(({ recipe }) => recipe.step.length), [0, 1]);
    await leave();
  });

  test('turning_back_shows_the_original_at_once', LONG, async () => {
    const { page, leave } = await visit(site);
    const original = await translate(page, PARAGRAPH.en);
    await dial(page, 4);
    await compared(page, /rough/);
    await page.locator('#reset').click();
    await page.waitForFunction(() => document.querySelector('#work-text').textContent === '');
    assert.equal(await target(page).textContent(), original);
    assert.ok(await page.locator('#bits-8').isChecked());
    assert.ok(await page.locator('#making').isHidden());
    await leave();
  });

  test('stop_stops_and_what_is_there_stays', LONG, async () => {
    const { page, leave } = await visit(site);
    await translate(page, PARAGRAPH.en);
    await dial(page, 4);
    await compared(page, /rough/);
    await page.locator('#making-stop').click();
    await page.locator('#making-again').waitFor({ state: 'visible' });
    assert.ok(await page.locator('#making').isHidden());
    assert.match(await page.locator('#work-text').textContent(), /rough/);
    // It goes on translating, and what was meant can still be made.
    await translate(page, 'See you tomorrow.');
    await page.waitForFunction(() => !document.querySelector('#changes').classList.contains('stale'));
    assert.match(await page.locator('#changes-label').textContent(), /of \d words|nothing/);
    await page.locator('#making-again').click();
    await compared(page, /^(?!.*rough).+/);
    await leave();
  });

  test('a_laboratory_that_cannot_be_had_leaves_the_page_working', LONG, async () => {
    const { page, leave } = await visit(site, { allowed: FAILED_REQUESTS });
    const original = await translate(page, PARAGRAPH.en);
    site.server.faults.set('/package/lab-relaxed.wasm', faults.serverError());
    await quickly(page);
    await dial(page, 4);
    await page.locator('#making-again').waitFor({ state: 'visible' });
    assert.match(await page.locator('#making-text').textContent(), /safe/);
    assert.equal(await target(page).textContent(), original);
    await translate(page, 'Good morning.');
    site.server.faults.clear();
    await page.locator('#making-again').click();
    await compared(page, /./);
    await leave();
  });

  test('swapping_the_languages_makes_the_same_of_the_other_model', LONG, async () => {
    const { page, leave } = await visit(site);
    await translate(page, PARAGRAPH.en);
    await quickly(page);
    await dial(page, 4);
    await compared(page, /./);
    await page.locator('#swap').click();
    await translated(page);
    await compared(page, /./);
    await page.waitForFunction(
      () => JSON.parse(sessionStorage.getItem('pocketglot.experiments') ?? '[]').at(-1)?.pair === 'pt-en',
    );
    assert.match(await page.locator('#sizes').textContent(), /instead of 15\.7/);
    await leave();
  });

  test('keys_alone_turn_the_dials', LONG, async () => {
    const { page, leave } = await visit(site);
    await translate(page, PARAGRAPH.en);
    await page.locator('#bits-8').focus();
    await page.keyboard.press('ArrowRight');
    assert.ok(await page.locator('#bits-6').isChecked());
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.locator('#sparsity').inputValue(), '10');
    assert.equal(await page.locator('#sparsity').getAttribute('aria-valuetext'), '10%');
    await leave();
  });
});

describe('sentences of the visitor', () => {
  const chosen = (page, name, text) =>
    page.locator('#test-set').setInputFiles({ name, mimeType: 'text/tab-separated-values', buffer: Buffer.from(text) });

  test('a_file_of_pairs_takes_the_place_of_ours', LONG, async () => {
    const { page, leave } = await visit(site);
    await translate(page, PARAGRAPH.en);
    await quickly(page);
    const rows = readFileSync(file(EVALUATION), 'utf8').split('\n').slice(1, 31).map((row) => row.split('\t').slice(1).join('\t'));
    await chosen(page, 'mine.tsv', rows.join('\n'));
    await dial(page, 4);
    await page.waitForFunction(() => / · 30 sentences of mine\.tsv/.test(document.querySelector('#quality').textContent) && document.querySelector('#making').hidden);
    await page.locator('#our-set').click();
    await scored(page);
    await leave();
  });

  test('a_file_that_is_none_says_which_line', async () => {
    const { page, leave } = await visit(site);
    await translate(page, 'Good morning.');
    await page.locator('#method').evaluate((details) => (details.open = true));
    await chosen(page, 'a.tsv', 'one\tum\ntwo\t\n');
    const problem = page.locator('#test-set-problem');
    await page.waitForFunction(() => document.querySelector('#test-set-problem').textContent !== '');
    assert.match(await problem.textContent(), /Line 2/);
    await chosen(page, 'b.tsv', 'no tab here');
    await page.waitForFunction(() => /one column/.test(document.querySelector('#test-set-problem').textContent));
    await leave();
  });
});

/** What the clipboard holds once it holds something like `expected`: copying takes its time. */
async function clipboard(page, expected) {
  let text;
  do text = await page.evaluate(() => navigator.clipboard.readText());
  while (!expected.test(text));
  return text;
}

describe('links', () => {
  const linkTo = (recipe, extra = {}) => `/#en-pt?${new URLSearchParams({ recipe: JSON.stringify(recipe), ...extra })}`;

  test('a_link_makes_the_same_model_in_a_fresh_profile', LONG, async () => {
    const made = [];
    let address;
    for (const path of ['/', undefined]) {
      const { page, context, leave } = await visit(site, { path: null });
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.goto(path ?? address);
      await translate(page, PARAGRAPH.en);
      if (path) await dial(page, 4);
      await compared(page, /^(?!.*rough).+/);
      await page.locator('#open-laboratory').click();
      const download = page.waitForEvent('download');
      await page.locator('.part-take .text-button').first().click();
      const bytes = readFileSync(await (await download).path());
      made.push({ bytes: bytes.toString('base64'), translation: await target(page).textContent() });
      await page.evaluate(() => navigator.clipboard.writeText(''));
      await page.getByRole('button', { name: 'Copy a link' }).click();
      const copied = await clipboard(page, /recipe=/);
      address ??= copied;
      assert.equal(copied, address);
      await leave();
    }
    assert.match(address, /model=[0-9a-f]{16}&calibration=[0-9a-f]{16}$/);
    assert.equal(made[0].translation, made[1].translation);
    assert.ok(made[0].bytes === made[1].bytes, 'the files differ');
  });

  test('a_link_made_with_another_model_or_text_says_so', LONG, async () => {
    const { page, leave } = await visit(site, { path: linkTo(recipeOf(4), { model: '0123456789abcdef' }) });
    await page.waitForFunction(() => /link carries a recipe/.test(document.querySelector('#dials-hint').textContent));
    assert.equal(site.server.count(MODEL['en-pt']), 0, 'nothing is downloaded before it is wanted');
    await translate(page, PARAGRAPH.en);
    await page.waitForFunction(() => /another model/.test(document.querySelector('#dials-hint').textContent), undefined, { timeout: 120_000 });
    await leave();
  });

  test('a_broken_link_is_told_and_a_wrong_recipe_too', LONG, async () => {
    const { page, leave } = await visit(site, { path: '/#en-pt?recipe=%7Bx' });
    await noticeSays(page, /recipe that can’t be read/);
    await page.locator('#dismiss').click();
    await translate(page, 'Good morning.');
    await page.goto(linkTo({ step: [{ method: 'quantize', target: 'all', bits: 9 }] }));
    await page.waitForFunction(() => /bits/.test(document.querySelector('#making-text').textContent), undefined, { timeout: 60_000 });
    assert.match(await page.locator('#making-text').textContent(), /step 1/);
    await leave();
  });
});
