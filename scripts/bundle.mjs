// The scripts of the package: each with its modules inside, since a start waits for every file.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { build, buildSync, transform } from 'esbuild';
import { filesUnder } from './files.mjs';

/** As small as they get: a page waits for them. What errors say does not depend on names. */
const COMMON = {
  bundle: true,
  minifyWhitespace: true,
  minifySyntax: true,
  minifyIdentifiers: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  logLevel: 'warning',
};

const WORKERS = ['worker.js', 'thread.js', 'gunzip.js', 'lab.worker.js', 'train.worker.js'];

/**
 * What a page loads, whose classes are called what they are called in the sources; the element; the
 * workers; and the script that imports any of them, which stay files beside it.
 */
const BUNDLES = [
  { ...COMMON, entryPoints: ['index.js'], keepNames: true },
  { ...COMMON, entryPoints: ['element.js'], plugins: [{ name: 'element', setup: prepareElement }] },
  { ...COMMON, entryPoints: WORKERS },
  { ...COMMON, entryPoints: ['any-worker.js'], external: WORKERS.map((worker) => `./${worker}`) },
];

/**
 * The element has `index.js` outside, so that a page has one engine whoever imports it, and its style
 * sheet without comments and white space.
 * @param {import('esbuild').PluginBuild} build
 */
function prepareElement({ onResolve, onLoad }) {
  onResolve({ filter: /^\.\.\/index\.js$/ }, () => ({ path: './index.js', external: true }));
  onLoad({ filter: /\belement[/\\]style\.js$/ }, async ({ path }) => {
    const [before, css, after] = readFileSync(path, 'utf8').split(/(?<=const CSS = )`|`(?=;\n)/);
    if (after === undefined) throw new Error(`${path} has no style sheet of the form: const CSS = \`…\`;`);
    const { code } = await transform(css, { loader: 'css', minify: true });
    return { contents: before + JSON.stringify(code) + after };
  });
}

/** The same for Node.js: what the page's side has to find there instead of a browser's globals is put in. */
const NODE = { ...COMMON, minifyIdentifiers: false, platform: 'node', target: 'node20' };
const NODE_BUNDLES = [
  {
    ...NODE,
    entryPoints: { node: 'index.js' },
    inject: ['node/globals.js'],
    plugins: [{ name: 'twins', setup: takeTwins }],
    keepNames: true,
  },
  // Its workers are the browsers', which this script starts.
  { ...NODE, entryPoints: { 'node-worker': 'node/bootstrap.js' } },
];

/**
 * A worker's script with the names of its sources, for tests that add something to it.
 * @param {string} folder with the modules
 * @param {string} name
 */
export function readableWorker(folder, name) {
  const options = { ...COMMON, minifyIdentifiers: false, entryPoints: [name] };
  return buildSync({ ...options, absWorkingDir: folder, write: false }).outputFiles[0].text;
}

/** A module of the same name in node/ takes another's place. @param {import('esbuild').PluginBuild} build */
function takeTwins({ onResolve }) {
  onResolve({ filter: /^\.\/[\w.-]+\.js$/ }, ({ path, resolveDir }) => {
    const twin = join(resolveDir, 'node', path);
    return existsSync(twin) ? { path: twin } : undefined;
  });
}

/**
 * @param {string} folder with the modules
 * @param {import('esbuild').BuildOptions} [options] others
 * @returns {Promise<import('esbuild').OutputFile[]>} each script with its modules inside
 */
export function bundles(folder, options) {
  return buildAll(BUNDLES, folder, options);
}

/** @param {import('esbuild').BuildOptions[]} list @param {string} folder @param {import('esbuild').BuildOptions} [options] */
async function buildAll(list, folder, options) {
  const all = list.map((bundle) => {
    const external = [...(bundle.external ?? []), ...(options?.external ?? [])];
    return build({ ...bundle, absWorkingDir: folder, outdir: folder, write: false, ...options, external });
  });
  return (await Promise.all(all)).flatMap(({ outputFiles }) => outputFiles);
}

/** Puts the scripts in the place of the modules. @param {string} folder of the package */
export async function bundlePackage(folder) {
  const scripts = [...(await bundles(folder)), ...(await buildAll(NODE_BUNDLES, folder))];
  for (const file of filesUnder(folder)) if (extname(file) === '.js') rmSync(join(folder, file));
  rmSync(join(folder, 'node'), { recursive: true });
  for (const { path, contents } of scripts) writeFileSync(path, contents);
}
