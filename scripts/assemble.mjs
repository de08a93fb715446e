// Completes the page that Trunk has staged: the JavaScript package with the engine inside, the
// models, licences and notices, and the service worker's list of files. Trunk runs it as a hook.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { build } from 'esbuild';
import { buildRelaxed } from './engine.mjs';
import { nameExports } from './exports.mjs';
import { ROOT, filesUnder, runScript, sha256 } from './files.mjs';
import { buildLaboratory } from './laboratory.mjs';
import { writeNotices } from './notices.mjs';
import { CRATE } from './wasm.mjs';

const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];

/** What the page needs to start: these files are kept for offline use from the first visit on. */
const SHELL_TYPES = new Set(['.html', '.css', '.js', '.wasm', '.svg', '.png', '.ico', '.webmanifest', '.tsv']);
const NOT_SHELL = /^(models|npm)\/|\.d\.ts$|^service-worker\.js$/;

/** Of data/, for the package. */
const CALIBRATION = 'calibration.en-pt.tsv';
/** Parts of www/package that serve its making and not its users. */
const NOT_PACKAGED = /^(node_modules|tests?)$|^tsconfig.*\.json$/;
/** What a page loads, and what each of its workers does: a file each, since a start waits for all. */
const SCRIPTS = ['index.js', 'worker.js', 'thread.js', 'gunzip.js', 'lab.worker.js'];

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
  const scripts = [[simd, 'engine-simd.wasm'], [relaxed, 'engine-relaxed.wasm']].map(
    ([{ script, module }, name]) => {
      cpSync(module, join(target, name));
      return nameExports({ script, module: join(target, name) });
    },
  );
  writeFileSync(join(target, 'engine.js'), commonScript(...scripts));
  for (const file of [simd.script, simd.module, join(stage, `${CRATE}.d.ts`)]) rmSync(file, { force: true });
  addLaboratory(target);
  nameBuild(target, ['engine-simd.wasm', 'engine-relaxed.wasm']);
  await bundle(target);
}

/** Its module, and the text that it calibrates with if it is given none. */
function addLaboratory(target) {
  const { script, module } = buildLaboratory();
  cpSync(module, join(target, 'lab.wasm'));
  writeFileSync(join(target, 'lab.js'), packaged(readFileSync(script, 'utf8'), 'lab.wasm'));
  cpSync(join(ROOT, 'data', CALIBRATION), join(target, CALIBRATION));
}

/** What was measured with one engine says nothing about another. */
function nameBuild(folder, engines) {
  const contents = engines.map((file) => readFileSync(join(folder, file)));
  fill(join(folder, 'build.js'), [[/__BUILD__/, sha256(...contents).slice(0, 16)]]);
}

/** Puts each script's modules into it. The modules stay readable: nothing is renamed or squeezed. */
async function bundle(folder) {
  const modules = filesUnder(folder).filter((file) => extname(file) === '.js');
  await build({
    absWorkingDir: folder,
    entryPoints: SCRIPTS,
    outdir: folder,
    allowOverwrite: true,
    bundle: true,
    // Classes and functions are called what they are called in the sources.
    keepNames: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'warning',
  });
  for (const file of modules) if (!SCRIPTS.includes(file)) rmSync(join(folder, file));
}

/** One script serves both builds: they have the same functions. */
function commonScript(...scripts) {
  const [text, other] = scripts.map((script) => packaged(script, 'engine-simd.wasm'));
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

function copyLicences(stage) {
  writeNotices(join(stage, 'third-party-notices.txt'));
  for (const name of LICENCES) cpSync(join(ROOT, name), join(stage, name));
  for (const name of [...LICENCES, 'third-party-notices.txt']) {
    cpSync(join(stage, name), join(stage, 'package', name));
  }
}

/** Puts values where a script has placeholders. */
function fill(path, replacements) {
  let script = readFileSync(path, 'utf8');
  for (const [placeholder, value] of replacements) {
    if (!placeholder.test(script)) {
      throw new Error(`${basename(path)} has lost its placeholder ${placeholder.source}`);
    }
    script = script.replace(placeholder, () => value);
  }
  writeFileSync(path, script);
}

/** Tells the service worker what to keep, and gives each different build a name of its own. */
function fillServiceWorker(stage) {
  const path = join(stage, 'service-worker.js');
  const template = readFileSync(path, 'utf8');
  const shell = filesUnder(stage).filter((file) => SHELL_TYPES.has(extname(file)) && !NOT_SHELL.test(file));
  const contents = shell.flatMap((file) => [file, '\0', readFileSync(join(stage, file)), '\0']);
  const build = sha256(template, '\0', ...contents).slice(0, 16);

  fill(path, [
    [/(["'])__SHELL_FILES__\1/, shell.map((file) => JSON.stringify(file)).join(', ')],
    [/__BUILD_ID__/, build],
  ]);
  console.log(`[build] page ${build}: ${shell.length} files for offline use`);
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
  copyModels(stage);
  copyLicences(stage);
  fillServiceWorker(stage);
  keepTarballs(stage);
});
