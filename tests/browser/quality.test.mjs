// Quality in the browser: the evaluation set through the package, both ways, against the native
// program line by line, against the references, and against the production engine's outputs.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openSite, visitPackage } from './harness.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = join(ROOT, process.env.CARGO_TARGET_DIR ?? 'target', 'release', 'pocketglot');

/** Least chrF with production's outputs as references, as in tests/parity.rs, which says why. */
const LEAST_LIKENESS = { en: 96.5, pt: 95.5 };
/** Points of chrF by which we may score below production. */
const SCORE_TOLERANCE = 0.3;

let site;
let folder;
before(async () => {
  site = await openSite();
  folder = await mkdtemp(join(tmpdir(), 'pocketglot-quality-'));
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

const lines = (text) => text.trimEnd().split('\n');

async function column(language) {
  const rows = lines(await readFile(join(ROOT, 'data/evaluation.en-pt.tsv'), 'utf8'));
  const [header, ...cells] = rows.map((row) => row.split('\t'));
  return cells.map((row) => row[header.indexOf(language)]);
}

async function file(name, texts) {
  const path = join(folder, name);
  await writeFile(path, `${texts.join('\n')}\n`);
  return path;
}

/** Translates `source` natively; the report compares with `baseline`, and `output` has the texts. */
async function evaluate({ model, source, reference, baseline, output }) {
  const { stdout } = await promisify(execFile)(PROGRAM, [
    ...['eval', model, '--source', source, '--reference', reference],
    ...['--baseline', baseline, '--output', output, '--json'],
  ]);
  return JSON.parse(stdout);
}

for (const [from, to] of [
  ['en', 'pt'],
  ['pt', 'en'],
]) {
  test(`the_evaluation_set_from_${from}_to_${to}_is_translated_as_well_as_natively`, async () => {
    const texts = await column(from);
    const { run, leave } = await visitPackage(site);
    const translations = await run(
      async ({ Translator }, { texts, ...pair }) =>
        (await Translator.create(pair)).translateBatch(texts),
      { texts, sourceLanguage: from, targetLanguage: to },
    );
    await leave();

    const source = await file(`source.${from}`, texts);
    const references = await file(`references.${to}`, await column(to));
    const ours = await file(`browser.${to}`, translations);
    const production = join(ROOT, `data/production/evaluation.${from}-${to}.txt`);
    const model = join(ROOT, `models/${from}-${to}.safetensors`);
    const output = join(folder, `native.${to}`);

    const scored = await evaluate({ model, source, reference: references, baseline: ours, output });
    const native = lines(await readFile(output, 'utf8'));
    const identical = translations.filter((text, i) => text === native[i]).length;
    // All machines compute the same, to the bit.
    assert.equal(identical, texts.length, 'lines as the native program has them');

    const likeness = await evaluate({ model, source, reference: production, baseline: ours, output });
    assert.ok(likeness.baseline.chrf >= LEAST_LIKENESS[from], `chrF ${likeness.baseline.chrf}`);

    const theirs = await evaluate({ model, source, reference: references, baseline: production, output });
    const [browser, bergamot] = [scored.baseline.chrf, theirs.baseline.chrf];
    assert.ok(browser >= bergamot - SCORE_TOLERANCE, `chrF ${browser}, production ${bergamot}`);
    console.log(
      `${from} → ${to}: ${identical} of ${texts.length} lines as natively, chrF ${browser.toFixed(2)} ` +
        `(production ${bergamot.toFixed(2)}), likeness ${likeness.baseline.chrf.toFixed(2)}`,
    );
  });
}
