// The build of the laboratory: the same crate with other features, for a worker of its own.

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

/** @returns the paths of wasm-bindgen's script and module */
export function buildLaboratory() {
  return buildModule(LABORATORY);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript('build', () => void buildLaboratory());
}
