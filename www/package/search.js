// What a search for recipes is asked for, checked.

/** @typedef {import('./lab-protocol.js').SearchProgress} SearchProgress */

/**
 * @typedef {object} SearchOptions
 * @property {number} budget the most bytes that a user may have to download: of the gzipped file
 * @property {string[]} [calibration] texts in the model's source language, six or more, to learn from and
 *   to compare on. If nothing is said, some of ours, English or Portuguese, are fetched
 * @property {number} [lines] of the texts, spread over all of them, that are used at most: half of them
 *   take half the time, and tell small differences less well
 * @property {number} [evaluations] candidates to measure, after single choices: 200 if nothing is said
 * @property {number} [minutes] ends the search after so long, with what there is by then
 * @property {number} [seed] where random numbers begin: the same seed, text and model give the same
 *   candidates, in the same browser on the same kind of machine
 * @property {boolean} [structure] true: layers, neurons, weights and pieces of the vocabulary may go, too,
 *   which takes two to four times as long; else bits are all that is looked for
 * @property {AbortSignal} [signal] ends the search; what it had found by then, `onprogress` has heard
 * @property {(progress: SearchProgress) => void} [onprogress] hears how far the search is, and each
 *   candidate
 */

/** What WebAssembly can address, and more than a model takes. */
const MOST = 2 ** 32 - 1;

/** @param {unknown} options @returns {import('./lab-protocol.js').SearchWanted} */
export function toSearch(options) {
  if (options === null || typeof options !== 'object')
    throw new TypeError('search: expected an object with a `budget` in bytes.');
  const { budget, lines, evaluations = 200, minutes, seed = 1, structure = false } = /** @type {SearchOptions} */ (options);
  expectWhole('budget', budget, 1);
  if (lines !== undefined) expectWhole('lines', lines, 1);
  expectWhole('evaluations', evaluations, 1);
  expectWhole('seed', seed, 0);
  if (minutes !== undefined && !(typeof minutes === 'number' && minutes > 0))
    throw new RangeError(`minutes must be a number above 0, not ${String(minutes)}.`);
  if (typeof structure !== 'boolean') throw new TypeError('structure must be true or false.');
  return { budget, lines, evaluations, minutes, seed, structure };
}

/** @param {string} name @param {unknown} value @param {number} least */
function expectWhole(name, value, least) {
  if (!Number.isInteger(value) || Number(value) < least || Number(value) > MOST)
    throw new RangeError(`${name} must be a whole number from ${least} to ${MOST}, not ${String(value)}.`);
}
