// Recipes in the laboratory, one after another in one visit: each row is a recipe of one step.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { briefly } from '../errors.mjs';
import { ROOT } from '../places.mjs';
import { spread } from '../texts.mjs';

/** Sentences that calibrated methods look at. */
const SENTENCES = 128;
/** A round takes half a minute, and they hardly differ. */
const ROUNDS = 3;

const quantize = { method: 'quantize', bits: 4 };
const prune = { method: 'prune', sparsity: 0.4 };

/** Rows: id, name, step. @type {[string, string, object][]} */
const RECIPES = [
  ['nearest', 'rounding to 4 bits, all', { ...quantize, target: 'all', rounding: 'nearest' }],
  ['mse', 'the same, scales of least squares', { ...quantize, target: 'all', rounding: 'mse' }],
  ['magnitude', 'pruning 40 % by magnitude, all', { ...prune, target: 'all', criterion: 'magnitude' }],
  ['gptq', `GPTQ, 4 bits, linear layers, ${SENTENCES} sentences`, { ...quantize, target: 'linear', rounding: 'gptq' }],
  [
    'codebook',
    'codebook of the embedding, pairs',
    { method: 'codebook', target: 'embedding', dimension: 2, codes: 256 },
  ],
  [
    'coded',
    `3.28 bits, entropy-coded GPTQ, all, ${SENTENCES} sentences`,
    {
      ...{ method: 'quantize', target: 'all', bits: 3.28, group_size: 'matrix' },
      ...{ coding: 'entropy', rounding: 'gptq' },
    },
  ],
  ['obs', `OBS, 40 %, linear layers, ${SENTENCES} sentences`, { ...prune, target: 'linear', criterion: 'obs' }],
];

export const ROWS = new Map(RECIPES.map(([id, name]) => [id, name]));

/** @param {string} language */
async function readCalibration(language) {
  const text = await readFile(join(ROOT, 'data', 'calibration.en-pt.tsv'), 'utf8');
  const [header, ...rows] = text.trimEnd().split('\n').map((line) => line.split('\t'));
  const column = header.indexOf(language);
  return spread(rows.map((cells) => cells[column]), SENTENCES);
}

/** @param {import('../browser.mjs').Visit} visit @param {object} request */
async function measured(visit, request) {
  const before = await visit.cpuSeconds();
  const figures = await visit.call('compress', request);
  const after = await visit.cpuSeconds();
  // One thread computes: of what the call was really given, the recipe got its part.
  const cpuSeconds = ((after - before) * figures.seconds) / figures.whole;
  return { ...figures, cpuSeconds };
}

/**
 * @param {import('../main.mjs').Context} context
 * @param {(text: string) => void} say
 * @returns {Promise<Record<string, import('../targets.mjs').Row>>}
 */
export async function measureCompress(context, say) {
  const { from, to, rounds } = context.options;
  const calibration = await readCalibration(from);
  const rows = Object.fromEntries(RECIPES.map(([id]) => [id, { rounds: [], scores: [] }]));
  const count = Math.min(rounds, ROUNDS);
  for (let round = 0; round < count; round++) {
    await context.laboratory(async (visit) => {
      await visit.call('open', `/pocketglot/models/${from}-${to}.safetensors.gz`);
      for (const [id, , step] of RECIPES) {
        const row = rows[id];
        try {
          row.rounds[round] = await measured(visit, { recipe: { step: [step] }, calibration });
        } catch (error) {
          row.rounds[round] = undefined;
          row.error = briefly(error);
          say(`compress, ${id}: ${row.error}`);
        }
      }
    });
    say(`compress, round ${round + 1} of ${count}`);
  }
  return rows;
}
