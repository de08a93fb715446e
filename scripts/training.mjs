// The build of training: the same crate with other features, for a worker of its own.

import { pathToFileURL } from 'node:url';
import { runScript } from './files.mjs';
import { LABORATORY } from './laboratory.mjs';
import { buildModule } from './wasm.mjs';

/**
 * As the laboratory's, but there is one: relaxed SIMD serves products of integers, and training is made of
 * floats.
 * @type {import('./wasm.mjs').Build}
 */
export const TRAINING = { ...LABORATORY, folder: 'training', features: 'training' };

/** @returns the paths of wasm-bindgen's script and module */
export function buildTraining() {
  return buildModule(TRAINING);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript('build', () => void buildTraining());
}
