// Every method of the recipe format, for people: what may be chosen, what goes with what, what to
// begin with. The truth is `src/compress/recipe/`; the tests hold both together.

import { codebook } from './methods/codebook.js';
import { without } from './methods/control.js';
import { lowRank } from './methods/low-rank.js';
import { prune } from './methods/prune.js';
import { quantize } from './methods/quantize.js';
import { dropLayers, pruneHeads, pruneNeurons } from './methods/structure.js';
import { screen, trimVocabulary } from './methods/vocabulary.js';

/** @typedef {import('./methods/control.js').Step} Step */
/** @typedef {import('./methods/control.js').Control} Control */
/** @typedef {import('./methods/papers.js').Paper} Paper */
/** @typedef {keyof typeof methods} MethodName */

/**
 * @typedef {object} Method
 * @property {string[]} keys its own, in the order in which recipes are written
 * @property {string[]} targets words that it may aim at; without any, it has no `target`
 * @property {Step} example a good step to begin with
 * @property {number} order where it best stands: lower goes first
 * @property {(step: Step) => boolean} calibrated whether it looks at what the model does with text
 * @property {(step: Step) => Step} settle without keys that do not go with the others
 * @property {(step: Step) => Control[]} controls those that apply
 * @property {(step: Step) => Paper[]} papers of what the step does
 */

/** In the order in which they are offered. */
export const methods = {
  quantize,
  prune,
  prune_neurons: pruneNeurons,
  prune_heads: pruneHeads,
  drop_layers: dropLayers,
  low_rank: lowRank,
  codebook,
  trim_vocabulary: trimVocabulary,
  screen,
};

export const names = /** @type {MethodName[]} */ (Object.keys(methods));

/** @param {string} name @returns {name is MethodName} */
export const isMethod = (name) => Object.hasOwn(methods, name);

/** @param {Step} step @returns {Method | undefined} undefined for a name that is none */
export const methodOf = (step) => (isMethod(step.method) ? methods[step.method] : undefined);

/** Whether a step needs calibration text. @param {Step} step */
export const isCalibrated = (step) => methodOf(step)?.calibrated(step) ?? false;

/** The keys of a step in the usual order, without those that do not apply. @param {Step} step @returns {Step} */
export function tidy(step) {
  const method = methodOf(step);
  if (!method) return step;
  const settled = method.settle(step);
  const usual = ['method', 'target', ...method.keys].filter((key) => key in settled);
  const ordered = Object.fromEntries(usual.map((key) => [key, settled[key]]));
  return { ...ordered, ...without(settled, ...usual) };
}

/** Where among `steps` a new one best stands. @param {Step[]} steps @param {Step} step */
export function placeFor(steps, step) {
  const order = methodOf(step)?.order ?? 0;
  const later = steps.findIndex((other) => (methodOf(other)?.order ?? 0) > order);
  return later < 0 ? steps.length : later;
}
