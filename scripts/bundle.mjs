// The scripts of the package: each with its modules inside, since a start waits for every file.

import { rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { build } from 'esbuild';
import { filesUnder } from './files.mjs';

/** Without comments and white space, which cost a third, but nothing is renamed: errors stay readable. */
const COMMON = {
  bundle: true,
  minifyWhitespace: true,
  minifySyntax: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  logLevel: 'warning',
};

/** What a page loads, whose classes are called what they are called in the sources, and its workers. */
const BUNDLES = [
  { ...COMMON, entryPoints: ['index.js'], keepNames: true },
  { ...COMMON, entryPoints: ['worker.js', 'thread.js', 'gunzip.js', 'lab.worker.js'] },
];

/**
 * @param {string} folder with the modules
 * @param {import('esbuild').BuildOptions} [options] others
 * @returns {Promise<import('esbuild').OutputFile[]>} each script with its modules inside
 */
export async function bundles(folder, options) {
  const all = BUNDLES.map((bundle) =>
    build({ ...bundle, absWorkingDir: folder, outdir: folder, write: false, ...options }),
  );
  return (await Promise.all(all)).flatMap(({ outputFiles }) => outputFiles);
}

/** Puts the scripts in the place of the modules. @param {string} folder of the package */
export async function bundlePackage(folder) {
  const scripts = await bundles(folder);
  for (const file of filesUnder(folder)) if (extname(file) === '.js') rmSync(join(folder, file));
  for (const { path, contents } of scripts) writeFileSync(path, contents);
}
