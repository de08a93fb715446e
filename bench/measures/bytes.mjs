// What a visitor downloads: engines and models, compressed as a server would.

import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PACKAGES } from '../places.mjs';

/** @param {string} path */
async function zipped(path) {
  return gzipSync(await readFile(path), { level: 9 }).length;
}

/** @param {string[]} paths */
async function total(paths) {
  return (await Promise.all(paths.map(zipped))).reduce((sum, bytes) => sum + bytes, 0);
}

/** @param {{ places: import('../engines.mjs').Places, options: { from: string, to: string } }} context */
export async function measureBytes({ places, options: { from, to } }) {
  const folder = join(places.dist, 'package');
  const names = await readdir(folder);
  const engines = names.filter((name) => /^engine-.*\.wasm$/.test(name));
  // Who translates does not load the laboratory's.
  const scripts = names.filter((name) => /^(?!lab\.).*\.js$/.test(name));
  const bergamot = join(PACKAGES, '@browsermt/bergamot-translator');
  const fxtranslate = join(PACKAGES, 'fxtranslate', 'wasm');
  const worker = join(bergamot, 'worker');
  const sources = Object.values(places.sources);
  return {
    /** Each is one build of the engine; a browser loads one of them. */
    oursEngines: Object.fromEntries(
      await Promise.all(engines.map(async (name) => [name, await zipped(join(folder, name))])),
    ),
    oursScripts: await total(scripts.map((name) => join(folder, name))),
    bergamotEngine: await zipped(join(worker, 'bergamot-translator-worker.wasm')),
    bergamotScripts: await total([
      join(bergamot, 'translator.js'),
      join(worker, 'translator-worker.js'),
      join(worker, 'bergamot-translator-worker.js'),
    ]),
    fxtranslateEngine: await zipped(join(fxtranslate, 'fxtranslate_wasm_bg.wasm')),
    fxtranslateScripts: await zipped(join(fxtranslate, 'fxtranslate_wasm.js')),
    /** As it is served: compressed already. */
    oursModel: (await stat(join(places.dist, 'models', `${from}-${to}.safetensors.gz`))).size,
    peersModel: await total(sources),
  };
}
