// The recipe editor, in the real page: by mouse, by keyboard, and read by a machine.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { methods, names, tidy } from '../../www/page/laboratory/methods.js';
import { laboratory, texts } from '../../www/page/texts.en.js';
import { violations, visitComponents } from './components.mjs';
import { openSite } from './harness.mjs';

const MODULES = [
  'www/page/laboratory/recipe-editor.js',
  'www/page/workbench/presets.js',
  'www/page/workbench/describe.js',
  'www/page/texts.js',
];
const PRUNE = { method: 'prune', target: 'linear', criterion: 'obs', sparsity: 0.375 };
const ROUND = { method: 'quantize', target: 'all', bits: 4, rounding: 'gptq' };
const SCREEN = { method: 'screen' };

let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** A visit with an editor of these steps; `window.ran` and `window.cancelled` tell what it asked for. */
async function edit(step, options) {
  const visitor = await visitComponents(site, MODULES, options);
  const { page } = visitor;
  await page.evaluate((step) => {
    const { RecipeEditor, presets } = window.components;
    window.editor = new RecipeEditor(document.querySelector('#component'), {
      onrun: (recipe) => (window.ran = recipe),
      oncancel: () => (window.cancelled = true),
      onchange: (recipe) => (window.changed = recipe),
    });
    window.show = (more) => window.editor.show({ presets, ...more });
    window.show({ recipe: { step } });
  }, step);
  return {
    ...visitor,
    steps: () => page.evaluate(() => window.editor.recipe.step),
    show: (more) => page.evaluate((more) => window.show(more), more),
    said: () => page.locator('.recipe [role=status]').textContent(),
    card: (at) => page.locator('.step').nth(at),
    focused: () =>
      page.evaluate(
        () => document.activeElement.getAttribute('aria-label') ?? document.activeElement.id,
      ),
    undo: page.getByRole('button', { name: 'Undo' }),
    run: page.getByRole('button', { name: 'Run this recipe' }),
  };
}

test('every_method_can_be_added_where_it_belongs_and_explains_itself', async () => {
  const { page, steps, said, leave } = await edit([]);
  const foreign = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(site.server.origin)) foreign.push(request.url());
  });
  await page.getByText('No steps: the model stays as it is.').waitFor();
  for (const name of names) {
    await page.locator('.add-step summary').click();
    await page.locator('.add-step button').nth(names.indexOf(name)).click();
    const card = page.locator('.step:focus');
    assert.match(
      await card.getAttribute('aria-label'),
      new RegExp(`: ${laboratory.methods[name].name}$`),
    );
    assert.match(await said(), new RegExp(`${laboratory.methods[name].name} was added as step`));
    await card.getByText(laboratory.methods[name].does).waitFor();
    for (const link of await card.getByRole('link').all()) {
      assert.match(
        await link.getAttribute('href'),
        /^https:\/\/(arxiv\.org|aclanthology\.org|proceedings\.neurips\.cc|doi\.org)\//,
      );
      assert.deepEqual(
        [await link.getAttribute('rel'), await link.getAttribute('target')],
        ['noreferrer', '_blank'],
      );
    }
    assert.ok((await card.getByRole('link').count()) > 0);
  }
  const all = await steps();
  assert.deepEqual(
    all.toSorted(byMethod),
    names.map((name) => methods[name].example).toSorted(byMethod),
  );
  const order = all.map(({ method }) => methods[method].order);
  assert.deepEqual(order, order.toSorted());
  assert.deepEqual(foreign, [], 'papers are for those who ask for them');
  await leave();
});
const byMethod = (a, b) => (a.method < b.method ? -1 : 1);

test('each_choice_sets_what_it_says_and_shows_what_goes_with_it', async () => {
  const { page, show, steps, card, leave } = await edit([SCREEN]);
  for (const name of names) {
    const { example } = methods[name];
    for (const control of methods[name].controls(example)) {
      const values =
        control.kind === 'choice'
          ? control.options.filter((one) => !control.closed?.includes(one))
          : control.kind === 'switch'
            ? [false, true]
            : [];
      for (const value of values) {
        await show({ recipe: { step: [example] } });
        const field = card(0).locator(`[id$="-${control.id}"]`);
        if (control.kind === 'choice') await field.selectOption(value);
        else await field.setChecked(value);
        // To tick what is ticked is to do nothing.
        const idle = control.kind === 'switch' && value === control.value;
        const expected = idle ? example : tidy(control.set(value));
        assert.deepEqual(await steps(), [expected], `${name} ${control.id} ${value}`);
        const shown = await card(0)
          .locator('.field :is(select, input)')
          .evaluateAll((all) => all.map(({ id }) => id.replace(/^step-\d+-/, '')));
        const ids = methods[name].controls(expected).map(({ id }) => id);
        assert.deepEqual(
          shown.filter((id) => id !== 'target'),
          ids,
        );
      }
    }
  }
  await leave();
});

test('targets_are_words_or_a_pattern', async () => {
  const { page, steps, card, run, leave } = await edit([ROUND]);
  await card(0).getByLabel('Applies to').selectOption('Matrices by name');
  await card(0).getByLabel('Names').fill('encoder.?.ffn.*');
  assert.deepEqual(await steps(), [{ ...ROUND, target: 'encoder.?.ffn.*' }]);
  await card(0).getByLabel('Names').fill('');
  await card(0).getByText(texts.recipe.patternMissing).waitFor();
  // The field goes away while it is being written in, and takes its mistake with it.
  await card(0).getByLabel('Applies to').selectOption('Biases and norms');
  assert.deepEqual(await steps(), [{ method: 'quantize', target: 'vectors', bits: 16 }]);
  assert.equal(await page.locator('.step .field').count(), 1);
  await run.click();
  assert.equal(await page.evaluate(() => window.ran.step[0].target), 'vectors');
  await leave();
});

test('what_is_typed_is_kept_and_what_is_no_value_is_not_run', async () => {
  const { page, steps, card, said, run, leave } = await edit([{ ...ROUND, group_size: 64 }]);
  const size = card(0).getByLabel('Weights a group');
  await size.fill('0');
  assert.equal(await size.getAttribute('aria-invalid'), 'true');
  await card(0).getByText('Please give a whole number from 1 on.').waitFor();
  assert.equal((await steps())[0].group_size, 64);
  await run.click();
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.equal(await said(), texts.recipe.correct);
  assert.ok(await size.evaluate((node) => node === document.activeElement));
  await size.fill('32');
  assert.equal(await size.getAttribute('aria-invalid'), null);
  await run.click();
  assert.deepEqual(await page.evaluate(() => window.ran.step), [{ ...ROUND, group_size: 32 }]);
  assert.deepEqual(await page.evaluate(() => window.changed.step), [{ ...ROUND, group_size: 32 }]);

  // A number with a fraction can be typed key by key.
  await card(0).getByLabel('Scales').selectOption('One grid, short codes for frequent values');
  await card(0).getByLabel('Bits a weight, on average').fill('');
  await card(0).getByLabel('Bits a weight, on average').pressSequentially('3.05');
  assert.equal((await steps())[0].bits, 3.05);
  await leave();
});

test('a_share_stays_as_it_is_until_it_is_moved', async () => {
  const { steps, card, leave } = await edit([PRUNE]);
  const share = card(0).getByLabel('Share that goes');
  assert.equal(await share.getAttribute('aria-valuetext'), '37.5%');
  assert.deepEqual(await steps(), [PRUNE]);
  await share.focus();
  await share.press('ArrowRight');
  const [{ sparsity }] = await steps();
  assert.ok(sparsity > 0.375 && sparsity < 0.41, `${sparsity}`);
  assert.equal(Math.round(sparsity * 100) / 100, sparsity);
  await share.press('Home');
  assert.equal((await steps())[0].sparsity, 0.01);
  await share.press('End');
  assert.equal((await steps())[0].sparsity, 0.99);
  await leave();
});

test('cards_are_moved_by_keyboard_and_the_focus_goes_with_them', async () => {
  const { page, steps, said, focused, leave } = await edit([PRUNE, ROUND, SCREEN]);
  await page.getByRole('button', { name: 'Move step 1 down: Fewer weights' }).focus();
  await page.keyboard.press('Enter');
  assert.deepEqual(await steps(), [ROUND, PRUNE, SCREEN]);
  assert.equal(await said(), 'Fewer weights is now step 2 of 3.');
  assert.equal(await focused(), 'Move step 2 down: Fewer weights');
  await page.keyboard.press('Enter');
  assert.deepEqual(await steps(), [ROUND, SCREEN, PRUNE]);
  assert.equal(await said(), 'Fewer weights is now step 3 of 3.');
  assert.equal(await focused(), 'Move step 3 up: Fewer weights', 'the way down ends here');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  assert.deepEqual(await steps(), [PRUNE, ROUND, SCREEN]);
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Duplicate step 1: Fewer weights');
  await page.keyboard.press('Enter');
  assert.deepEqual(await steps(), [PRUNE, PRUNE, ROUND, SCREEN]);
  assert.equal(await focused(), 'Step 2: Fewer weights');
  await page.getByRole('button', { name: 'Remove step 2: Fewer weights' }).press('Enter');
  assert.deepEqual(await steps(), [PRUNE, ROUND, SCREEN]);
  assert.equal(await focused(), 'Step 2: Fewer bits');
  await leave();
});

test('cards_are_dragged_by_their_grip_and_escape_puts_them_back', async () => {
  const { page, steps, card, said, leave } = await edit([PRUNE, ROUND, SCREEN]);
  const drag = async (from, to, end) => {
    await card(from).locator('.grip').scrollIntoViewIfNeeded();
    const grip = await card(from).locator('.grip').boundingBox();
    await page.mouse.move(grip.x + 8, grip.y + 8);
    await page.mouse.down();
    await page.mouse.move(grip.x + 8, grip.y + 20);
    const { y, height } = await card(to).boundingBox();
    await page.mouse.move(grip.x + 8, to > from ? y + height - 4 : y + 4, { steps: 4 });
    await end();
  };
  await drag(0, 2, () => page.mouse.up());
  assert.deepEqual(await steps(), [ROUND, SCREEN, PRUNE]);
  assert.equal(await said(), 'Fewer weights is now step 3 of 3.');
  await drag(2, 0, async () => {
    await page.keyboard.press('Escape');
    await page.mouse.up();
  });
  assert.deepEqual(await steps(), [ROUND, SCREEN, PRUNE]);
  assert.equal(await page.locator('.sorting, .dragged, .drop-above, .drop-below').count(), 0);
  await drag(2, 0, () => page.mouse.up());
  assert.deepEqual(await steps(), [PRUNE, ROUND, SCREEN]);
  await leave();
});

test('no_recipe_of_ones_own_is_lost', async () => {
  const { page, steps, show, undo, said, focused, leave } = await edit([PRUNE]);
  assert.ok(await undo.isDisabled());
  const preset = page.getByLabel('Start from');
  assert.equal(await preset.inputValue(), '');
  await preset.selectOption('Tiny');
  await preset.selectOption('Small');
  assert.equal((await steps()).length, 3);
  assert.equal(await preset.inputValue(), 'small');
  await page.getByText(texts.recipe.presets.small.about).waitFor();
  assert.match(await said(), /Small\. Undo brings yours back/);
  await undo.click();
  assert.deepEqual(await steps(), [PRUNE], 'a walk through the presets is one change');

  await show({ recipe: { step: [SCREEN] } });
  assert.deepEqual(await steps(), [SCREEN]);
  await show({});
  assert.deepEqual(await steps(), [SCREEN], 'drawing again changes nothing');
  await undo.click();
  assert.deepEqual(await steps(), [PRUNE]);
  await page.getByRole('button', { name: /^Remove step 1/ }).click();
  assert.deepEqual(await steps(), []);
  await undo.press('Enter');
  assert.deepEqual(await steps(), [PRUNE]);
  assert.ok(await undo.isDisabled());
  assert.equal(await focused(), 'recipe-preset', 'the focus does not fall off the page');
  await leave();
});

test('the_recipe_is_read_from_json_and_mistakes_stand_beside_it', async () => {
  const { page, steps, undo, leave } = await edit([PRUNE]);
  await page.getByText('The recipe as text').click();
  const json = page.getByLabel('JSON');
  const use = page.getByRole('button', { name: 'Use this text' });
  assert.deepEqual(JSON.parse(await json.inputValue()), { step: [PRUNE] });
  assert.match(
    await page.locator('.recipe-text pre').textContent(),
    /\[\[step\]\]\nmethod = "prune"\n/,
  );
  assert.ok(await use.isDisabled());
  for (const [text, words] of [
    ['{', /This is no JSON/],
    ['[]', /A recipe looks like/],
    ['{"step":[],"stop":1}', /A recipe looks like/],
    ['{"step":[{}]}', /Step 1 has no "method"/],
    ['{"step":[{"method":"screen","rank":[null]}]}', /A recipe holds no null/],
    ['{"step":[{"method":"screen","rank":1e999}]}', /no number without end/],
    [
      '{"step":[{"method":"screen"},{"method":"shrink"}]}',
      /Step 2: there is no method “shrink”\. There are quantize, .*, and screen\./,
    ],
  ]) {
    await json.fill(text);
    await use.click();
    assert.match(await page.locator('#recipe-json-wrong').textContent(), words);
    assert.equal(await json.getAttribute('aria-invalid'), 'true');
    assert.deepEqual(await steps(), [PRUNE]);
    assert.equal(await json.inputValue(), text, 'what was written stays');
  }
  await json.fill(JSON.stringify({ step: [SCREEN, ROUND] }));
  await use.click();
  assert.deepEqual(await steps(), [SCREEN, ROUND]);
  assert.equal(await page.locator('#recipe-json-wrong').count(), 0);
  await undo.click();
  assert.deepEqual(await steps(), [PRUNE]);
  assert.deepEqual(JSON.parse(await json.inputValue()), { step: [PRUNE] });
  // A value that is none is shown as it is, for the compressor to judge.
  await json.fill(
    JSON.stringify({
      step: [
        { ...PRUNE, criterion: 'luck' },
        { ...ROUND, bits: [1] },
      ],
    }),
  );
  await use.click();
  assert.equal(await page.getByLabel('Which weights go').inputValue(), 'luck');
  await leave();
});

test('a_problem_stands_where_it_belongs_until_something_changes', async () => {
  const { page, show, card, run, leave } = await edit([ROUND, PRUNE]);
  await run.click();
  const message = 'step 2 (prune): key `sparsity`: expected a share above 0 and below 1, found 2';
  await show({ running: { at: 'compressing', done: 0 } });
  await show({ problem: message });
  const share = card(1).getByLabel('Share that goes');
  assert.equal(await share.getAttribute('aria-invalid'), 'true');
  await card(1).getByText('expected a share above 0 and below 1, found 2').waitFor();
  assert.equal(await page.locator('.wrong').count(), 1);
  await show({ problem: message });
  assert.equal(await page.locator('.wrong').count(), 1, 'drawn again, it is still there');
  await card(1).getByLabel('In the file').selectOption('Without zeros');
  assert.equal(await page.locator('.wrong').count(), 0);

  await show({});
  await show({ problem: 'step 1 (quantize): needs calibration text, and none was given' });
  assert.equal(
    await page.locator('.run').getByRole('alert').textContent(),
    'step 1 (quantize): needs calibration text, and none was given',
    'these are not the steps that ran',
  );
  await run.click();
  await show({});
  await show({ problem: 'step 1 (quantize): needs calibration text, and none was given' });
  assert.equal(
    await card(0).getByRole('alert').textContent(),
    'needs calibration text, and none was given',
  );
  await show({});
  await show({ problem: 'The laboratory was ended.' });
  assert.equal(
    await page.locator('.run').getByRole('alert').textContent(),
    'The laboratory was ended.',
  );
  await leave();
});

test('a_run_shows_how_far_it_is_and_can_be_cancelled_by_keyboard', async () => {
  const { page, show, focused, run, said, leave } = await edit([ROUND]);
  const top = () => page.locator('.recipe').evaluate((node) => node.getBoundingClientRect().height);
  const before = await top();
  await run.focus();
  await page.keyboard.press('Enter');
  await show({ running: { at: 'compressing', done: 0 } });
  assert.equal(await said(), 'The recipe runs.');
  for (const [what, words] of [
    ['calibration', 'Translating the calibration text'],
    ['gzip', 'Packing the file, to know the download'],
    ['encoder.3.ffn.w1', 'Changing encoder.3.ffn.w1'],
  ]) {
    await show({ running: { at: 'compressing', done: 0.4, what } });
    await page.locator('.run').getByText(words).waitFor();
  }
  assert.equal(
    await page
      .getByRole('progressbar', { name: 'Progress of the recipe' })
      .evaluate((node) => node.value),
    0.4,
  );
  assert.equal(await top(), before, 'nothing shifts');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => window.cancelled), true, 'the focus was on Cancel');
  await show({});
  await page.keyboard.press('Enter');
  assert.deepEqual(await page.evaluate(() => window.ran.step), [ROUND]);
  assert.equal(await focused(), '');
  await leave();
});

test('another_language_is_drawn_at_once_and_disturbs_nothing', async () => {
  const { page, card, leave } = await edit([ROUND, PRUNE]);
  const share = card(1).getByLabel('Share that goes');
  await share.focus();
  const field = await share.elementHandle();
  await page.evaluate(async () => {
    scrollTo(0, 300);
    window.before = scrollY;
    await window.components.loadTexts('zh-Hant', () => true);
    window.show({});
  });
  await page.getByRole('button', { name: '執行這份配方' }).waitFor();
  await card(1).getByRole('heading', { name: '減少權重' }).waitFor();
  assert.ok(await field.evaluate((node) => node === document.activeElement));
  assert.ok(await page.evaluate(() => window.before > 0 && scrollY === window.before));
  await leave();
});

test('recipes_are_described_in_a_few_words', async () => {
  const { page, leave } = await edit([]);
  const cases = [
    [[], 'original'],
    [[PRUNE], '37.5% pruned, OBS'],
    [[ROUND], '4 bits, GPTQ'],
    [
      [
        { ...PRUNE, criterion: 'magnitude', sparsity: 0.4 },
        { ...ROUND, target: 'ffn' },
      ],
      '40% pruned · 4 bits, GPTQ (Feed-forward layers)',
    ],
    [
      [{ method: 'prune', target: 'encoder.*', criterion: 'wanda', pattern: '2:4' }],
      '2 of 4 pruned, Wanda (encoder.*)',
    ],
    [
      [{ method: 'drop_layers', encoder: [1, 4], decoder: 1 }],
      '2 encoder layers out, 1 decoder layer out',
    ],
    [
      [methods.prune_neurons.example, methods.prune_heads.example],
      '12.5% of neurons out · 1 head a layer out',
    ],
    [[methods.low_rank.example], 'rank 224 (Feed-forward layers)'],
    [[methods.codebook.example], 'codebook of 2 (The embedding)'],
    [[methods.trim_vocabulary.example, SCREEN], '29,000 pieces · no word list'],
    [[{ method: 'quantize', target: 'vectors', bits: 16 }], 'half-float norms'],
    // Keys in another order are the same preset.
    [
      [{ target: 'all', bits: 4, method: 'quantize', rounding: 'gptq', group_size: 64 }],
      '4 bits, GPTQ',
    ],
  ];
  for (const [step, words] of cases) {
    assert.equal(await page.evaluate((step) => window.components.describe({ step }), step), words);
  }
  const described = await page.evaluate(() => {
    const { describe, presets } = window.components;
    return Object.fromEntries(presets.map(({ name, recipe }) => [name, describe(recipe)]));
  });
  for (const [name, words] of Object.entries(texts.recipe.presets))
    assert.equal(described[name], words.name);
  await leave();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe_has_nothing_against_it_in_${colorScheme}`, async () => {
    const { page, show, card, leave } = await edit(
      names.map((name) => methods[name].example),
      { colorScheme },
    );
    for (const summary of await page.locator('.recipe summary').all()) await summary.click();
    assert.deepEqual(await violations(page), []);
    await show({ problem: 'step 2 (prune_heads): key `heads`: expected 1 or more, found 0' });
    await card(0).locator('input').first().fill('0');
    assert.deepEqual(await violations(page), []);
    await show({ running: { at: 'compressing', done: 0.4, what: 'calibration' } });
    assert.deepEqual(await violations(page), []);
    await show({ recipe: { step: [] } });
    assert.deepEqual(await violations(page), []);
    await leave();
  });
}

for (const width of [320, 390, 820, 1440]) {
  test(`nothing_is_cut_off_at_${width}_pixels`, async () => {
    const { page, leave } = await edit(
      names.map((name) => methods[name].example),
      { viewport: { width, height: 800 } },
    );
    for (const summary of await page.locator('.recipe summary').all()) await summary.click();
    const overflow = await page.evaluate(() => {
      const root = document.documentElement;
      const inside = [...document.querySelectorAll('.recipe *')].filter(
        (node) =>
          node.scrollWidth > node.clientWidth + 1 &&
          getComputedStyle(node).overflowX === 'visible' &&
          getComputedStyle(node).display !== 'inline' &&
          node.clientWidth > 1,
      );
      return [
        root.scrollWidth - root.clientWidth,
        inside.map((node) => node.outerHTML.slice(0, 80)),
      ];
    });
    assert.deepEqual(overflow, [0, []]);
    await leave();
  });
}
