// Whether two recipes say the same: keys may stand in any order.

/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */

/** @param {Recipe} a @param {Recipe} b */
export const sameRecipe = (a, b) => text(a) === text(b);

/** @param {Recipe} recipe */
const text = ({ step }) => JSON.stringify(step.map((one) => Object.entries(one).sort(byKey)));

/** @param {[string, unknown]} a @param {[string, unknown]} b */
const byKey = ([a], [b]) => (a < b ? -1 : 1);
