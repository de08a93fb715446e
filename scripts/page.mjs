// The page's scripts and styles: the modules of www/page joined into a few files, with the libraries
// that they use inside. What only the laboratory needs stays in files of its own, loaded with it.

import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { parse } from 'smol-toml';
import { ROOT } from './files.mjs';

/** For readers, whom the sources serve better: smaller, with a map back to them. */
const COMMON = { absWorkingDir: ROOT, bundle: true, minify: true, charset: 'utf8', logLevel: 'warning' };
/** Of data/: what the page scores translations with. */
const TEST_SET = 'data/evaluation.en-pt.tsv';
const TARGET = ['chrome100', 'firefox114', 'safari16.4'];

/** The package stands beside the page as everybody gets it. */
const PACKAGE = {
  name: 'package',
  setup({ onResolve }) {
    onResolve({ filter: /\/package\/index\.js$/ }, () => ({ path: '../package/index.js', external: true }));
  },
};

/** The presets of the command line, as the objects that they mean. */
const RECIPES = {
  name: 'recipes',
  setup({ onLoad }) {
    onLoad({ filter: /\.toml$/ }, ({ path }) => ({
      contents: JSON.stringify(parse(readFileSync(path, 'utf8'))),
      loader: 'json',
    }));
  },
};

/** A second copy of a file of texts, so that the laboratory's go with the laboratory's scripts. */
const TEXTS = {
  name: 'texts',
  setup({ onResolve }) {
    const suffix = '?laboratory';
    onResolve({ filter: /texts\.en\.js\?laboratory$/ }, ({ path, resolveDir }) => ({
      ...{ path: join(resolveDir, path.slice(0, -suffix.length)), suffix },
    }));
  },
};

/** How scripts become what a browser gets. */
export const SCRIPTS = { ...COMMON, format: 'esm', target: TARGET, plugins: [PACKAGE, RECIPES, TEXTS] };
/** @type {import('esbuild').BuildOptions} */
const PAGE = {
  ...SCRIPTS,
  entryPoints: ['www/page/main.js'],
  splitting: true,
  chunkNames: '[name]-[hash]',
  metafile: true,
};
/** The parser waits for this one, so it is no module. @type {import('esbuild').BuildOptions} */
const START = { ...COMMON, entryPoints: ['www/page/theme-start.js'], format: 'iife', target: TARGET };

/**
 * The scripts of the page, to look at.
 * @param {string[]} external modules that stay outside
 * @returns {Promise<{ path: string, contents: Uint8Array, isLater: boolean }[]>}
 */
export async function pageScripts(external) {
  const all = [PAGE, START].map((options) => build({ ...options, external, outdir: 'page', write: false }));
  const [page, start] = await Promise.all(all);
  const later = laterScripts(page.metafile.outputs).map((path) => join(ROOT, path));
  return [...page.outputFiles, ...start.outputFiles].map(({ path, contents }) => ({
    ...{ path, contents, isLater: later.includes(path) },
  }));
}

/**
 * @param {string} stage where the page is put together
 * @returns {Promise<{ packages: string[], later: string[] }>} the folders of the npm packages whose code
 *   is in it, and the scripts that a visit can begin without
 */
export async function bundlePage(stage) {
  for (const folder of ['page', 'style']) rmSync(join(stage, folder), { recursive: true, force: true });
  const outdir = join(stage, 'page');
  const scripts = await build({ ...PAGE, outdir, sourcemap: 'linked' });
  await build({ ...START, outdir });
  await build({
    ...COMMON,
    entryPoints: ['main', 'dark', 'laboratory'].map((name) => `www/style/${name}.css`),
    outdir: join(stage, 'style'),
    target: TARGET,
  });
  cpSync(join(ROOT, TEST_SET), join(stage, TEST_SET));
  const { inputs, outputs } = scripts.metafile;
  const inStage = (path) => relative(stage, join(ROOT, path)).split(sep).join('/');
  return { packages: packagesOf(Object.keys(inputs)), later: laterScripts(outputs).map(inStage) };
}

/** What a visit begins with, in whichever language of the page. */
const FIRST = /^www\/page\/(main|texts\.[\w-]+)\.js$/;

/** Those that none of the first imports at its start. @param {import('esbuild').Metafile['outputs']} outputs */
function laterScripts(outputs) {
  const first = new Set();
  const add = (path) => {
    if (!outputs[path] || first.has(path)) return;
    first.add(path);
    for (const { path: other, kind } of outputs[path].imports) if (kind === 'import-statement') add(other);
  };
  for (const [path, { entryPoint }] of Object.entries(outputs)) if (FIRST.test(entryPoint ?? '')) add(path);
  return Object.keys(outputs).filter((path) => path.endsWith('.js') && !first.has(path));
}

/** @param {string[]} inputs paths of modules, relative to the project */
function packagesOf(inputs) {
  const folders = inputs
    .map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter((folder) => folder !== undefined);
  return [...new Set(folders)].sort();
}

/** The page's markup without the lines that are meant for Trunk. */
export function markup() {
  const html = readFileSync(join(ROOT, 'www/index.html'), 'utf8');
  return html.replace(/^ *<link\s+data-trunk[^>]*>\n/gm, '');
}
