// Completes the page that Trunk has staged: the JavaScript package with the engine inside, the
// models, licences and notices, and the service worker's list of files. Trunk runs it as a hook.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bundlePackage } from './bundle.mjs';
import { buildRelaxed } from './engine.mjs';
import { nameExports } from './exports.mjs';
import { ROOT, fill, runScript, sha256 } from './files.mjs';
import { buildLaboratories } from './laboratory.mjs';
import { writeNotices } from './notices.mjs';
import { bundlePage } from './page.mjs';
import { fillServiceWorker } from './service-worker.mjs';
import { CRATE } from './wasm.mjs';

const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];

/** Of data/, for the package. */
const CALIBRATION = 'calibration.en-pt.tsv';
/** Parts of www/package that serve its making and not its users. */
const NOT_PACKAGED = /^(node_modules|tests?)$|^tsconfig.*\.json$/;

/** www/package, the builds of the engine, and the laboratory. */
async function assemblePackage(stage) {
  const target = join(stage, 'package');
  cpSync(join(ROOT, 'www/package'), target, {
    recursive: true,
    filter: (source) => !NOT_PACKAGED.test(basename(source)),
  });

  if (existsSync(join(stage, 'snippets'))) {
    throw new Error('wasm-bindgen wrote snippets/: the package has no place for them yet');
  }
  const simd = { script: join(stage, `${CRATE}.js`), module: join(stage, `${CRATE}_bg.wasm`) };
  const relaxed = buildRelaxed();
  addBuilds(target, 'engine', [simd, relaxed]);
  for (const file of [simd.script, simd.module, join(stage, `${CRATE}.d.ts`)]) rmSync(file, { force: true });
  addLaboratory(target);
  nameBuild(target, ['engine-simd.wasm', 'engine-relaxed.wasm']);
  await bundlePackage(target);
}

/** Two modules, without and with relaxed SIMD, and the script that serves both. */
function addBuilds(target, name, builds) {
  const modules = [`${name}-simd.wasm`, `${name}-relaxed.wasm`];
  const scripts = builds.map(({ script, module }, n) => {
    cpSync(module, join(target, modules[n]));
    return nameExports({ script, module: join(target, modules[n]) });
  });
  writeFileSync(join(target, `${name}.js`), commonScript(scripts, modules[0]));
}

/** Its modules, and the text that it calibrates with if it is given none. */
function addLaboratory(target) {
  addBuilds(target, 'lab', buildLaboratories());
  cpSync(join(ROOT, 'data', CALIBRATION), join(target, CALIBRATION));
}

/** What was measured with one engine says nothing about another. */
function nameBuild(folder, engines) {
  const contents = engines.map((file) => readFileSync(join(folder, file)));
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

/** The compressed models with their registry and licence; the page fetches them when it needs them. */
function copyModels(stage) {
  const source = join(ROOT, 'models');
  if (!existsSync(join(source, 'registry.json'))) {
    throw new Error('models/registry.json is missing; run: make model');
  }
  const registry = JSON.parse(readFileSync(join(source, 'registry.json'), 'utf8'));
  mkdirSync(join(stage, 'models'), { recursive: true });
  for (const name of ['registry.json', 'LICENSE.txt', ...registry.models.map((model) => model.url)]) {
    cpSync(join(source, name), join(stage, 'models', name));
  }
}

function copyLicences(stage, packages) {
  writeNotices(join(stage, 'third-party-notices.txt'), packages);
  for (const name of LICENCES) cpSync(join(ROOT, name), join(stage, name));
  for (const name of [...LICENCES, 'third-party-notices.txt']) {
    cpSync(join(stage, name), join(stage, 'package', name));
  }
}

/** Trunk empties dist/ before it moves the new page there; what `make package` made is kept. */
function keepTarballs(stage) {
  const tarballs = join(process.env.TRUNK_DIST_DIR ?? join(ROOT, 'dist'), 'npm');
  if (existsSync(tarballs)) cpSync(tarballs, join(stage, 'npm'), { recursive: true });
}

await runScript('build', async () => {
  const stage = process.env.TRUNK_STAGING_DIR;
  if (!stage) throw new Error('TRUNK_STAGING_DIR is not set: this runs as a hook of `trunk build`');
  await assemblePackage(stage);
  const { packages, later } = await bundlePage(stage);
  copyModels(stage);
  copyLicences(stage, packages);
  fillServiceWorker(stage, later);
  keepTarballs(stage);
});
