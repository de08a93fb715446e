// What a visitor downloads before the first word: every engine, gzipped as a server would do it. What
// someone downloads who opens the laboratory. And all the JavaScript around them.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bundles } from '../../scripts/bundle.mjs';
import { ROOT } from '../../scripts/files.mjs';
import { pageScripts } from '../../scripts/page.mjs';
import { DIST } from './harness.mjs';

/** What an engine with all kernels and threads may take at most, in bytes. */
const CEILING = 400_000;

/**
 * Just above what they take today, so that growth is a decision and not an accident: whoever
 * raises it says in the commit what the bytes are for.
 */
const TODAY = 396_000;

/** The laboratory is loaded by who opens it, but need not be large for that; an eighth is the search. */
const LABORATORY = 880_000;
/** Training, which is loaded by who lets a model learn: an autodiff backend, and a translator to judge by. */
const TRAINING = 860_000;

/**
 * What the project's own scripts may take, each gzipped for itself: those that everybody gets, the dials
 * among them; the element, which our page has not, and others load before anybody translates; what the
 * laboratory adds when it is opened, its texts in English and training among it; and each further language
 * of the page, whose readers get it besides English.
 */
const SCRIPTS = { everybody: 60_000, element: 6_000, laboratory: 56_500, language: 17_800 };
/** All that a visitor of any page with the package fetches up to the first translation, without a model. */
const FIRST_TRANSLATION = 450_000;
/** Before a translator is asked for, that is this alone. */
const IMPORT = 15_000;
/**
 * Each script of the package as it is shipped, gzipped, just above what it takes today. Those of which
 * the first translation has use come first.
 */
const MODULES = {
  'index.js': IMPORT,
  'worker.js': 25_500,
  'gunzip.js': 450,
  'thread.js': 9_500,
  'element.js': 6_000,
  'any-worker.js': 450,
  'lab.worker.js': 13_500,
  'train.worker.js': 5_200,
  'node.js': 13_000,
  'node-worker.js': 2_200,
};
const FOR_TRANSLATION = ['index.js', 'worker.js', 'gunzip.js', 'thread.js'];

/** Counted with the modules: what wasm-bindgen writes for each. */
const GLUE = ['./engine.js', './lab.js', './train.js'];
/** The chart library and what it is made of. */
const CHARTS = ['d3-*'];

const squeezed = (contents) => gzipSync(contents, { level: 9 }).length;
const zipped = (path) => squeezed(readFileSync(path));

test('every_engine_stays_below_the_ceilings', (t) => {
  const folder = join(DIST, 'package');
  const engines = readdirSync(folder).filter((name) => /^engine-.*\.wasm$/.test(name));
  assert.ok(engines.length > 0, `${folder} holds no engine: run "make build" first`);
  assert.ok(TODAY <= CEILING);
  for (const name of engines) {
    const bytes = zipped(join(folder, name));
    t.diagnostic(`${name}: ${bytes} bytes`);
    assert.ok(bytes <= TODAY, `${name} takes ${bytes} bytes gzipped, expected at most ${TODAY}`);
  }
});

test('the_laboratory_stays_below_its_ceiling', (t) => {
  for (const name of ['lab-relaxed.wasm', 'lab-simd.wasm']) {
    const bytes = zipped(join(DIST, 'package', name));
    t.diagnostic(`${name}: ${bytes} bytes`);
    assert.ok(bytes <= LABORATORY, `${name} takes ${bytes} bytes gzipped, expected at most ${LABORATORY}`);
  }
});

test('training_stays_below_its_ceiling', (t) => {
  const bytes = zipped(join(DIST, 'package', 'train.wasm'));
  t.diagnostic(`train.wasm: ${bytes} bytes`);
  assert.ok(bytes <= TRAINING, `train.wasm takes ${bytes} bytes gzipped, expected at most ${TRAINING}`);
});

test('every_script_of_the_package_stays_below_its_ceiling_and_a_first_translation_too', (t) => {
  const folder = join(DIST, 'package');
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  assert.deepEqual(scripts.sort(), Object.keys(MODULES).sort(), 'each script has a ceiling');
  for (const [name, ceiling] of Object.entries(MODULES)) {
    const bytes = zipped(join(folder, name));
    t.diagnostic(`${name}: ${bytes} bytes of ${ceiling}`);
    assert.ok(bytes <= ceiling, `${name} takes ${bytes} bytes gzipped, expected at most ${ceiling}`);
  }
  const engine = Math.max(...['relaxed', 'simd'].map((build) => zipped(join(folder, `engine-${build}.wasm`))));
  const sum = FOR_TRANSLATION.reduce((sum, name) => sum + zipped(join(folder, name)), engine);
  t.diagnostic(`all code up to the first translation: ${sum} bytes of ${FIRST_TRANSLATION}`);
  assert.ok(sum <= FIRST_TRANSLATION, `${sum} bytes gzipped, expected at most ${FIRST_TRANSLATION}`);
});

/**
 * The scripts are bundled once more as the build does it, with the glue and the chart library left
 * outside. So that this says something of what is shipped, those that keep their names are compared with
 * the files in dist/.
 */
test('the_scripts_stay_below_their_ceilings', async (t) => {
  const page = await pageScripts(CHARTS);
  const workers = await bundles(join(ROOT, 'www/package'), { external: GLUE });
  const own = [
    ...page.map(({ path, contents, isLater }) => [`page/${basename(path)}`, contents, isLater]),
    ...workers.map(({ path, contents }) => [`package/${basename(path)}`, contents, /^(lab|train)\./.test(basename(path))]),
    ['service-worker.js', readFileSync(join(DIST, 'service-worker.js')), false],
  ];
  const sums = { everybody: 0, element: 0, laboratory: 0, language: 0 };
  for (const [name, contents, isLater] of own) {
    const bytes = squeezed(contents);
    const group = groupOf(name, isLater);
    if (!group) continue;
    sums[group] += bytes;
    const path = join(DIST, name);
    const rest = existsSync(path) ? zipped(path) - bytes : undefined;
    t.diagnostic(`${group}, ${name}: ${bytes} bytes${rest ? `, and ${rest} more as shipped` : ''}`);
    // A page's script ends with the name of its map, and the names of its chunks differ.
    const mayHaveMore = name.startsWith('package/') ? Infinity : 100;
    const isShipped = rest === undefined ? /-[0-9A-Z]{8}\.js$/.test(name) : rest > -50 && rest < mayHaveMore;
    assert.ok(isShipped, `${path} is not built from these sources: run "make build" first`);
  }
  for (const [group, sum] of Object.entries(sums)) t.diagnostic(`${group}: ${sum} bytes of ${SCRIPTS[group]}`);
  for (const [group, sum] of Object.entries(sums)) {
    assert.ok(sum <= SCRIPTS[group], `${group}: ${sum} bytes gzipped, expected at most ${SCRIPTS[group]}`);
  }
});

/** @param {string} name @param {boolean} isLater */
function groupOf(name, isLater) {
  if (name === 'package/element.js') return 'element';
  // The page stands beside its workers and has no use for the script that imports them elsewhere.
  if (name === 'package/any-worker.js') return undefined;
  if (name.startsWith('page/texts.')) return 'language';
  return isLater ? 'laboratory' : 'everybody';
}
