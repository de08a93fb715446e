// What is known of one recipe that was tried, or of a model that was downloaded: plain values, kept for
// the visit.

/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */
/** @typedef {import('../../package/lab-protocol.js').Bytes} Bytes */

/**
 * Of a test set's sentences so far.
 * @typedef {object} Score
 * @property {number} chrf
 * @property {number} bleu
 * @property {number} sentences that are scored
 * @property {number} total that there are; the score is final when both are equal
 * @property {number} [words_per_second] on one thread of the laboratory, once it is final
 */

/**
 * What a model learned, in all.
 * @typedef {object} Healed
 * @property {number} steps
 * @property {number} [seconds] missing where nobody measured it
 * @property {boolean} [gone] its file is no longer here
 * @property {string} [kind] of the healed models beside the page, such as "small": it was downloaded, and
 *   can be again
 */

/**
 * @typedef {object} Experiment
 * @property {number} id in the order of the visit; the original is 0
 * @property {string} pair such as "en-pt"
 * @property {Recipe} recipe no step is the original
 * @property {Omit<Bytes, 'wire_bytes'> & { wire_bytes?: number }} bytes `wire_bytes` comes last: gzip takes a while
 * @property {number} [seconds] that it took to make here; 0 for the original, missing where it was downloaded
 * @property {Healed} [healed] what it learned after the compression, if anything
 * @property {Score} [score] against the test set's references
 * @property {string} [set] the test set's name, if there is a score
 */

/** Not tried yet, perhaps. @typedef {Pick<Experiment, 'pair' | 'recipe' | 'healed'>} Wanted */

/**
 * The same recipe, or the same file from beside the page; one of another length there is another one.
 * What was learned here is never the same.
 * @param {Experiment} one
 * @param {Omit<Experiment, 'id'>} other
 */
export function isSame(one, other) {
  if (one.pair !== other.pair || one.healed?.kind !== other.healed?.kind) return false;
  if (one.healed?.kind !== undefined)
    return one.bytes.wire_bytes === other.bytes.wire_bytes && one.bytes.file_bytes === other.bytes.file_bytes;
  return !one.healed && !other.healed && JSON.stringify(one.recipe) === JSON.stringify(other.recipe);
}
