// What the recipe editor knows of the methods, against the compressor itself.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stringify } from 'smol-toml';
import { ROOT } from '../../scripts/files.mjs';
import { isCalibrated, methods, names, placeFor, tidy } from '../../www/page/laboratory/methods.js';
import { locate } from '../../www/page/laboratory/problem.js';
import { DIST, MODEL } from './harness.mjs';

const PROGRAM = process.env.POCKETGLOT_PROGRAM ?? join(ROOT, 'target/release/pocketglot');
/** No recipe gets past it: what comes before it was done, and nothing is written. */
const END = { method: 'quantize', target: 'no such matrix', bits: 4 };
/** Enough for every method to have something to look at. */
const SENTENCES = 24;

let scratch;
let calibration;
let silence;
before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'pocketglot-recipes-'));
  calibration = join(scratch, 'calibration.txt');
  silence = join(scratch, 'silence.txt');
  const rows = readFileSync(join(ROOT, 'data/calibration.en-pt.tsv'), 'utf8').split('\n').slice(1);
  writeFileSync(
    calibration,
    rows
      .slice(0, SENTENCES)
      .map((row) => row.split('\t')[1])
      .join('\n'),
  );
  writeFileSync(silence, '');
});
after(() => rmSync(scratch, { recursive: true }));

/** What the command line says of steps. */
function compress(step, model, text) {
  const recipe = join(scratch, 'recipe.toml');
  writeFileSync(recipe, stringify({ step }));
  const output = join(scratch, 'out.safetensors');
  const options = ['--recipe', recipe, '-o', output, '--calibration', text];
  const { status, stderr } = spawnSync(PROGRAM, ['compress', model, ...options], {
    encoding: 'utf8',
  });
  assert.equal(status, 1, stderr);
  return stderr;
}

/** Reads the recipe, and gives up where the model is missing. */
const read = (step) => compress([step], join(scratch, 'missing.safetensors'), silence);
const isRead = (step) => /missing\.safetensors: No such file/.test(read(step));

/** Steps that a few choices lead to. */
function reached(example, depth, kinds) {
  const found = new Map([[JSON.stringify(tidy(example)), tidy(example)]]);
  for (let round = 0; round < depth; round += 1) {
    for (const step of [...found.values()]) {
      for (const control of methods[step.method].controls(step)) {
        for (const value of kinds[control.kind]?.(control) ?? []) {
          const next = tidy(control.set(value));
          found.set(JSON.stringify(next), next);
        }
      }
    }
  }
  return [...found.values()];
}
const CHOICES = {
  choice: ({ options, closed = [] }) => options.filter((option) => !closed.includes(option)),
  switch: () => [true, false],
};
const NUMBERS = { number: ({ least, most }) => [least, most], share: () => [0.01, 0.99] };

for (const name of names) {
  test(`the_first_step_of_${name}_is_done_by_the_compressor`, () => {
    const said = compress([methods[name].example, END], join(DIST, MODEL['en-pt']), calibration);
    assert.match(said, /step 2 \(quantize\): key `target`: `no such matrix`/);
  });

  test(`every_choice_of_${name}_is_a_recipe`, () => {
    const { example, targets } = methods[name];
    const aimed = targets.map((target) => tidy({ ...example, target }));
    const steps = [
      ...reached(example, 3, CHOICES),
      ...reached(example, 2, { ...CHOICES, ...NUMBERS }),
      ...aimed,
    ];
    assert.ok(steps.length > 1);
    for (const step of steps) assert.ok(isRead(step), `${JSON.stringify(step)}: ${read(step)}`);
  });

  test(`numbers_of_${name}_end_where_the_compressor_ends_them`, () => {
    for (const step of reached(methods[name].example, 2, CHOICES)) {
      for (const control of methods[name].controls(step)) {
        if (control.kind !== 'number') continue;
        const below = control.least === 0.01 ? 0 : control.least - (control.whole ? 1 : 0.01);
        const wrong =
          control.most < 2 ** 32 ? [below, control.most + (control.whole ? 1 : 0.01)] : [below];
        for (const value of wrong) {
          const { key, step: at } = locate(read(tidy(control.set(value))));
          // A number that does not fit 32 bits is refused before anything looks at its key.
          if (value < 2 ** 32)
            assert.deepEqual([at, key], [0, control.keys[0]], `${control.id} = ${value}`);
        }
      }
    }
  });

  test(`the_page_knows_when_${name}_looks_at_text`, () => {
    const { example, targets } = methods[name];
    const few = name === 'prune_heads' ? 'decoder.0.cross.*' : 'decoder.0.ffn.*';
    const small = targets.length > 0 ? { ...example, target: few } : example;
    for (const step of reached(small, 2, CHOICES)) {
      const said = compress([step, END], join(DIST, MODEL['en-pt']), silence);
      const needs = /calibration text/.test(said);
      if (!needs) assert.match(said, /step 2 /, `${JSON.stringify(step)}: ${said}`);
      assert.equal(isCalibrated(step), needs, `${JSON.stringify(step)}: ${said}`);
    }
  });
}

test('the_presets_that_the_page_offers_are_those_of_the_command_line', () => {
  const source = readFileSync(join(ROOT, 'src/compress/presets.rs'), 'utf8');
  const there = [...source.matchAll(/include_str!\(".*\/recipes\/(.*)\.toml"\)/g)].map(
    ([, name]) => name,
  );
  const page = readFileSync(join(ROOT, 'www/page/workbench/presets.js'), 'utf8');
  const offered = [...page.matchAll(/name: '(.*)', recipe/g)].map(([, name]) => name);
  assert.deepEqual(offered.sort(), there.sort());
});

test('steps_that_narrow_the_network_come_before_those_that_round', () => {
  const quantize = methods.quantize.example;
  const screen = methods.screen.example;
  assert.equal(placeFor([quantize, screen], methods.prune_neurons.example), 0);
  assert.equal(placeFor([methods.prune_neurons.example, screen], quantize), 1);
  assert.equal(placeFor([quantize], screen), 1);
});

test('messages_of_the_compressor_are_placed', () => {
  const good = methods.screen.example;
  const place = (step) => {
    const { step: at, key } = locate(compress([good, step], '/missing', silence));
    return [at, key];
  };
  assert.deepEqual(place({ method: 'prune', target: 'all', criterion: 'obs', sparsity: 2 }), [
    1,
    'sparsity',
  ]);
  assert.deepEqual(place({ method: 'prune_neurons', target: 'ffn', criterion: 'merge' }), [
    1,
    'share',
  ]);
  assert.deepEqual(place({ method: 'screen', bits: 3 }), [1, 'bits']);
  assert.deepEqual(place({ method: 'low_rank', target: 'ffn' }), [1, undefined]);
  assert.deepEqual(place({ method: 'shrink' }), [1, 'method']);
  assert.deepEqual(locate('The download stopped.'), { text: 'The download stopped.' });
});
