// What the figures mean, in words: whether the smaller model still translates, and what would hold.

import { texts } from '../texts.js';

/** @typedef {import('./view.js').Parts} Parts */

/**
 * @typedef {object} Verdict
 * @property {'same' | 'little' | 'forgets' | 'collapses'} grade
 * @property {string} text
 * @property {string} [action] the label of a button
 * @property {Partial<import('../workbench/dial-recipes.js').Dials>} [turn] what that turns
 */

/** Points of chrF lost from which on a loss is called so. */
const [LITTLE, FORGETS, COLLAPSES] = [0.5, 2, 20];
/** Fewer sentences say little. */
const ENOUGH_SENTENCES = 40;
/** Of the words of the visitor's text: so many are different only where nothing is right. */
const COLLAPSED_SHARE = 0.75;
/** Of so few words it says nothing. */
const ENOUGH_WORDS = 8;

/** @param {Parts} parts @returns {Verdict | undefined} */
export function verdictOf(parts) {
  const { workbench, comparison } = parts;
  const { made, base } = workbench;
  if (!made) return undefined;
  const { score } = made.experiment;
  const original = score && base?.scores.get(score.sentences);
  if (!score || !original || score.sentences < ENOUGH_SENTENCES) {
    const { difference, stale } = comparison;
    if (!made.rough || stale || !difference || difference.total < ENOUGH_WORDS) return undefined;
    if (difference.changed / difference.total < COLLAPSED_SHARE) return undefined;
    return { grade: 'collapses', text: texts.dials.verdict.roughCollapse };
  }
  const lost = original.chrf - score.chrf;
  if (lost < LITTLE) return { grade: 'same', text: texts.dials.verdict.same };
  if (lost < FORGETS) return { grade: 'little', text: texts.dials.verdict.little };
  const collapsed = lost >= COLLAPSES;
  const words = collapsed ? texts.dials.verdict.collapses : texts.dials.verdict.forgets(example(comparison));
  return { grade: collapsed ? 'collapses' : 'forgets', ...advice(parts, words) };
}

/** A word of the visitor's own text that came out differently. @param {Parts['comparison']} comparison */
function example({ difference, stale }) {
  if (stale) return undefined;
  const hunk = difference?.hunks.find(({ changed, b }) => changed && /\p{L}{3}/u.test(b));
  return hunk?.b.match(/[\p{L}\p{M}’'-]+/u)?.[0];
}

/**
 * What holds better, if something does.
 * @param {Parts} parts
 * @param {string} words
 * @returns {Omit<Verdict, 'grade'>}
 */
function advice({ dials }, words) {
  const { calibrate, calibrateAction, retrain } = texts.dials.verdict;
  // A recipe by hand has reasons of its own.
  if (dials.recipe) return { text: words };
  const { rounding, pruning, sparsity, bits } = dials.positions;
  const quickly = (bits < 8 && ['nearest', 'mse'].includes(rounding)) || (sparsity > 0 && pruning === 'magnitude');
  if (!quickly) return { text: texts.together(words, retrain) };
  return { text: texts.together(words, calibrate), action: calibrateAction, turn: { rounding: 'auto', pruning: 'auto' } };
}
