// Writes third-party-notices.txt: every crate whose code is in the page's WebAssembly modules and every
// npm package whose code is in its scripts, with their licence texts. The list of crates is what Cargo
// compiled for them, the standard library included, so it holds neither build tools nor procedural
// macros. Needs scripts/wasm-env.sh and finished builds.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ENGINE } from './engine.mjs';
import { ROOT } from './files.mjs';
import { LABORATORY } from './laboratory.mjs';
import { TRAINING } from './training.mjs';
import { TARGET, cargoBuild } from './wasm.mjs';

const LICENCE_FILE = /^(licen[cs]e|copying|copyright|notice|unlicense)([-._].*)?$/i;
/** The second build of each has what its first has. */
const BUILDS = [ENGINE, LABORATORY, TRAINING];
/** Built along with std and not in the module: empty stand-ins, and an interface to the compiler. */
const NOT_LINKED = /[\\/]library[\\/](rustc-std-workspace-\w+|proc_macro)[\\/]Cargo\.toml$/;
const RULE = '-'.repeat(78);

/** For execFileSync. */
const READ = { encoding: 'utf8', maxBuffer: 1 << 28 };

/** The manifests of all packages that were compiled for WebAssembly. */
function compiledManifests() {
  const manifests = new Set();
  // As they were built, so that nothing is compiled.
  const output = BUILDS.map((build) => cargoBuild(build, READ, '--quiet', '--message-format=json')).join('');
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) continue;
    const message = JSON.parse(line);
    if (message.reason !== 'compiler-artifact') continue;
    // What runs at build time is compiled for this machine and lands in another folder.
    if (!message.filenames.some((file) => file.split(/[\\/]/).includes(TARGET))) continue;
    if (NOT_LINKED.test(message.manifest_path)) continue;
    manifests.add(message.manifest_path);
  }
  if (manifests.size === 0) throw new Error('Cargo names no package that was compiled for WebAssembly');
  return manifests;
}

/** Cargo's description of each manifest's package. */
function describe(manifests) {
  const known = new Map();
  const learn = (...args) => {
    const command = ['metadata', '--format-version', '1', '--offline', ...args];
    const output = execFileSync('cargo', command, { cwd: ROOT, ...READ });
    for (const crate of JSON.parse(output).packages) known.set(crate.manifest_path, crate);
  };
  learn('--filter-platform', TARGET, '--no-default-features', '--features', BUILDS.map(({ features }) => features).join());
  // The standard library and what it uses stand outside the project's own graph.
  for (const manifest of manifests) {
    if (!known.has(manifest)) learn('--no-deps', '--manifest-path', manifest);
  }
  return [...manifests].map((manifest) => known.get(manifest));
}

/** The licence files in a folder, by name, and one that is called otherwise. */
function licenceTexts(folder, other) {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map((entry) => entry.name);
  if (other && existsSync(join(folder, other))) names.push(other);
  return [...new Set(names)].sort().map((name) => readFileSync(join(folder, name), 'utf8').trim());
}

/** The standard texts of a licence expression, for a crate whose sources hold none. */
function standardTexts(crate) {
  // An exception to a licence only allows more.
  const names = crate.license.replace(/ WITH [\w-]+/g, '').split(/\s*\/\s*|[\s()]+|\b(?:OR|AND)\b/);
  return [...new Set(names.filter(Boolean))].map((name) => {
    const path = name === 'Apache-2.0' ? 'LICENSE-APACHE' : `LICENSES/${name}.txt`;
    if (!existsSync(join(ROOT, path))) {
      throw new Error(`${crate.name} holds no licence text; put the standard one of ${name} into ${path}`);
    }
    return readFileSync(join(ROOT, path), 'utf8').trim();
  });
}

function authors(crate) {
  if (crate.version === '0.0.0') return 'the Rust Project';
  const names = crate.authors.map((author) => author.replace(/ *<.*>/, ''));
  return names.join(', ') || `the developers of ${crate.name}`;
}

/**
 * @typedef {object} Component
 * @property {string} title
 * @property {string} [licence] its name
 * @property {string} [copyright] where no licence text says it
 * @property {string[]} texts of the licence
 */

/** @returns {Component} */
function ofCrate(crate) {
  const title = crate.version === '0.0.0' ? `${crate.name} (Rust's standard library)` : `${crate.name} ${crate.version}`;
  const texts = licenceTexts(dirname(crate.manifest_path), crate.license_file);
  if (!crate.license && texts.length === 0) {
    throw new Error(`${title} states no licence: it can't go into the page`);
  }
  if (texts.length > 0) return { title, licence: crate.license, texts };
  return { title, licence: crate.license, copyright: authors(crate), texts: standardTexts(crate) };
}

/** @param {string} folder of a package from npm @returns {Component} */
function ofPackage(folder) {
  const { name = basename(folder), version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = licenceTexts(folder);
  if (!license || texts.length === 0) {
    throw new Error(`${name} in ${folder} states no licence or brings no text of it: it can't go into the page`);
  }
  return { title: `${name} ${version} (npm)`, licence: license, texts };
}

/** @param {string[]} packages folders of packages from npm @returns {Component[]} */
export function packageComponents(packages) {
  return packages.map((folder) => ofPackage(join(ROOT, folder)));
}

/** @returns {Component[]} */
function crateComponents() {
  return describe(compiledManifests())
    .filter((crate) => crate.manifest_path !== join(ROOT, 'Cargo.toml'))
    .sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1))
    .map(ofCrate);
}

/** @param {Component[]} components @returns {string} the whole notice */
export function notices(components) {
  const list = [];
  const usersOfText = new Map();
  for (const { title, licence, copyright, texts } of components) {
    list.push(`${title}: ${licence ?? 'see its licence text below'}`);
    if (copyright) list.push(`    Copyright ${copyright}`);
    for (const text of texts) {
      // Packages differ in line ends and indentation of the same text.
      const key = text.replace(/\s+/g, ' ').trim();
      const entry = usersOfText.get(key) ?? { text, users: [] };
      if (!entry.users.includes(title)) entry.users.push(title);
      usersOfText.set(key, entry);
    }
  }

  const sections = [...usersOfText.values()].map(({ text, users }) => `${RULE}\n${users.join(', ')}\n${RULE}\n\n${text}\n`);
  return [
    "Pocketglot's WebAssembly modules and its page contain code of these packages, under these licences:\n",
    `${list.join('\n')}\n`,
    'The licence texts, each with the packages that it comes from:\n',
    ...sections,
  ].join('\n');
}

/** @param {string} path @param {string[]} packages folders of packages from npm */
export function writeNotices(path, packages) {
  writeFileSync(path, notices([...crateComponents(), ...packageComponents(packages)]));
}
