// Tells the service worker what to keep, and gives each different build a name of its own.

import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fill, filesUnder, sha256 } from './files.mjs';

/** What the page is made of: these files are kept for offline use. */
const SHELL_TYPES = new Set(['.html', '.css', '.js', '.wasm', '.svg', '.png', '.ico', '.webmanifest', '.tsv']);
const NOT_SHELL = /^(models|npm|icons)\/|\.d\.ts$|^service-worker\.js$|^package\/(node[.-]|element\.)/;
/** Beside the models, what tells the page of those that are ready-made. */
const LIST = 'models/healed.json';
/** Of them, what only the laboratory needs: not the first thing that a visit fetches. */
const LATER = /^(package\/(lab[.-]|calibration\.)|data\/|style\/laboratory\.css$|models\/healed\.json$)/;
/** And what only those need who train a model. */
const RARE = /^package\/(train[.-]|sentences\.)/;

/**
 * @param {string} stage where the page is put together
 * @param {string[]} laterScripts of the page, for later as well
 */
export function fillServiceWorker(stage, laterScripts) {
  const path = join(stage, 'service-worker.js');
  const template = readFileSync(path, 'utf8');
  const isShell = (file) => file === LIST || (SHELL_TYPES.has(extname(file)) && !NOT_SHELL.test(file));
  const shell = filesUnder(stage).filter(isShell);
  const contents = shell.flatMap((file) => [file, '\0', readFileSync(join(stage, file)), '\0']);
  const build = sha256(template, '\0', ...contents).slice(0, 16);

  const isLater = (file) => LATER.test(file) || laterScripts.includes(file);
  const isFirst = (file) => !isLater(file) && !RARE.test(file);
  const list = (files) => files.map((file) => JSON.stringify(file)).join(', ');
  fill(path, [
    [/(["'])__FIRST_FILES__\1/, list(shell.filter(isFirst))],
    [/(["'])__LATER_FILES__\1/, list(shell.filter(isLater))],
    [/(["'])__RARE_FILES__\1/, list(shell.filter((file) => RARE.test(file)))],
    [/__BUILD_ID__/, build],
  ]);
  console.log(`[build] page ${build}: ${shell.length} files for offline use`);
}
