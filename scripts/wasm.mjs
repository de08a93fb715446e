// WebAssembly modules of the crate: one build each, by its flags and features. Nothing is done twice:
// Cargo sees to the build, and wasm-bindgen runs only when the build is new. Needs
// scripts/wasm-env.sh.

import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from './files.mjs';

/** The crate's name: Cargo and Trunk name their files after it. */
export const CRATE = 'pocketglot';
export const TARGET = 'wasm32-unknown-unknown';

/**
 * @typedef {object} Build
 * @property {string} [folder] where Cargo works, since two sets of flags in one folder would rebuild
 *   each other's work; without it, where Trunk does
 * @property {string} profile
 * @property {string} features
 * @property {string} [rustflags] instead of those in .cargo/config.toml
 * @property {string[]} [options] more for Cargo
 * @property {boolean} [keepsNames] Cargo leaves the functions' names to wasm-bindgen
 */

/** @param {Build} build */
function folderOf({ folder = '' }) {
  return resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target/web', folder);
}

/** Builds, or tells more of the build. @param {Build} build @param {object} [options] of execFileSync */
export function cargoBuild(build, options, ...more) {
  const { profile, features, rustflags, options: extra = [] } = build;
  const env = { ...process.env, CARGO_TARGET_DIR: folderOf(build) };
  if (rustflags) env.CARGO_ENCODED_RUSTFLAGS = rustflags.split(' ').join('\x1f');
  const args = ['build', '--target', TARGET, '--offline', '--profile', profile];
  args.push('--no-default-features', '--features', features, ...extra, ...more);
  return execFileSync('cargo', args, { cwd: ROOT, env, ...options });
}

/** @param {Build} build @returns the paths of wasm-bindgen's script and module */
export function buildModule(build) {
  cargoBuild(build, { stdio: 'inherit' });
  const folder = folderOf(build);
  const built = join(folder, TARGET, build.profile, `${CRATE}.wasm`);
  const bound = join(folder, 'bindgen');
  const files = { script: join(bound, `${CRATE}.js`), module: join(bound, `${CRATE}_bg.wasm`) };
  const isNew = !existsSync(files.module) || statSync(files.module).mtimeMs < statSync(built).mtimeMs;
  if (isNew) {
    rmSync(bound, { recursive: true, force: true });
    const options = ['--target', 'web', '--no-typescript', '--out-dir', bound];
    if (build.keepsNames) options.push('--remove-name-section');
    execFileSync('wasm-bindgen', [...options, built], { cwd: ROOT, stdio: 'inherit' });
  }
  return files;
}
