// What was tried and where the dials stand, for as long as the visit: a reload loses nothing.

import { AT_REST, PRECISIONS } from './dial-recipes.js';

/** @typedef {import('./experiment.js').Experiment} Experiment */
/** @typedef {import('./experiment.js').Wanted} Wanted */
/** @typedef {import('./dial-recipes.js').Dials} Dials */
/** @typedef {import('./search.js').Found} Found */
/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */

const EXPERIMENTS = 'pocketglot.experiments';
const DIALS = 'pocketglot.dials';
const SEARCH = 'pocketglot.search';

/** @returns {Experiment[]} */
export function keptExperiments() {
  const kept = read(EXPERIMENTS);
  // What was learned here is in files, and they are not kept.
  const gone = (/** @type {Experiment} */ one) =>
    one.healed && one.healed.kind === undefined ? { ...one, healed: { ...one.healed, gone: true } } : one;
  return Array.isArray(kept) ? kept.map(gone) : [];
}

/** @param {Experiment[]} experiments */
export function keepExperiments(experiments) {
  write(EXPERIMENTS, experiments);
}

/**
 * Where the dials stand, or a recipe that they can't show, or a model that was downloaded.
 * @returns {{ positions: Dials, recipe?: Recipe, picked?: Wanted }}
 */
export function keptDials() {
  const kept = read(DIALS);
  const positions = PRECISIONS.includes(kept?.positions?.bits) ? kept.positions : {};
  return { positions: { ...AT_REST, ...positions }, recipe: kept?.recipe, picked: kept?.picked };
}

/** @param {Dials} positions @param {Recipe | undefined} recipe @param {Wanted | undefined} picked */
export function keepDials(positions, recipe, picked) {
  // Of a model that learned here the file is gone with the page.
  write(DIALS, { positions, recipe, picked: picked?.healed?.kind === undefined ? undefined : picked });
}

/** @returns {Found | undefined} */
export function keptSearch() {
  const kept = read(SEARCH);
  return Array.isArray(kept?.points) && Array.isArray(kept.front) ? kept : undefined;
}

/** @param {Found} found */
export function keepSearch(found) {
  write(SEARCH, found);
}

/** @param {string} key */
function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null');
  } catch {
    return undefined;
  }
}

/** @param {string} key @param {unknown} value */
function write(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is forbidden or full: the page itself still knows.
  }
}
