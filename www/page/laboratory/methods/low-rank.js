// Two thin matrices for one: `src/compress/recipe/low_rank.rs`.

import { COUNT, either, number, toggle } from './control.js';
import { papers } from './papers.js';

/** A share that may be all. */
const PART = { least: 0.01, most: 1, whole: false };

/** @type {import('../methods.js').Method} */
export const lowRank = {
  keys: ['rank', 'energy', 'size', 'whiten'],
  targets: ['all', 'embedding', 'linear', 'attention', 'ffn'],
  example: { method: 'low_rank', target: 'ffn', rank: 224, whiten: true },
  order: 2,
  calibrated: ({ whiten }) => whiten === true,
  settle: (step) => step,
  controls: (step) => [
    either(step, 'amount', { rank: 224, energy: 0.98, size: 1 }),
    'energy' in step
      ? number(step, 'energy', PART)
      : 'size' in step
        ? number(step, 'size', PART)
        : number(step, 'rank', COUNT),
    toggle(step, 'whiten', false),
  ],
  papers: ({ whiten }) =>
    whiten === true ? [papers.svdLlm] : [papers.predicting, papers.restructuring],
};
