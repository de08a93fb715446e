// Writes third-party-notices.txt: every crate whose code is in the page's WebAssembly modules, with
// its licence texts. The list is what Cargo compiled for them, the standard library included, so it
// holds neither build tools nor procedural macros. Needs scripts/wasm-env.sh and finished builds.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ENGINE } from './engine.mjs';
import { ROOT, runScript } from './files.mjs';
import { LABORATORY } from './laboratory.mjs';
import { TARGET, cargoBuild } from './wasm.mjs';

const LICENCE_FILE = /^(licen[cs]e|copying|copyright|notice|unlicense)([-._].*)?$/i;
/** The engine's second build has what its first has. */
const BUILDS = [ENGINE, LABORATORY];
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

/** The licence files of a crate, by name. */
function licenceTexts(crate) {
  const folder = dirname(crate.manifest_path);
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map((entry) => entry.name);
  if (crate.license_file && existsSync(join(folder, crate.license_file))) names.push(crate.license_file);
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

/** @returns {string} the whole notice */
export function notices() {
  const crates = describe(compiledManifests())
    .filter((crate) => crate.manifest_path !== join(ROOT, 'Cargo.toml'))
    .sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1));

  const list = [];
  const usersOfText = new Map();
  for (const crate of crates) {
    const title = crate.version === '0.0.0' ? `${crate.name} (Rust's standard library)` : `${crate.name} ${crate.version}`;
    let texts = licenceTexts(crate);
    if (!crate.license && texts.length === 0) {
      throw new Error(`${title} states no licence: it can't go into the page`);
    }
    list.push(`${title}: ${crate.license ?? 'see its licence text below'}`);
    if (texts.length === 0) {
      list.push(`    Copyright ${authors(crate)}`);
      texts = standardTexts(crate);
    }
    for (const text of texts) {
      // Crates differ in line ends and indentation of the same text.
      const key = text.replace(/\s+/g, ' ').trim();
      const entry = usersOfText.get(key) ?? { text, users: [] };
      if (!entry.users.includes(title)) entry.users.push(title);
      usersOfText.set(key, entry);
    }
  }

  const sections = [...usersOfText.values()].map(({ text, users }) => `${RULE}\n${users.join(', ')}\n${RULE}\n\n${text}\n`);
  return [
    "Pocketglot's WebAssembly modules contain code of these packages, under these licences:\n",
    `${list.join('\n')}\n`,
    'The licence texts, each with the packages that it comes from:\n',
    ...sections,
  ].join('\n');
}

export function writeNotices(path) {
  writeFileSync(path, notices());
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript('notices', () => writeNotices(process.argv[2] ?? join(ROOT, 'third-party-notices.txt')));
}
