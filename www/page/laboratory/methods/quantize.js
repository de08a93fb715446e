// Fewer bits a weight: `src/compress/recipe/quantize.rs`.

import { COUNT, choice, number, without } from './control.js';
import { papers } from './papers.js';

/** @typedef {import('./control.js').Step} Step */
/** @typedef {import('./control.js').Control} Control */

/** 16 and 32 are floats, which have neither groups nor a rounding of their own. */
const FLOATS = [16, 32];
const BITS = ['2', '3', '4', '5', '6', '7', '8', '16', '32'];
/** What an entropy-coded weight may take on average. */
const AVERAGE = { least: 1, most: 7, whole: false };
const GROUP_SIZE = 64;

/** @type {import('../methods.js').Method} */
export const quantize = {
  keys: ['bits', 'group_size', 'coding', 'rounding'],
  targets: ['all', 'embedding', 'linear', 'attention', 'ffn', 'vectors'],
  example: { method: 'quantize', target: 'all', bits: 4, group_size: GROUP_SIZE, rounding: 'gptq' },
  order: 3,
  calibrated: ({ rounding }) => rounding === 'gptq',
  settle,
  controls,
  papers: ({ coding, rounding }) => [
    ...(coding === 'entropy' ? [papers.deepCabac] : [papers.fourBits]),
    ...(rounding === 'gptq' ? [papers.gptq] : []),
  ],
};

/** @param {Step} step */
function settle(step) {
  // Vectors can be held in half floats, and in nothing else.
  if (step.target === 'vectors') return { method: step.method, target: step.target, bits: 16 };
  if (FLOATS.includes(Number(step.bits))) return without(step, 'group_size', 'coding', 'rounding');
  return step;
}

/** @param {Step} step @returns {Control[]} */
function controls(step) {
  if (step.target === 'vectors') return [];
  const coded = step.coding === 'entropy';
  if (!coded && FLOATS.includes(Number(step.bits))) return [bits(step)];
  const rounding = choice(
    step,
    'rounding',
    coded ? ['nearest', 'gptq'] : ['nearest', 'mse', 'gptq'],
    'nearest',
  );
  if (coded) {
    return [storage(step), { ...number(step, 'bits', AVERAGE), id: 'average' }, rounding];
  }
  const size = number(step, 'group_size', COUNT, GROUP_SIZE);
  return [bits(step), storage(step), ...(step.group_size === 'row' ? [] : [size]), rounding];
}

/** @param {Step} step @returns {Control} */
function bits(step) {
  const set = (/** @type {string} */ value) => ({ ...step, bits: Number(value) });
  return { ...choice(step, 'bits', BITS, ''), value: String(step.bits), set };
}

/** How codes are laid down: that is what two keys say together. @param {Step} step @returns {Control} */
function storage(step) {
  const value =
    step.coding === 'entropy' ? 'entropy' : step.group_size === 'row' ? 'row' : 'groups';
  const rest = without(step, 'group_size', 'coding');
  const bits = Number(step.bits);
  const set = (/** @type {string} */ chosen) => {
    if (chosen === 'entropy') {
      const rounding = step.rounding === 'mse' ? 'nearest' : step.rounding;
      const kept = rounding === undefined ? rest : { ...rest, rounding };
      return {
        ...kept,
        bits: Math.min(bits, AVERAGE.most),
        group_size: 'matrix',
        coding: 'entropy',
      };
    }
    const whole = Math.min(8, Math.max(2, Math.round(bits)));
    return { ...rest, bits: whole, group_size: chosen === 'row' ? 'row' : GROUP_SIZE };
  };
  const options = ['groups', 'row', 'entropy'];
  return { id: 'storage', keys: ['coding'], kind: 'choice', options, value, set };
}
