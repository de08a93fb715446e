// The package as a project of somebody else has it: the packed tarball, installed by npm into a new
// folder.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ROOT } from '../../scripts/files.mjs';

/** The models of this project: a folder with a registry, as URL. */
export const MODELS = pathToFileURL(join(ROOT, 'models/')).href;
export const REGISTRY = `${MODELS}registry.json`;
export const EN_PT = { sourceLanguage: 'en', targetLanguage: 'pt', registry: REGISTRY };
export const PT_EN = { sourceLanguage: 'pt', targetLanguage: 'en', registry: REGISTRY };

/** The command line's, to compare with. */
export const PROGRAM = process.env.POCKETGLOT_PROGRAM ?? join(ROOT, 'target/release/pocketglot');

/** A machine under load may need long for what usually takes a second. */
const PATIENCE_MS = 60_000;

/** A project with the package; call `remove` in the end. */
export async function install() {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'www/package/package.json'), 'utf8'));
  const tarball = join(ROOT, `dist/npm/pocketglot-${version}.tgz`);
  assert.ok(existsSync(tarball), `${tarball} is missing: run "make package" first`);
  const folder = await mkdtemp(join(tmpdir(), 'pocketglot-node-'));
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const options = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await promisify(execFile)('npm', ['install', ...options, tarball], { cwd: folder });
  return {
    folder,
    /** What `import 'pocketglot'` gives in this project. */
    async load() {
      const path = join(folder, 'all.mjs');
      await writeFile(path, "export * from 'pocketglot';\n");
      return import(pathToFileURL(path).href);
    },
    /** Begins a program of the project; `ended` tells what it wrote and how it ended. */
    start: (...args) => start(folder, args),
    /** Begins a program with this text, which finds the package. */
    async run(code, ...args) {
      await writeFile(join(folder, 'program.mjs'), code);
      return start(folder, ['program.mjs', ...args]);
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

function start(folder, args) {
  const child = spawn(process.execPath, args, { cwd: folder, timeout: PATIENCE_MS, killSignal: 'SIGKILL' });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => (written[name] += text));
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ ...written, status, signal }));
  });
  /** Resolves when the program has written something that matches. */
  const wrote = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => pattern.test(written.stdout) && resolve(written.stdout);
      child.stdout.on('data', look);
      look();
      void ended.then(() => reject(new Error(`it ended before it wrote ${pattern}: ${written.stderr}`)));
    });
  return { child, ended, wrote };
}

/** A column of the evaluation set. */
export function sentences(language, count) {
  const rows = readFileSync(join(ROOT, 'data/evaluation.en-pt.tsv'), 'utf8').trimEnd().split('\n');
  const [header, ...cells] = rows.map((row) => row.split('\t'));
  return cells.slice(0, count).map((row) => row[header.indexOf(language)]);
}
