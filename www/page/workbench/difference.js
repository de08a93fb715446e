// Which words of one text are not in another: the words that both have, in the same order and as many
// as can be, stay; all others have changed. Words are what white space parts.

import { diffArrays } from 'diff';

/** A word with the white space behind it. @typedef {{ text: string, changed: boolean }} Part */

/**
 * A run of words on both sides, with their white space. Where it has changed, one side may be empty.
 * @typedef {{ a: string, b: string, changed: boolean }} Hunk
 */

/**
 * @typedef {object} Difference
 * @property {Hunk[]} hunks the same by runs: what stands in the place of what
 * @property {Part[]} a together they are the first text
 * @property {Part[]} b together they are the second
 * @property {number} changed words of b that are not a's, and words of a that went with none in their place
 * @property {number} total words of b
 */

/** White space at the very beginning goes with the first word; if there is no word, it is one part. */
const WORDS = /\s*\S+\s*|\s+/g;

/** @param {string} text @returns {string[]} */
const split = (text) => text.match(WORDS) ?? [];

/** @param {string} left @param {string} right */
const sameWord = (left, right) => left.trim() === right.trim();

/** @param {string} a @param {string} b @returns {Difference} */
export function difference(a, b) {
  const [from, to] = [split(a), split(b)];
  /** @type {Difference} */
  const result = { hunks: [], a: [], b: [], changed: 0, total: to.filter((word) => word.trim()).length };
  // Where words were replaced, what went and what came are two chunks side by side.
  let [gone, come] = [0, 0];
  const count = () => {
    result.changed += Math.max(gone, come);
    gone = come = 0;
  };
  for (const { removed, added, value } of diffArrays(from, to, { comparator: sameWord })) {
    const words = value.filter((word) => word.trim()).length;
    if (removed) gone += words;
    else if (added) come += words;
    else count();
    // Of words that both have, white space may differ: each text keeps its own.
    const a = added ? '' : take(result.a, from, value.length, removed);
    const b = removed ? '' : take(result.b, to, value.length, added);
    join(result.hunks, { a, b, changed: removed || added });
  }
  count();
  return result;
}

/**
 * @param {Part[]} parts
 * @param {string[]} words all of the text
 * @param {number} count
 * @param {boolean} changed
 * @returns {string} what was taken
 */
function take(parts, words, count, changed) {
  const start = parts.length;
  for (const text of words.slice(start, start + count)) {
    parts.push({ text, changed: changed && text.trim() !== '' });
  }
  return words.slice(start, start + count).join('');
}

/** What went and what came in its place are one run. @param {Hunk[]} hunks @param {Hunk} next */
function join(hunks, next) {
  const last = hunks.at(-1);
  if (last?.changed && next.changed) {
    last.a += next.a;
    last.b += next.b;
  } else {
    hunks.push(next);
  }
}
