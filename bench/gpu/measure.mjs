// The GPU engine, in three visits: the model as it is served, in 4 bits, and in floats beside
// onnxruntime-web. What is compared runs in one visit, in turns.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError, briefly } from '../errors.mjs';
import { makeModel } from '../models/make.mjs';
import { spread } from '../texts.mjs';
import { chooseAdapter } from './adapters.mjs';
import { measureEncoder } from './encoder.mjs';
import { measureWords } from './words.mjs';

/** @typedef {{ warmUp: string[], sentences: string[] }} Texts */

/**
 * Calls by their sentences, and rounds. SwiftShader takes seconds for a sentence and half a minute
 * for the encoder of a batch, so there most is done once.
 */
const AMOUNTS = {
  software: { calls: { 1: 2, 8: 1, 64: 1 }, int4Calls: { 8: 1 }, rounds: 1, encoderRounds: 2 },
  hardware: {
    ...{ calls: { 1: 32, 8: 8, 64: 2 }, int4Calls: { 1: 32, 8: 8, 64: 2 } },
    ...{ rounds: Infinity, encoderRounds: Infinity },
  },
};
const ENCODED_TEXTS = 64;

/** Rows by what they are called in results. */
export const ROWS = new Map([
  ['gpu-int8', 'Pocketglot, GPU, int8'],
  ['cpu-int8', 'Pocketglot, CPU, 1 thread, int8'],
  ['gpu-int4', 'Pocketglot, GPU, int4'],
  ['gpu-f32', 'Pocketglot, GPU, f32'],
  ['onnxruntime', 'onnxruntime-web, WebGPU, f32'],
]);

/** @returns {import('../targets.mjs').Row} */
const rowOf = (rounds, more) => ({ rounds, scores: [], ...more });

/** The engine is measured by itself, out of the folder of its build: it must be the page's. */
async function checkEngine({ engine, dist }) {
  const [built, served] = await Promise.all(
    [join(engine, 'pocketglot_bg.wasm'), join(dist, 'package', 'engine-relaxed.wasm')].map((path) => readFile(path)),
  );
  if (!built.equals(served)) throw new UsageError(`${dist} is not of the last build: gpu can't measure it`);
}

/**
 * @param {import('../main.mjs').Context} context
 * @param {(text: string) => void} say
 */
export async function measureGpu(context, say) {
  await checkEngine(context.places);
  const { adapter, flags } = await chooseAdapter(context);
  say(`gpu: ${adapter.name}${adapter.isSoftware ? ', in software' : ''}`);
  const amounts = AMOUNTS[adapter.isSoftware ? 'software' : 'hardware'];
  const { places, options } = context;
  const rounds = Math.min(options.rounds, amounts.rounds);
  const sentences = context.texts.sentences.map((pair) => pair.source);
  const texts = { warmUp: context.texts.warmUp, sentences };
  const results = { gpu: {}, work: {}, kernels: {}, encoder: {} };

  /** A visit; what fails there does not keep the others from being measured. */
  const visit = async (what, rows, use) => {
    const started = Date.now();
    try {
      await context.graphics(flags, use);
    } catch (error) {
      for (const [measure, id] of rows) results[measure][id] = rowOf([], { error: briefly(error) });
      say(`gpu, ${what}: ${briefly(error)}`);
    }
    say(`gpu, ${what}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  };

  await visit('int8', [['gpu', 'gpu-int8'], ['work', 'gpu-int8']], async (page) => {
    const model = '/package-model';
    const found = await measureWords(page, { model, texts, calls: amounts.calls, rounds, beside: true });
    Object.assign(results.gpu, { 'gpu-int8': rowOf(found.gpu), 'cpu-int8': rowOf(found.cpu) });
    results.work['gpu-int8'] = rowOf([found.work]);
    const kernels = Object.entries(found.kernels).sort(([, a], [, b]) => b.ms - a.ms);
    for (const [name, figures] of kernels) results.kernels[name] = rowOf([figures]);
  });
  await visit('int4', [['gpu', 'gpu-int4'], ['work', 'gpu-int4']], async (page) => {
    const model = `/gpu-models/${await makeModel('int4', places)}`;
    const found = await measureWords(page, { model, texts, calls: amounts.int4Calls, rounds, beside: false });
    results.gpu['gpu-int4'] = rowOf(found.gpu);
    results.work['gpu-int4'] = rowOf([found.work]);
  });
  await visit('encoder', [['encoder', 'gpu-f32']], async (page) => {
    const [model, encoder] = await Promise.all(
      ['f32', 'onnx'].map(async (form) => `/gpu-models/${await makeModel(form, places)}`),
    );
    const rounds = Math.min(options.rounds, amounts.encoderRounds);
    const work = { model, encoder, texts: spread(sentences, ENCODED_TEXTS), rounds, say };
    const { ours, theirs, agreement } = await measureEncoder(page, work);
    results.encoder = { 'gpu-f32': rowOf(ours, { agreement }), onnxruntime: rowOf(theirs) };
  });
  for (const [measure, rows] of Object.entries(results))
    if (Object.keys(rows).length === 0) delete results[measure];
  return { adapter, results };
}
