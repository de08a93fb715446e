// Where things are on this machine. The scripts know; nothing is guessed here a second time.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from './errors.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const BENCH = fileURLToPath(new URL('.', import.meta.url));
export const PACKAGES = join(BENCH, 'node_modules');

/** @param {string[]} command */
function output([program, ...args]) {
  try {
    return execFileSync(program, args, {
      ...{ cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    }).trim();
  } catch {
    throw new UsageError(`${program} ${args.join(' ')} failed; run: make bench`);
  }
}

/** @param {string} path @param {string} remedy */
function existing(path, remedy) {
  if (!existsSync(path)) throw new UsageError(`${path} is missing; run: ${remedy}`);
  return path;
}

/**
 * @param {{ from: string, to: string, dist?: string }} options
 */
export async function findPlaces({ from, to, dist }) {
  const shell = '. scripts/lib.sh; printf "%s\\n" "$CACHE" "$NATIVE_TARGET" "$NUMPY"';
  const [cache, target, numpy] = output(['bash', '-c', shell]).split('\n');
  const page = resolve(dist ?? process.env.POCKETGLOT_DIST ?? join(ROOT, 'dist'));
  return {
    cache,
    numpy,
    target: resolve(ROOT, target),
    dist: existing(join(page, 'package', 'index.js'), 'make build') && page,
    chromium: output(['scripts/chromium.sh']),
    program: existing(resolve(ROOT, target, 'release', 'pocketglot'), 'make model'),
    engine: join(resolve(ROOT, target), 'web', 'relaxed', 'bindgen'),
    model: existing(join(ROOT, 'models', `${from}-${to}.safetensors`), 'make model'),
    sources: await findSources(join(cache, 'models'), from + to),
  };
}

/**
 * The files that our package was converted from, which the peers read as they are.
 * @param {string} folder
 * @param {string} pair as in "enpt"
 */
async function findSources(folder, pair) {
  existing(folder, 'make model');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const find = (/** @type {RegExp} */ pattern) => {
    const found = entries.filter((entry) => pattern.test(entry.name));
    if (found.length !== 1)
      throw new UsageError(`${folder}: ${found.length} files match ${pattern}, one is needed`);
    return join(found[0].parentPath ?? found[0].path, found[0].name);
  };
  return {
    model: find(new RegExp(`^model\\.${pair}\\..*\\.bin$`)),
    vocabulary: find(new RegExp(`^vocab\\.${pair}\\.spm$`)),
    shortlist: find(new RegExp(`^lex\\..*\\.${pair}\\..*\\.bin$`)),
  };
}
