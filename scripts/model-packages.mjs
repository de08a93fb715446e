// Packs each direction's model as an npm package of its own into dist/npm, so that it can be served, and
// kept in caches, apart from the engine.

import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT, fill, sha256 } from './files.mjs';
import { checkFiles, pack } from './tarball.mjs';

const MODELS = join(ROOT, 'models');
const TEMPLATE = join(ROOT, 'www/model-package');
const VERSIONS = 'versions.json';

/** @typedef {import('../www/package/registry.js').RegistryEntry} Entry */

/** @param {string} scratch an empty folder */
export function packModels(scratch) {
  const path = join(MODELS, 'registry.json');
  if (!existsSync(path)) throw new Error('models/registry.json is missing; run: make model');
  const { format, models } = JSON.parse(readFileSync(path, 'utf8'));
  const versions = JSON.parse(readFileSync(join(TEMPLATE, VERSIONS), 'utf8'));
  for (const entry of models) packModel(scratch, format, entry, versions);
}

/**
 * @param {string} scratch
 * @param {number} format of the registry
 * @param {Entry} entry
 * @param {Versions} versions
 */
function packModel(scratch, format, entry, versions) {
  const direction = `${entry.source}-${entry.target}`;
  const name = `pocketglot-model-${direction}`;
  const folder = join(scratch, name);
  const bytes = readFileSync(join(MODELS, entry.url));
  if (sha256(bytes) !== entry.sha256) {
    throw new Error(`models/${entry.url} is not the file that models/registry.json means; run: make model`);
  }
  const version = versionOf(direction, sha256(gunzipSync(bytes)), versions);

  mkdirSync(folder);
  cpSync(TEMPLATE, folder, { recursive: true, filter: (path) => !path.endsWith(VERSIONS) });
  writeFileSync(join(folder, entry.url), bytes);
  copyFileSync(join(MODELS, 'LICENSE.txt'), join(folder, 'LICENSE'));
  writeJson(join(folder, 'registry.json'), { format, models: [entry] });

  const [source, target] = [entry.source, entry.target].map(inEnglish);
  const manifest = JSON.parse(readFileSync(join(TEMPLATE, 'package.json'), 'utf8'));
  for (const key of ['credit', 'sourceUrl']) {
    if (!entry[key]) throw new Error(`models/registry.json has no "${key}" for ${direction}, which its package must name`);
  }
  if (entry.licence !== manifest.license) {
    throw new Error(`the model ${direction} has the licence ${entry.licence}, its package ${manifest.license}`);
  }
  const description = `Model for Pocketglot, machine translation in the browser: ${source} to ${target}.`;
  writeJson(join(folder, 'package.json'), { name, version, description, ...manifest });
  fill(join(folder, 'index.js'), [
    [/__ENTRY__/g, JSON.stringify(entry, null, 2)],
    [/__FORMAT__/g, String(format)],
    [/__FILE__/g, entry.url],
  ]);
  fill(join(folder, 'README.md'), [
    [/__NAME__/g, name],
    [/__FILE__/g, entry.url],
    [/__SOURCE__/g, source],
    [/__TARGET__/g, target],
    [/__FROM__/g, entry.source],
    [/__TO__/g, entry.target],
    [/__MEGABYTES__/g, (entry.bytes / 1e6).toFixed(1)],
    [/__CREDIT__/g, entry.credit],
    [/__SOURCE_URL__/g, entry.sourceUrl],
  ]);
  const required = ['package.json', 'README.md', 'LICENSE', 'index.js', 'index.d.ts', 'registry.json', entry.url];
  const allowed = new RegExp(`^(${required.map((file) => file.replaceAll('.', '\\.')).join('|')})$`);
  pack(folder, (files) => checkFiles(files, manifest, { required, allowed }));
}

/** @typedef {Record<string, { version: string, sha256: string }>} Versions */

/**
 * A version that is published can't be changed, so each is tied to what it holds: the unpacked file,
 * since another release of a compressor may write the same content in other bytes.
 * @param {string} direction
 * @param {string} hash of the unpacked model
 * @param {Versions} versions
 */
export function versionOf(direction, hash, versions) {
  const known = versions[direction];
  if (known?.sha256 === hash) return known.version;
  const problem = known ? `${direction} is not the model that version ${known.version} holds` : `${direction} has no version`;
  throw new Error(`${problem}: give it one in www/model-package/${VERSIONS}, with the SHA-256 ${hash}`);
}

/** @param {string} tag */
function inEnglish(tag) {
  return new Intl.DisplayNames('en', { type: 'language' }).of(tag) ?? tag;
}

/** @param {string} path @param {unknown} value */
function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
