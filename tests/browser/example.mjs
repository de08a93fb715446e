// The examples, as somebody who copies one would have it: in a folder of its own, with what was packed
// installed into it by npm.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../scripts/files.mjs';
import { entryPoints } from '../../scripts/tarball.mjs';
import { DIST } from './harness.mjs';

const run = promisify(execFile);
const NPM = join(DIST, 'npm');
/** What somebody may have made there who tried it. */
const MADE = /[/\\](node_modules|dist|build|package-lock\.json)$/;

export const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));

/** @param {string} name of a folder in examples/ @returns its copy; call `remove` in the end */
export async function install(name) {
  assert.ok(existsSync(NPM), `${NPM} is missing: run "make package" first`);
  const folder = mkdtempSync(join(tmpdir(), `pocketglot-${name}-`));
  cpSync(join(ROOT, 'examples', name), folder, { recursive: true, filter: (path) => !MADE.test(path) });
  const manifest = readJson(folder, 'package.json');
  // Tests have no network: these tools are the project's own, of the same versions.
  const { devDependencies = {}, ...rest } = manifest;
  assertSameVersions(devDependencies, readJson(ROOT, 'package.json').devDependencies);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(rest));
  const tarballs = Object.entries(manifest.dependencies).map(([name, version]) => join(NPM, `${name}-${version}.tgz`));
  for (const tarball of tarballs) assert.ok(existsSync(tarball), `${name} needs ${tarball}: run "make package"`);
  const options = ['--offline', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options, ...tarballs], { cwd: folder });
  return {
    folder,
    /** Runs a program of the project's node_modules there. */
    tool: (program, ...args) => run(process.execPath, [join(ROOT, 'node_modules', program), ...args], { cwd: folder }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function assertSameVersions(wanted, ours) {
  for (const [name, version] of Object.entries(wanted)) assert.equal(version, ours[name], `${name} in package.json`);
}

/** The scripts of an installed package that it starts as workers in a browser, and nobody names. */
export function workerScripts(folder) {
  const own = join(folder, 'node_modules/pocketglot');
  const named = entryPoints(readJson(own, 'package.json').exports);
  return readdirSync(own).filter((file) => file.endsWith('.js') && !file.startsWith('node') && !named.includes(file));
}
