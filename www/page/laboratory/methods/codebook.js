// Runs of weights that share codes: `src/compress/recipe/codebook.rs`.

import { choice, number } from './control.js';
import { papers } from './papers.js';

const CODES = 256;

/** @type {import('../methods.js').Method} */
export const codebook = {
  keys: ['dimension', 'codes', 'books', 'rounding', 'seed'],
  targets: ['all', 'embedding', 'linear', 'attention', 'ffn'],
  example: { method: 'codebook', target: 'embedding', dimension: 2 },
  order: 2,
  calibrated: ({ rounding }) => rounding === 'weighted' || rounding === 'gptq',
  settle: (step) => step,
  controls: (step) => [
    number(step, 'dimension', { least: 1, most: 16, whole: true }),
    number(step, 'codes', { least: 2, most: CODES, whole: true }, CODES),
    choice(step, 'books', ['matrix', 'columns'], 'matrix'),
    choice(step, 'rounding', ['nearest', 'weighted', 'gptq'], 'nearest'),
    number(step, 'seed', { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true }, 0),
  ],
  papers: ({ books, rounding }) => [
    books === 'columns' ? papers.products : papers.vectors,
    ...(rounding === 'gptq' ? [papers.gptvq] : []),
  ],
};
