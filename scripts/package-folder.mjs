// The folder of the JavaScript package: its modules joined into a few scripts, with the builds of the
// engine, the laboratory and training beside them.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { bundlePackage, readableWorker } from './bundle.mjs';
import { buildRelaxed } from './engine.mjs';
import { nameExports } from './exports.mjs';
import { ROOT, fill, sha256 } from './files.mjs';
import { buildLaboratories } from './laboratory.mjs';
import { buildTraining } from './training.mjs';
import { CRATE } from './wasm.mjs';

/** Of data/, for the package. */
const TEXTS = ['calibration.en-pt.tsv', 'sentences.en-pt.tsv'];
/** Parts of www/package that serve its making and not its users. */
const NOT_PACKAGED = /^(node_modules|tests?)$|^tsconfig.*\.json$/;
/** wasm-bindgen's scripts as they were joined at the last build, for work on the package's own. */
const SCRIPTS = join(ROOT, 'target/web/scripts');

/** www/package, and the builds of the engine, the laboratory and training. @param {string} stage */
export async function assemblePackage(stage) {
  const target = join(stage, 'package');
  copySources(target);

  if (existsSync(join(stage, 'snippets'))) {
    throw new Error('wasm-bindgen wrote snippets/: the package has no place for them yet');
  }
  const simd = { script: join(stage, `${CRATE}.js`), module: join(stage, `${CRATE}_bg.wasm`) };
  const relaxed = buildRelaxed();
  addBuilds(target, 'engine', [simd, relaxed]);
  for (const file of [simd.script, simd.module, join(stage, `${CRATE}.d.ts`)]) rmSync(file, { force: true });
  addBuilds(target, 'lab', buildLaboratories());
  addBuild(target, 'train', buildTraining());
  await finish(target);
}

/** The package's own scripts anew, with the modules that an earlier build made. @param {string} stage */
export async function renewPackage(stage) {
  const target = join(stage, 'package');
  copyAllSources(target);
  await finish(target);
}

/**
 * A worker's script of a built package with the names of its sources, for tests that add something to it.
 * @param {string} built the package's folder
 * @param {string} name
 */
export function readableScript(built, name) {
  const folder = mkdtempSync(join(tmpdir(), 'pocketglot-scripts-'));
  try {
    copyAllSources(folder);
    nameBuild(folder, built);
    return readableWorker(folder, name);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** With what wasm-bindgen wrote at the last build. @param {string} target */
function copyAllSources(target) {
  copySources(target);
  for (const name of ['engine.js', 'lab.js', 'train.js']) cpSync(join(SCRIPTS, name), join(target, name));
}

/** @param {string} target */
function copySources(target) {
  cpSync(join(ROOT, 'www/package'), target, {
    recursive: true,
    filter: (source) => !NOT_PACKAGED.test(basename(source)),
  });
  for (const name of TEXTS) cpSync(join(ROOT, 'data', name), join(target, name));
}

/** @param {string} target */
async function finish(target) {
  nameBuild(target, target);
  await bundlePackage(target);
}

/** Two modules, without and with relaxed SIMD, and the script that serves both. */
function addBuilds(target, name, builds) {
  const modules = [`${name}-simd.wasm`, `${name}-relaxed.wasm`];
  const scripts = builds.map(({ script, module }, n) => {
    cpSync(module, join(target, modules[n]));
    return nameExports({ script, module: join(target, modules[n]) });
  });
  writeScript(target, name, commonScript(scripts, modules[0]));
}

/** A module of which there is one build. */
function addBuild(target, name, { script, module }) {
  const file = `${name}.wasm`;
  cpSync(module, join(target, file));
  writeScript(target, name, packaged(nameExports({ script, module: join(target, file) }), file));
}

function writeScript(target, name, script) {
  mkdirSync(SCRIPTS, { recursive: true });
  for (const folder of [target, SCRIPTS]) writeFileSync(join(folder, `${name}.js`), script);
}

/** What was measured with one engine says nothing about another. */
function nameBuild(folder, engines) {
  const files = ['engine-simd.wasm', 'engine-relaxed.wasm'];
  const contents = files.map((file) => readFileSync(join(engines, file)));
  fill(join(folder, 'build.js'), [[/__BUILD__/, sha256(...contents).slice(0, 16)]]);
}

/** One script serves both builds: they have the same functions. */
function commonScript(scripts, module) {
  const [text, other] = scripts.map((script) => packaged(script, module));
  if (text !== other) {
    throw new Error("wasm-bindgen's scripts of the two builds differ, and the package has one");
  }
  return text;
}

/** One of wasm-bindgen's scripts as it stands in the package. */
function packaged(script, module) {
  // It begins with a reference to its own types where it has written some; the package has better ones.
  const text = script.replace(/^\/\* @ts-self-types.*\n+/, '');
  // What it would load by itself if the package did not say: a file that exists, for bundlers.
  const renamed = text.replaceAll(`${CRATE}_bg.wasm`, module);
  if (renamed === text) {
    throw new Error(`the script does not name ${CRATE}_bg.wasm: has wasm-bindgen's output changed?`);
  }
  return renamed;
}
