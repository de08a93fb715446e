// The builds of the engine. Trunk makes the first; the second is the same crate with relaxed SIMD, which
// some browsers have.

import { pathToFileURL } from 'node:url';
import { runScript } from './files.mjs';
import { buildModule } from './wasm.mjs';

/** As in `www/index.html` and `Trunk.toml`. @type {import('./wasm.mjs').Build} */
export const ENGINE = { profile: 'web', features: 'web' };

/** Its flag is joined by Cargo with those in .cargo/config.toml. @type {import('./wasm.mjs').Build} */
const RELAXED = {
  ...ENGINE,
  folder: 'relaxed',
  options: ['--config', 'target.wasm32-unknown-unknown.rustflags = ["-C", "target-feature=+relaxed-simd"]'],
};

/** @returns the paths of wasm-bindgen's script and module */
export function buildRelaxed() {
  return buildModule(RELAXED);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript('build', () => void buildRelaxed());
}
