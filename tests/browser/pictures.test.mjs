// The laboratory's pictures: the chart of size and quality, the matrix map, the sentences that changed.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { visitComponents, violations } from './components.mjs';
import { DIST, MODEL, openSite } from './harness.mjs';

const PROGRAM =
  process.env.POCKETGLOT_PROGRAM ??
  fileURLToPath(new URL('../../target/release/pocketglot', import.meta.url));
const MODULES = ['chart', 'chart-points', 'chart-export', 'matrix-map', 'changed-sentences']
  .map((name) => `www/page/laboratory/${name}.js`)
  .concat('www/page/texts.js');
const SCHEMES = ['light', 'dark'];

let site;
before(async () => (site = await openSite()));
after(() => site.close());

// --- Chart ---

const QUANTIZE = { method: 'quantize', target: 'all', bits: 4, rounding: 'nearest' };
/** An experiment of so many MB and so much chrF. */
const experiment = (id, megabytes, chrf, more = {}) => ({
  id,
  pair: 'en-pt',
  recipe: { step: id === 0 ? [] : [{ ...QUANTIZE, group_size: id * 16 }] },
  bytes: { wire_bytes: megabytes && megabytes * 1e6, file_bytes: 2e7, memory_bytes: 3e7 },
  seconds: id === 0 ? 0 : 1.5,
  score: chrf && { chrf, bleu: chrf - 20, sentences: 240, total: 240 },
  set: chrf && 'built-in',
  ...more,
});
const EXPERIMENTS = [
  experiment(0, 15.4, 67.5),
  experiment(1, 10.5, 66.7),
  experiment(2, 10.6, 66.6),
  experiment(3, 13.2, 67.6, { healed: { steps: 40, seconds: 61 } }),
  experiment(4, 9, 64, { score: { chrf: 64, bleu: 44, sentences: 143, total: 240 } }),
  experiment(5, 8, 11.5),
  experiment(6, undefined, 66),
  experiment(7, 9.5, 60, { set: 'mine, "new".tsv' }),
];

/** A visit with a chart of these; what is picked is in `picked`. */
async function openChart(experiments, current, options) {
  const visitor = await visitComponents(site, MODULES, options);
  await visitor.page.evaluate(
    ([experiments, current]) => {
      window.picked = [];
      const root = document.querySelector('#component');
      window.chart = new window.components.SizeQualityChart(root, {
        onpick: ({ id }) => window.picked.push(id),
      });
      window.chart.show(experiments, { current });
    },
    [experiments, current],
  );
  return { ...visitor, picked: () => visitor.page.evaluate(() => window.picked) };
}
const ids = (locator) =>
  locator.evaluateAll((nodes) => nodes.map((node) => Number(node.getAttribute('data-id'))));
async function centre(page, id) {
  const { x, y, width, height } = await page.locator(`.point[data-id="${id}"] .mark`).boundingBox();
  return { x: x + width / 2, y: y + height / 2 };
}
async function hover(page, id) {
  const { x, y } = await centre(page, id);
  await page.mouse.move(x, y);
}
const focusedId = (page) =>
  page.evaluate(() => Number(document.activeElement.getAttribute('data-id') ?? NaN));

describe('chart', () => {
  test('the_frontier_goes_through_what_no_other_is_smaller_and_better_than', async () => {
    const { page, leave } = await openChart(EXPERIMENTS, 1);
    const point = page.locator('.point');
    await point.first().waitFor();
    assert.deepEqual((await ids(point)).sort(), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual((await ids(page.locator('.is-best'))).sort(), [1, 3, 5]);
    assert.deepEqual(await ids(page.locator('.is-unfinished')), [4]);
    assert.deepEqual((await ids(point)).slice(-3), [0, 4, 1], 'what matters more lies on top');
    assert.deepEqual(await ids(page.locator('.is-below')), [5]);
    assert.deepEqual(await ids(page.locator('.point[aria-current]')), [1]);
    const notes = await page.locator('.chart-notes').textContent();
    assert.match(notes, /One model waits.*other sentences.*more than 10 points/);
    // Through the places of the two that lie inside, smaller first.
    const path = await page.locator('.frontier path').getAttribute('d');
    const places = await Promise.all(
      [1, 3].map((id) => page.locator(`.point[data-id="${id}"]`).getAttribute('transform')),
    );
    const numbers = (text) => text.match(/[\d.]+/g).map((digits) => Math.round(Number(digits)));
    assert.deepEqual(numbers(path), places.flatMap(numbers));
    await leave();
  });

  test('a_quadratic_search_finds_the_same_frontier', async () => {
    const { page, leave } = await visitComponents(site, MODULES);
    let state = 3;
    const random = (below) => (state = (state * 48271) % 2147483647) % below;
    for (let round = 0; round < 20; round++) {
      const experiments = Array.from({ length: 30 }, (_, i) =>
        experiment(i, 1 + random(20), 1 + random(20)),
      );
      const best = await page.evaluate(
        (experiments) =>
          window.components.pictureOf(experiments).frontier.map(({ experiment }) => experiment.id),
        experiments,
      );
      const beaten = ({ id, bytes, score }) =>
        experiments.some(
          (other) =>
            other.id !== id &&
            other.bytes.wire_bytes <= bytes.wire_bytes &&
            other.score.chrf >= score.chrf &&
            // Of two that are the same in both, one is enough.
            (other.bytes.wire_bytes < bytes.wire_bytes ||
              other.score.chrf > score.chrf ||
              other.id < id),
        );
      const expected = experiments.filter((one) => !beaten(one)).map(({ id }) => id);
      assert.deepEqual(
        best.sort((a, b) => a - b),
        expected,
      );
    }
    await leave();
  });

  test('tips_tell_what_was_measured', async () => {
    const { page, leave } = await openChart(EXPERIMENTS, 1);
    const tip = page.locator('.chart-tip');
    await hover(page, 1);
    assert.match(
      await tip.innerText(),
      /10\.5 MB to download\n+chrF 66\.7 \(−0\.8\)\n+BLEU 46\.7\n+made in 1\.5/,
    );
    await hover(page, 4);
    assert.match(await tip.innerText(), /chrF 64\.0\n+BLEU 44\.0\n+143 of 240 sentences/);
    await page.mouse.move(0, 0);
    await tip.waitFor({ state: 'hidden' });
    await leave();
  });

  test('keys_alone_reach_every_point_and_pick_it', async () => {
    const { page, leave, picked } = await openChart(EXPERIMENTS, 1);
    assert.equal(await page.locator('.point[tabindex="0"]').count(), 1);
    await page.locator('.point[tabindex="0"]').focus();
    assert.equal(await focusedId(page), 1);
    await page.keyboard.press('Home');
    const visited = [await focusedId(page)];
    for (let i = 1; i < 6; i++) {
      await page.keyboard.press('ArrowRight');
      visited.push(await focusedId(page));
    }
    assert.deepEqual(visited, [5, 4, 1, 2, 3, 0], 'by size');
    await page.keyboard.press('ArrowUp');
    assert.equal(await focusedId(page), 3, 'the next better one');
    await page.keyboard.press('Enter');
    // Points 1 and 2 lie side by side: the nearer one is meant.
    const { x, y } = await centre(page, 2);
    await page.mouse.click(x + 5, y + 3);
    assert.deepEqual(await picked(), [3, 2]);
    // What is drawn anew keeps the focus where it was.
    await page.evaluate(
      (experiments) => window.chart.show(experiments, { current: 2 }),
      [...EXPERIMENTS, experiment(8, 5, 66)],
    );
    assert.equal(await focusedId(page), 2);
    await leave();
  });

  test('the_table_has_all_experiments_in_any_order', async () => {
    const { page, leave, picked } = await openChart(EXPERIMENTS, 1);
    await page.locator('.chart-table summary').click();
    const column = (n) => page.locator(`tbody td:nth-child(${n})`).allInnerTexts();
    const head = (name) => page.getByRole('columnheader', { name });
    assert.equal(await head('MB').getAttribute('aria-sort'), 'ascending');
    assert.deepEqual(await column(2), ['8.0', '9.0', '9.5', '10.5', '10.6', '13.2', '15.4', '…']);
    await head('chrF').getByRole('button').click();
    assert.equal(await head('chrF').getAttribute('aria-sort'), 'descending');
    assert.equal(await head('MB').getAttribute('aria-sort'), null);
    const scores = ['67.6', '67.5', '66.7', '66.6', '66.0', '64.0', '60.0', '11.5'];
    assert.deepEqual(await column(3), scores);
    await page.keyboard.press('Enter');
    assert.deepEqual(await column(3), scores.reverse(), 'the head keeps the focus');
    assert.match((await column(6)).join(), /143 of 240 sentences/);
    await page.locator('tbody tr').first().getByRole('button').click();
    assert.deepEqual(await picked(), [5]);
    await leave();
  });

  test('the_csv_file_holds_what_is_known', async () => {
    const { page, leave } = await openChart(EXPERIMENTS, 1);
    const rows = parseCsv(await download(page, 'Save as CSV', 'pocketglot-en-pt.csv'));
    assert.equal(
      rows.shift().join(),
      'pair,label,recipe,wire_bytes,file_bytes,memory_bytes,chrf,bleu,sentences,set,seconds,healed_steps',
    );
    assert.equal(rows.length, EXPERIMENTS.length);
    for (const [i, { pair, recipe, bytes, score, set, seconds, healed }] of EXPERIMENTS.entries()) {
      const { label, ...rest } = Object.fromEntries(
        [
          'pair',
          'label',
          'recipe',
          'wire',
          'file',
          'memory',
          'chrf',
          'bleu',
          'sentences',
          'set',
          'seconds',
          'healedSteps',
        ].map((key, at) => [key, rows[i][at]]),
      );
      assert.notEqual(label, '');
      assert.deepEqual(JSON.parse(rest.recipe), recipe);
      const text = (value) => String(value ?? '');
      assert.deepEqual(
        { ...rest, recipe: undefined },
        {
          pair,
          recipe: undefined,
          wire: text(bytes.wire_bytes),
          file: text(bytes.file_bytes),
          memory: text(bytes.memory_bytes),
          chrf: text(score?.chrf),
          bleu: text(score?.bleu),
          sentences: text(score?.sentences),
          set: text(set),
          seconds: text(seconds),
          healedSteps: text(healed?.steps),
        },
      );
    }
    await leave();
  });

  test('the_svg_file_stands_alone', async () => {
    const { context, page, leave } = await openChart(EXPERIMENTS, 1, { colorScheme: 'dark' });
    const text = await download(page, 'Save as SVG', 'pocketglot-en-pt.svg');
    assert.doesNotMatch(
      text.replaceAll('http://www.w3.org/2000/svg', ''),
      /https?:|var\(|<script|@import/,
    );
    // Elsewhere than in the page, whose policy allows no styles inside of markup.
    const elsewhere = await context.newPage();
    await elsewhere.goto('/blank.html');
    const seen = await elsewhere.evaluate(async (text) => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
      await image.decode();
      return {
        broken: parsed.querySelector('parsererror') !== null,
        title: parsed.querySelector('svg > title').textContent,
        styles: parsed.querySelectorAll('style').length,
        points: [...parsed.querySelectorAll('.point > title')].map((node) => node.textContent),
        size: [image.naturalWidth, image.naturalHeight],
      };
    }, text);
    assert.equal(seen.broken, false);
    assert.match(seen.title, /en-pt/);
    assert.equal(seen.styles, 1);
    assert.equal(seen.points.length, 6);
    assert.ok(seen.points.some((tip) => /chrF 66\.7 \(−0\.8\)/.test(tip)));
    assert.deepEqual(seen.size, [880, 520]);
    await leave();
  });

  test('it_follows_its_width_and_says_when_there_is_nothing', async () => {
    const { page, leave } = await openChart([]);
    const plot = page.locator('.chart-plot');
    assert.match(await plot.innerText(), /Nothing to compare yet/);
    const { height } = await plot.boundingBox();
    await page.evaluate(
      (experiments) => window.chart.show(experiments, { current: 1 }),
      EXPERIMENTS,
    );
    assert.equal((await plot.boundingBox()).height, height, 'nothing moves');
    const sizes = () =>
      page
        .locator('.chart-plot svg')
        .evaluate((svg) => [svg.clientWidth, svg.viewBox.baseVal.width]);
    for (const width of [390, 1000]) {
      await page.setViewportSize({ width, height: 800 });
      await page.waitForFunction(() => {
        const svg = document.querySelector('.chart-plot svg');
        return Math.abs(svg.clientWidth - svg.viewBox.baseVal.width) < 1;
      });
      const [shown] = await sizes();
      assert.ok(shown <= width);
      // Ticks must not run into each other.
      const ticks = await page
        .locator('.axis-x .tick text')
        .evaluateAll((nodes) =>
          nodes.map((node) => node.getBoundingClientRect()).map(({ left, right }) => [left, right]),
        );
      assert.ok(ticks.length >= 3);
      for (const [i, [left]] of ticks.slice(1).entries()) assert.ok(left > ticks[i][1] + 4);
    }
    await leave();
  });
});

// --- Matrix map ---

/** A model without layers 2 and 5 of the encoder and 1 of the decoder, and fewer neurons. */
const DROPPED = `
[[step]]
method = "drop_layers"
encoder = [1, 4]
decoder = [0]
[[step]]
method = "prune_neurons"
target = "encoder.0.ffn.*"
share = 0.25
criterion = "magnitude"
[[step]]
method = "quantize"
target = "attention"
bits = 4
`;

describe('matrix map', () => {
  let original;
  let dropped;
  before(() => {
    const scratch = mkdtempSync(join(tmpdir(), 'pocketglot-pictures-'));
    const pocketglot = (...args) =>
      JSON.parse(
        execFileSync(PROGRAM, [...args, '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 }),
      );
    const source = join(DIST, MODEL['en-pt']);
    const recipe = join(scratch, 'dropped.toml');
    const output = join(scratch, 'dropped.safetensors');
    writeFileSync(recipe, DROPPED);
    const report = pocketglot('compress', source, '--recipe', recipe, '-o', output);
    original = { info: pocketglot('inspect', source) };
    dropped = { info: pocketglot('inspect', output), report };
    rmSync(scratch, { recursive: true });
  });

  /** A visit with a map; the first histogram that is asked for fails. */
  async function openMap({ info, report }, options) {
    const visitor = await visitComponents(site, MODULES, options);
    await visitor.page.evaluate(
      ([info, report]) => {
        window.asked = [];
        const counts = [10, 40, 130, 40, 5];
        const root = document.querySelector('#component');
        window.map = new window.components.MatrixMap(root, {
          histogram: async (name) => {
            window.asked.push(name);
            if (window.asked.length === 1) throw new Error('The worker is gone.');
            return { name, min: -0.5, max: 0.5, zeros: 100, weights: 225, counts };
          },
        });
        window.map.show(info, report);
      },
      [info, report],
    );
    return visitor;
  }
  const cell = (page, key) => page.locator(`.map-cell [data-key="${key}"]`);
  const keys = (page) =>
    page.locator('.map-cell button').evaluateAll((nodes) => nodes.map((node) => node.dataset.key));

  test('every_matrix_of_the_original_has_a_cell', async () => {
    const { page, leave } = await openMap(original);
    const matrices = original.info.tensors.filter(
      ({ codec, shape }) => codec !== 'file' && shape.length === 2,
    );
    const layers = [0, 1, 2, 3, 4, 5].map((n) => `encoder.${n}`).concat('decoder.0', 'decoder.1');
    const others = [...layers, 'output', 'shortlist', 'vocabulary'];
    assert.deepEqual(
      (await keys(page)).sort(),
      [...matrices.map(({ name }) => name), ...others].sort(),
    );
    assert.equal(
      await cell(page, 'encoder.2.attention.q').getAttribute('aria-label'),
      'Encoder layer 3: Attention, queries, 8 bits a weight',
    );
    for (const name of ['Relative error', 'New zeros'])
      assert.ok(await page.getByRole('radio', { name }).isDisabled());
    await leave();
  });

  test('layers_that_went_leave_their_places_and_the_others_keep_theirs', async () => {
    const { page, leave } = await openMap(dropped);
    assert.equal(await page.locator('.map-dropped').count(), 3);
    const names = dropped.info.tensors.map(({ name }) => name);
    for (const key of (await keys(page)).filter((key) => key.split('.').length > 2))
      assert.ok(names.includes(key), key);
    // What is the second layer now was the third.
    const now = 'encoder.1.attention.k';
    const was = dropped.report.tensors.find(({ name }) => name === 'encoder.2.attention.k');
    await page.getByRole('radio', { name: 'Relative error' }).check();
    assert.ok(was.relative_error > 0.095, 'smaller ones have two digits');
    assert.match(
      await cell(page, now).getAttribute('aria-label'),
      new RegExp(`^Encoder layer 3: .*, ${Math.round(was.relative_error * 100)}% relative error$`),
    );
    assert.match(await cell(page, 'encoder.0.ffn.w1').getAttribute('aria-label'), /no figure/);
    await cell(page, now).click();
    const details = await page.locator('.map-details').innerText();
    const count = (value) => value.toLocaleString('en');
    for (const part of [
      now,
      was.name,
      '256 × 256',
      '4-bit codes',
      '65.5 kB before, 34.8 kB now',
      `${was.snr_db.toFixed(1)} dB`,
      `${count(was.exact)} of ${count(was.weights)}`,
      `${count(was.flushed)} weights became zero`,
    ])
      assert.ok(details.includes(part), `"${part}" in: ${details}`);
    await cell(page, 'encoder.0.ffn.w1').click();
    assert.match(await page.locator('.map-details').innerText(), /another shape/);
    await leave();
  });

  test('a_report_of_another_model_is_refused', async () => {
    const { page, leave } = await openMap(original);
    const message = await page.evaluate(
      ([info, report]) => {
        try {
          window.map.show(info, report);
        } catch (error) {
          return error.message;
        }
      },
      [original.info, dropped.report],
    );
    assert.match(message, /leaves 4 layers of the encoder, the model has 6/);
    await leave();
  });

  test('histograms_load_fail_and_load_again', async () => {
    const { page, leave } = await openMap(dropped);
    await cell(page, 'embedding').click();
    const histogram = page.locator('.map-histogram');
    await histogram.getByText('The worker is gone.').waitFor();
    await histogram.getByRole('button', { name: 'Try again' }).click();
    await histogram.locator('svg').waitFor();
    assert.match(await histogram.innerText(), /100 of 225 weights are exactly zero \(44%\)/);
    const heights = await histogram
      .locator('.bar')
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('height'))));
    const tallest = Math.max(...heights);
    // The middle bar has its 100 zeros taken out.
    assert.deepEqual(
      heights.map((height) => Math.round((height / tallest) * 40)),
      [10, 40, 30, 40, 5],
    );
    await cell(page, 'encoder.0.attention.q').click();
    await cell(page, 'embedding').click();
    await cell(page, 'encoder.0').click();
    assert.deepEqual(
      await page.evaluate(() => window.asked),
      ['embedding', 'embedding', 'encoder.0.attention.q'],
      'each is counted once, vectors never',
    );
    assert.match(await page.locator('.map-details').innerText(), /encoder\.0\.attention\.q\.bias/);
    await leave();
  });

  test('arrow_keys_go_from_cell_to_cell', async () => {
    const { page, leave } = await openMap(dropped);
    const focused = () => page.evaluate(() => document.activeElement.dataset.key);
    assert.equal(await page.locator('.map-cell [tabindex="0"]').count(), 1);
    await cell(page, 'embedding').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Home');
    assert.equal(await focused(), 'encoder.0.attention.q');
    await page.keyboard.press('ArrowRight');
    // Over the layer that went.
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), 'encoder.1.attention.k');
    await page.keyboard.press('Enter');
    assert.equal(await cell(page, 'encoder.1.attention.k').getAttribute('aria-pressed'), 'true');
    assert.equal(await focused(), 'encoder.1.attention.k');
    assert.equal(await page.locator('.map-cell [tabindex="0"]').count(), 1);
    await leave();
  });

  for (const colorScheme of SCHEMES) {
    test(`axe_has_nothing_against_it_in_${colorScheme}`, async () => {
      const { page, leave } = await openMap(dropped, { colorScheme });
      for (const name of ['Bits a weight', 'Relative error', 'New zeros']) {
        await page.getByRole('radio', { name }).check();
        assert.deepEqual(await violations(page), []);
      }
      for (const key of ['encoder.1.attention.k', 'encoder.1', 'vocabulary']) {
        await cell(page, key).click();
        assert.deepEqual(await violations(page), []);
      }
      await leave();
    });
  }
});

// --- Changed sentences ---

const SENTENCES = {
  sources: ['One two.', 'Three four five.', 'Six.', 'Seven eight nine ten.'],
  references: ['Um dois.', 'Três quatro cinco.', 'Seis.', 'Sete oito nove dez.'],
  original: ['Um  dois.', 'Três quatro cinco.', 'Seis.', 'Sete oito nove dez.'],
  compressed: ['Um dois.', 'Três gatos pretos cinco.', '', 'Sete oito nove onze.'],
  languages: { source: 'en', target: 'pt' },
};

async function openSentences(sentences, options) {
  const visitor = await visitComponents(site, MODULES, options);
  await visitor.page.evaluate((sentences) => {
    window.list = new window.components.ChangedSentences(document.querySelector('#component'));
    window.list.show(sentences);
  }, sentences);
  return visitor;
}

describe('changed sentences', () => {
  test('those_that_changed_most_come_first_with_exactly_the_difference_marked', async () => {
    const { page, leave } = await openSentences(SENTENCES);
    assert.match(await page.locator('#component').innerText(), /3 of 4 sentences changed/);
    const items = await page.locator('.changed-item').evaluateAll((nodes) =>
      nodes.map((node) =>
        [...node.querySelectorAll('dd')].map((dd) => ({
          text: dd.textContent.trim(),
          lang: dd.lang,
          marked: [...dd.querySelectorAll('mark')].map((mark) => mark.textContent),
        })),
      ),
    );
    assert.deepEqual(
      items.map(([source]) => source.text),
      ['Six.', 'Three four five.', 'Seven eight nine ten.'],
    );
    assert.deepEqual(
      items.map((item) => item.slice(2).map(({ marked }) => marked)),
      [
        [['Seis.'], []],
        [['quatro'], ['gatos pretos']],
        [['dez.'], ['onze.']],
      ],
    );
    assert.deepEqual(
      items[1].map(({ lang }) => lang),
      ['en', 'pt-BR', 'pt-BR', 'pt-BR'],
    );
    assert.equal(items[1][3].text, SENTENCES.compressed[1]);
    const line = await page
      .locator('mark')
      .first()
      .evaluate((mark) => getComputedStyle(mark).textDecorationLine);
    assert.equal(line, 'underline', 'colour alone is not enough');
    await leave();
  });

  test('ten_are_shown_at_first_and_reading_goes_on_where_it_stopped', async () => {
    const many = (text) => Array.from({ length: 25 }, (_, i) => `${text} ${i}`);
    const sentences = {
      sources: many('s'),
      references: many('r'),
      original: many('a'),
      compressed: many('b'),
      languages: { source: 'pt', target: 'en' },
    };
    const { page, leave } = await openSentences(sentences);
    const items = page.locator('.changed-item');
    assert.equal(await items.count(), 10);
    await page.getByRole('button', { name: 'Show 10 more of 15' }).click();
    assert.equal(await items.count(), 20);
    assert.ok(await items.nth(10).evaluate((item) => item === document.activeElement));
    await page.getByRole('button', { name: 'Show the last 5' }).click();
    assert.equal(await items.count(), 25);
    assert.equal(await page.locator('#component button').count(), 0);
    assert.match(await items.nth(24).innerText(), /s 24/, 'of equals, in their order');
    await leave();
  });

  test('before_there_is_a_compressed_model_it_says_so', async () => {
    const { page, leave } = await openSentences({ ...SENTENCES, compressed: undefined });
    assert.match(await page.locator('#component').innerText(), /Once a compressed model/);
    const message = await page.evaluate(
      (sentences) => {
        try {
          window.list.show(sentences);
        } catch (error) {
          return error.message;
        }
      },
      { ...SENTENCES, original: ['Um.'] },
    );
    assert.equal(message, '4 sources, but 1 in "original"');
    await leave();
  });
});

// --- All of them ---

for (const colorScheme of SCHEMES) {
  test(`axe_has_nothing_against_chart_and_sentences_in_${colorScheme}`, async () => {
    const chart = await openChart(EXPERIMENTS, 1, { colorScheme });
    await chart.page.locator('.chart-table summary').click();
    await hover(chart.page, 1);
    assert.deepEqual(await violations(chart.page), []);
    await chart.page.evaluate(() => window.chart.show([]));
    assert.deepEqual(await violations(chart.page), []);
    await chart.leave();
    const sentences = await openSentences(SENTENCES, { colorScheme });
    assert.deepEqual(await violations(sentences.page), []);
    await sentences.leave();
  });
}

test('another_language_is_there_with_the_next_drawing', async () => {
  const { page, leave } = await openChart(EXPERIMENTS, 1);
  const shown = await page.evaluate(async (experiments) => {
    await window.components.loadTexts('zh-Hant', () => true);
    window.chart.show(experiments, { current: 1 });
    return document.querySelector('#component').textContent;
  }, EXPERIMENTS);
  assert.match(shown, /原始模型/);
  assert.match(shown, /存成 CSV/);
  await leave();
});

/** Presses a button and returns the text of the file that comes of it. */
async function download(page, name, fileName) {
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name }).click();
  const file = await coming;
  assert.equal(file.suggestedFilename(), fileName);
  return readFileSync(await file.path(), 'utf8');
}

/** After RFC 4180, without leniency. */
function parseCsv(text) {
  const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    assert.ok(match, 'every cell ends with a comma or a line break');
    rows.at(-1).push(match[1]?.replaceAll('""', '"') ?? match[2]);
    if (match[3] === '\r\n') rows.push([]);
  }
  assert.deepEqual(rows.pop(), []);
  return rows;
}
