// The builds of training: the same crate with other features, for a worker of its own.

import { pathToFileURL } from 'node:url';
import { runScript } from './files.mjs';
import { LABORATORY, RELAXED as LABORATORY_RELAXED } from './laboratory.mjs';
import { buildModule } from './wasm.mjs';

/** As the laboratory's. @type {import('./wasm.mjs').Build} */
export const TRAINING = { ...LABORATORY, folder: 'training', features: 'training' };
/** @type {import('./wasm.mjs').Build} */
const RELAXED = { ...LABORATORY_RELAXED, folder: 'training-relaxed', features: 'training' };

/** @returns the paths of wasm-bindgen's scripts and modules, the one with relaxed SIMD second */
export function buildTraining() {
  return [TRAINING, RELAXED].map(buildModule);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript('build', () => void buildTraining());
}
