// A smaller network: `src/compress/recipe/{prune_neurons,prune_heads,drop_layers}.rs`.

import { COUNT, choice, either, number, share, toggle, without } from './control.js';
import { papers } from './papers.js';

/** @typedef {import('./control.js').Step} Step */
/** @typedef {import('./control.js').Control} Control */
/** @typedef {import('../methods.js').Method} Method */

/** What is left makes up for what went where the model must be looked at anyway. */
const LOOKS = ['activation', 'correlation'];
const refits = (/** @type {Step} */ { criterion, refit }) =>
  refit ?? LOOKS.includes(String(criterion));

/** @type {Record<string, import('./papers.js').Paper>} */
const NEURON_PAPERS = {
  activation: papers.zipLm,
  merge: papers.dataFree,
  correlation: papers.noiseOut,
};

/** @type {Method} */
export const pruneNeurons = {
  keys: ['share', 'criterion', 'refit'],
  targets: ['ffn', 'linear', 'all'],
  example: { method: 'prune_neurons', target: 'ffn', share: 0.125, criterion: 'activation' },
  order: 1,
  calibrated: (step) => LOOKS.includes(String(step.criterion)) || refits(step) === true,
  settle: (step) => step,
  controls: (step) => [
    share(step, 'share'),
    criterion(step, ['magnitude', 'activation', 'merge', 'correlation']),
    refit(step),
  ],
  papers: ({ criterion }) => [NEURON_PAPERS[String(criterion)] ?? papers.groupLasso],
};

/** @type {Method} */
export const pruneHeads = {
  keys: ['heads', 'share', 'criterion', 'refit'],
  targets: ['attention', 'linear', 'all'],
  example: { method: 'prune_heads', target: 'attention', heads: 1, criterion: 'activation' },
  order: 1,
  calibrated: pruneNeurons.calibrated,
  settle: (step) => step,
  controls: (step) => [
    either(step, 'amount', { heads: 1, share: 0.125 }),
    'share' in step ? share(step, 'share') : number(step, 'heads', COUNT),
    criterion(step, ['magnitude', 'activation']),
    refit(step),
  ],
  papers: () => [papers.heads, papers.groupLasso],
};

/** What a criterion says of refitting goes with it. @param {Step} step @param {string[]} options @returns {Control} */
function criterion(step, options) {
  const set = (/** @type {string} */ criterion) => ({ ...without(step, 'refit'), criterion });
  return { ...choice(step, 'criterion', options, ''), set };
}

/** @param {Step} step */
const refit = (step) => toggle(step, 'refit', refits(step) === true);

/** @type {Method} */
export const dropLayers = {
  keys: ['encoder', 'decoder'],
  targets: [],
  example: { method: 'drop_layers', encoder: 1 },
  order: 0,
  calibrated: ({ encoder, decoder }) =>
    [encoder, decoder].some((which) => typeof which === 'number'),
  settle: (step) => step,
  controls: (step) => [...stack(step, 'encoder', 'decoder'), ...stack(step, 'decoder', 'encoder')],
  papers: () => [papers.layers, papers.groupLasso],
};

/**
 * How layers of a stack are chosen, and which. The step must name one of both stacks.
 * @param {Step} step @param {string} key @param {string} other
 * @returns {Control[]}
 */
function stack(step, key, other) {
  const value = step[key];
  const how = value === undefined ? 'none' : Array.isArray(value) ? 'list' : 'count';
  /** @type {Control} */
  const choice = {
    id: `${key}_how`,
    keys: [],
    kind: 'choice',
    options: ['none', 'count', 'list'],
    closed: step[other] === undefined ? ['none'] : [],
    value: how,
    set: (chosen) =>
      chosen === 'none' ? without(step, key) : { ...step, [key]: chosen === 'list' ? [1] : 1 },
  };
  if (how === 'none') return [choice];
  if (how === 'count') return [choice, number(step, key, COUNT)];
  const set = (/** @type {number[]} */ layers) => ({ ...step, [key]: layers });
  return [choice, { id: `${key}_list`, keys: [key], kind: 'layers', value, set }];
}
