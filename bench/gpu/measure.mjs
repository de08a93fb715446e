// The GPU engine, in three visits: the model as it is served, in 4 bits, and in floats beside
// onnxruntime-web. What is compared runs in one visit, in turns.

import { UsageError, briefly } from '../errors.mjs';
import { makeModel } from '../models/make.mjs';
import { spread } from '../texts.mjs';
import { chooseAdapter } from './adapters.mjs';
import { measureEncoder } from './encoder.mjs';
import { measureWords } from './words.mjs';

/**
 * Calls by their sentences, sentences for the encoder, and rounds. SwiftShader takes seconds for a
 * sentence and a minute for the encoder of a batch, so there most is done once; and in a run of all
 * measures (`brief`), with few sentences.
 */
const FEW = { int4Calls: { 8: 1 }, rounds: 1, encoderRounds: 2 };
const MANY = { 1: 32, 8: 8, 64: 2 };
const AMOUNTS = {
  brief: { ...FEW, calls: { 1: 2, 8: 1 }, encoded: 16 },
  software: { ...FEW, calls: { 1: 2, 8: 1, 64: 1 }, encoded: 64 },
  hardware: { calls: MANY, int4Calls: MANY, encoded: 64, rounds: Infinity, encoderRounds: Infinity },
};

/** @param {import('./adapters.mjs').Adapter} adapter @param {string[]} measures */
function chooseAmounts({ isSoftware }, measures) {
  if (!isSoftware) return AMOUNTS.hardware;
  return measures.length > 1 ? AMOUNTS.brief : AMOUNTS.software;
}

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
/** Kernels are rows under their own names. */
const rowsOf = (kernels) =>
  Object.fromEntries(kernels.map(({ name, ...rest }) => [name, rowOf([rest])]));

/** What can be said of rows when nothing can be measured. */
function failed(rows, error) {
  const results = {};
  for (const [measure, id] of rows)
    (results[measure] ??= {})[id] = rowOf([], { error: briefly(error) });
  return results;
}

/**
 * @param {import('../main.mjs').Context} context
 * @param {(text: string) => void} say
 * @returns {Promise<{ adapter?: import('./adapters.mjs').Adapter, results: import('../targets.mjs').Results }>}
 */
export async function measureGpu(context, say) {
  try {
    // The engine is measured by itself, out of the folder where it is built.
    if (context.options.dist) throw new UsageError('gpu measures the last build, not --dist');
    const { adapter, flags } = await chooseAdapter(context);
    say(`gpu: ${adapter.name}${adapter.isSoftware ? ', in software' : ''}`);
    return { adapter, results: await inVisits(context, { adapter, flags, say }) };
  } catch (error) {
    // What the other measures found is worth keeping.
    say(`gpu: ${briefly(error)}`);
    return { results: failed([['gpu', 'gpu-int8']], error) };
  }
}

async function inVisits(context, { adapter, flags, say }) {
  const { places, options, texts } = context;
  const amounts = chooseAmounts(adapter, options.measures);
  const rounds = (/** @type {number} */ most) => Math.min(options.rounds, most);
  const sentences = texts.sentences.map((pair) => pair.source);
  const words = { warmUp: texts.warmUp, sentences, rounds: rounds(amounts.rounds) };
  const served = async (/** @type {import('../models/make.mjs').Form} */ form) =>
    `/gpu-models/${await makeModel(form, places)}`;

  const visits = [
    {
      what: 'int8',
      rows: [['gpu', 'gpu-int8'], ['work', 'gpu-int8']],
      async measure(visit) {
        const work = { ...words, model: '/package-model', calls: amounts.calls, beside: true };
        const found = await measureWords(visit, work);
        return {
          gpu: { 'gpu-int8': rowOf(found.gpu), 'cpu-int8': rowOf(found.cpu) },
          work: { 'gpu-int8': rowOf([found.work]) },
          ...(found.kernels.length ? { kernels: rowsOf(found.kernels) } : {}),
        };
      },
    },
    {
      what: 'int4',
      rows: [['gpu', 'gpu-int4'], ['work', 'gpu-int4']],
      async measure(visit) {
        const work = { ...words, model: await served('int4'), calls: amounts.int4Calls, beside: false };
        const found = await measureWords(visit, work);
        return { gpu: { 'gpu-int4': rowOf(found.gpu) }, work: { 'gpu-int4': rowOf([found.work]) } };
      },
    },
    {
      what: 'encoder',
      rows: [['encoder', 'gpu-f32'], ['encoder', 'onnxruntime']],
      async measure(visit) {
        const [model, encoder] = await Promise.all([served('f32'), served('onnx')]);
        const { ours, theirs, agreement } = await measureEncoder(visit, {
          ...{ model, encoder, texts: spread(sentences, amounts.encoded) },
          ...{ rounds: rounds(amounts.encoderRounds), say },
        });
        return { encoder: { 'gpu-f32': rowOf(ours, { agreement }), onnxruntime: rowOf(theirs) } };
      },
    },
  ];
  const results = {};
  for (const { what, rows, measure } of visits) {
    const started = Date.now();
    const found = await context.graphics(flags, measure).catch((error) => {
      // It does not keep the others from being measured.
      say(`gpu, ${what}: ${briefly(error)}`);
      return failed(rows, error);
    });
    for (const [measure, rows] of Object.entries(found))
      results[measure] = { ...results[measure], ...rows };
    say(`gpu, ${what}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
  return results;
}
