// Steps for what a package knows of words: `src/compress/recipe/{screen,trim_vocabulary}.rs`.

import { COUNT, number } from './control.js';
import { papers } from './papers.js';

/** @typedef {import('../methods.js').Method} Method */

/** @type {Method} */
export const screen = {
  keys: ['rank', 'candidates'],
  targets: [],
  example: { method: 'screen' },
  order: 4,
  calibrated: () => true,
  settle: (step) => step,
  controls: (step) => [number(step, 'rank', COUNT, 48), number(step, 'candidates', COUNT, 600)],
  papers: () => [papers.svdSoftmax],
};

/** @type {Method} */
export const trimVocabulary = {
  keys: ['keep'],
  targets: [],
  example: { method: 'trim_vocabulary', keep: 29_000 },
  order: 0,
  calibrated: () => true,
  settle: (step) => step,
  controls: (step) => [number(step, 'keep', COUNT)],
  papers: () => [papers.loadWhatYouNeed],
};
