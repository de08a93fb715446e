// The laboratory in Node.js: what it makes is what the native program makes. From the packed tarball.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EN_PT, MODELS, PROGRAM, install, sentences } from './installed.mjs';

const MODEL = new URL('en-pt.safetensors.gz', MODELS);

let project;
let Model;
let Translator;
before(async () => {
  project = await install();
  ({ Model, Translator } = await project.load());
});
after(() => project.remove());

test('a_model_is_made_smaller_scored_exported_and_used', async () => {
  const original = await Model.load(MODEL);
  const shares = [];
  const { model, report } = await original.compress('int4', { onprogress: ({ done }) => shares.push(done) });
  assert.ok(shares.length > 1 && shares.at(-1) > shares[0]);
  assert.ok(report.after.wire_bytes < report.before.wire_bytes);

  const output = join(project.folder, 'int4.safetensors');
  execFileSync(PROGRAM, ['compress', fileURLToPath(MODEL), '--recipe', 'int4', '-o', output]);
  const exported = await model.export();
  assert.ok(readFileSync(output).equals(Buffer.from(await exported.arrayBuffer())), 'the files differ');

  const [sources, references] = ['en', 'pt'].map((language) => sentences(language, 30));
  const pairs = sources.map((source, i) => ({ source, reference: references[i] }));
  const scores = await model.evaluate(pairs, { gzip: false });
  const translator = await Translator.create({ ...EN_PT, model });
  assert.deepEqual(await translator.translateBatch(sources), scores.translations);
  assert.ok(scores.chrf > 30, `chrF ${scores.chrf}`);

  translator.destroy();
  model.delete();
  original.delete();
  await assert.rejects(model.export(), { name: 'AbortError' });
});

test('what_looks_at_texts_finds_those_of_the_package', async () => {
  const original = await Model.load({ ...EN_PT });
  const step = [{ method: 'prune', target: 'decoder.0.ssru.forget', criterion: 'wanda', sparsity: 0.1 }];
  const { model, calibrated } = await original.compress({ step }, { gzip: false });
  assert.ok(calibrated);
  model.delete();
  original.delete();
});

test('a_model_learns_again', async () => {
  const original = await Model.load(MODEL);
  const { model } = await original.compress('int4', { gzip: false });
  const phases = new Set();
  const healing = model.heal(original, {
    ...{ text: sentences('en', 6), steps: 2, judgeSteps: 1, batch: 40 },
    onprogress: ({ phase }) => phases.add(phase),
  });
  const { model: healed, report } = await healing.finished;
  assert.deepEqual([...phases], ['preparing', 'learning', 'judging']);
  assert.equal(report.steps, 2);
  assert.ok(report.chrf_after >= report.chrf_before);
  for (const one of [original, model, healed]) one.delete();
});

test('an_abort_ends_the_work_and_the_next_goes_on', async () => {
  const original = await Model.load(new Blob([await readFile(MODEL)]));
  const controller = new AbortController();
  const compressing = original.compress('int4', { signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 200);
  await assert.rejects(compressing, { message: 'enough' });
  const { model } = await original.compress('int8', { gzip: false });
  assert.equal(model.info.languages.target, 'pt');
  model.delete();
  original.delete();
});

test('a_mistake_in_a_recipe_is_told_by_step_and_key', async () => {
  const original = await Model.load(MODEL);
  const wrong = { step: [{ method: 'quantize', target: 'all', bits: 9 }] };
  await assert.rejects(original.compress(wrong), { name: 'TypeError', message: /step 1.*bits/ });
  await assert.rejects(Model.load(new URL('none.gz', MODELS)), { name: 'NetworkError', message: /no such file/ });
  original.delete();
});
