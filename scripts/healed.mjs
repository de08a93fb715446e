// Takes what `make heal` has made into the page's models, and lists it for the page. The list is always
// there: the page asks for it, and none of what is absent.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, sha256 } from './files.mjs';

/** Of the list; docs/registry.md describes it. */
const FORMAT = 1;
const LIST = 'healed.json';
const REGISTRY = 'registry.json';
const LICENCE = 'LICENSE.txt';

const HOW = ['healed', 'pruned', 'distilled'];
/** A plain name beside the registry, which no path leads out of. */
const FILE = /^[\w-][\w.-]*$/;

/** @typedef {{ how: string, recipe: { step: object[] }, steps: number, seconds?: number }} Made */

/**
 * @param {string} models the page's folder of models
 * @param {{ healed?: string, say?: (line: string) => void }} [options]
 */
export function copyHealed(models, { healed = join(ROOT, 'healed'), say = (line) => console.log(`[build] ${line}`) } = {}) {
  const kinds = existsSync(healed) ? readdirSync(healed, { withFileTypes: true }) : [];
  const names = kinds.filter((kind) => kind.isDirectory()).map(({ name }) => name).sort();
  const listed = names.flatMap((kind) => {
    if (existsSync(join(healed, kind, REGISTRY))) return copyKind(join(healed, kind), models, kind);
    say(`healed/${kind} has no ${REGISTRY} yet, so the page does without it; \`make heal ARGS=${kind}\` finishes it`);
    return [];
  });
  mkdirSync(models, { recursive: true });
  writeFileSync(join(models, LIST), `${JSON.stringify({ format: FORMAT, models: listed }, null, 2)}\n`);
}

/** @param {string} folder @param {string} models @param {string} kind @returns what the list says of its models */
function copyKind(folder, models, kind) {
  /** @param {string} what @returns {never} */
  const fail = (what) => {
    throw new Error(`healed/${kind}/${what}; run: make heal ARGS=${kind} (or remove healed/${kind})`);
  };
  const target = join(models, kind);
  const { format, models: entries } = parse(readFileSync(join(folder, REGISTRY), 'utf8'));
  if (format !== 1 || !Array.isArray(entries)) fail(`${REGISTRY} is no registry of format 1`);
  if (!existsSync(join(folder, LICENCE))) fail(`${LICENCE} is missing`);
  const listed = entries.map(({ source, target, url, bytes, sha256: hash, made }) => {
    if (typeof url !== 'string' || !FILE.test(url)) fail(`${REGISTRY} names ${JSON.stringify(url)}, which is no file beside it`);
    if (!existsSync(join(folder, url))) fail(`${url} is missing, which ${REGISTRY} names`);
    const file = readFileSync(join(folder, url));
    if (file.length !== bytes) fail(`${url} has ${file.length} bytes, and ${REGISTRY} says ${bytes}`);
    if (sha256(file) !== hash) fail(`${url} has another SHA-256 than ${REGISTRY} says`);
    if (!isMade(made)) fail(`${REGISTRY} does not say how ${url} was made`);
    const { how, recipe, steps, seconds } = made;
    return { kind, registry: `${kind}/${REGISTRY}`, source, target, bytes, sha256: hash, how, recipe, steps, seconds };
  });
  rmSync(target, { recursive: true, force: true });
  for (const name of [REGISTRY, LICENCE, ...entries.map(({ url }) => url)])
    cpSync(join(folder, name), join(target, name));
  return listed;
}

/** @param {string} text @returns {{ format?: number, models?: any[] }} */
function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** @param {Partial<Made> | undefined} made @returns {made is Made} */
function isMade(made) {
  const { how = '', recipe, steps = 0, seconds = 0 } = made ?? {};
  const isCount = Number.isInteger(steps) && steps > 0;
  return HOW.includes(how) && Array.isArray(recipe?.step) && recipe.step.length > 0 && isCount && Number.isFinite(seconds);
}
