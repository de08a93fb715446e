// The second build of the engine: the same crate with relaxed SIMD, which some browsers have. Trunk
// builds the first. Nothing is done twice: Cargo sees to the build, and wasm-bindgen runs only when
// the build is new. Needs scripts/wasm-env.sh.

import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, runScript } from './files.mjs';

/** The crate's name: Cargo and Trunk name their files after it. */
export const CRATE = 'pocketglot';
export const TARGET = 'wasm32-unknown-unknown';
/** The same build as the one of `www/index.html` and `Trunk.toml`. */
export const BUILD = ['--offline', '--profile', 'web', '--no-default-features', '--features', 'web'];

/** Joined by Cargo with the flags in .cargo/config.toml. */
const FLAGS = `target.${TARGET}.rustflags = ["-C", "target-feature=+relaxed-simd"]`;

/** Two sets of flags in one folder would rebuild each other's work. */
const folder = () => resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target/web', 'relaxed');

/** @returns the paths of wasm-bindgen's script and module */
export function buildRelaxed() {
  const env = { ...process.env, CARGO_TARGET_DIR: folder() };
  const args = ['build', '--target', TARGET, '--config', FLAGS, ...BUILD];
  execFileSync('cargo', args, { cwd: ROOT, env, stdio: 'inherit' });

  const built = join(folder(), TARGET, 'web', `${CRATE}.wasm`);
  const bound = join(folder(), 'bindgen');
  const files = { script: join(bound, `${CRATE}.js`), module: join(bound, `${CRATE}_bg.wasm`) };
  const isNew = !existsSync(files.module) || statSync(files.module).mtimeMs < statSync(built).mtimeMs;
  if (isNew) {
    rmSync(bound, { recursive: true, force: true });
    execFileSync('wasm-bindgen', ['--target', 'web', '--no-typescript', '--out-dir', bound, built], {
      cwd: ROOT,
      stdio: 'inherit',
    });
  }
  return files;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript('build', () => void buildRelaxed());
}
