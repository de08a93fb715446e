// The project's recipes that have names: the files of `recipes/`, the best two first.

import half from '../../../recipes/half.toml';
import int4Gptq from '../../../recipes/int4-gptq.toml';
import int4 from '../../../recipes/int4.toml';
import int5 from '../../../recipes/int5.toml';
import int6 from '../../../recipes/int6.toml';
import int8 from '../../../recipes/int8.toml';
import small from '../../../recipes/small.toml';
import sparse20 from '../../../recipes/sparse-20.toml';
import sparse40 from '../../../recipes/sparse-40.toml';
import tiny from '../../../recipes/tiny.toml';

/** @typedef {{ name: string, recipe: import('../../package/lab-protocol.js').Recipe }} Preset */

/** @type {Preset[]} */
export const presets = [
  { name: 'small', recipe: small },
  { name: 'tiny', recipe: tiny },
  { name: 'half', recipe: half },
  { name: 'int8', recipe: int8 },
  { name: 'int6', recipe: int6 },
  { name: 'int5', recipe: int5 },
  { name: 'int4', recipe: int4 },
  { name: 'int4-gptq', recipe: int4Gptq },
  { name: 'sparse-20', recipe: sparse20 },
  { name: 'sparse-40', recipe: sparse40 },
];
