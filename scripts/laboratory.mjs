// The builds of the laboratory: the same crate with other features, for a worker of its own.

import { pathToFileURL } from 'node:url';
import { runScript } from './files.mjs';
import { buildModule } from './wasm.mjs';

/**
 * With SIMD, which every browser that runs the page has; without threads, so that its memory is its own
 * and needs nothing of the page.
 * @type {import('./wasm.mjs').Build}
 */
export const LABORATORY = {
  folder: 'lab',
  profile: 'lab',
  features: 'lab',
  keepsNames: true,
  rustflags: '-C target-feature=+simd128',
};

/** With relaxed SIMD, which some browsers have: products of integers are several times faster. @type {import('./wasm.mjs').Build} */
const RELAXED = {
  ...LABORATORY,
  folder: 'lab-relaxed',
  rustflags: '-C target-feature=+simd128,+relaxed-simd',
};

/** @returns the paths of wasm-bindgen's scripts and modules, the one with relaxed SIMD second */
export function buildLaboratories() {
  return [LABORATORY, RELAXED].map(buildModule);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript('build', () => void buildLaboratories());
}
