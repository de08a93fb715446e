// From the positions of the dials to recipes: one that takes a second, and the one that is meant, which
// may take a quarter of a minute.

/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */
/** @typedef {Recipe['step'][number]} Step */

/** @typedef {'auto' | 'nearest' | 'mse' | 'gptq' | 'coded'} Rounding */
/** @typedef {'auto' | 'magnitude' | 'wanda' | 'obs'} Pruning */
/** @typedef {'linear' | 'all'} Where */

/**
 * @typedef {object} Dials
 * @property {number} bits one of `PRECISIONS`
 * @property {number} sparsity the share of weights to prune, 0 to 0.9
 * @property {Rounding} rounding
 * @property {Pruning} pruning
 * @property {Where} where weights are pruned
 */

export const PRECISIONS = [32, 16, 8, 6, 5, 4, 3, 2];
/** What models come with. */
export const ORIGINAL_BITS = 8;

/** @type {Readonly<Dials>} */
export const AT_REST = { bits: ORIGINAL_BITS, sparsity: 0, rounding: 'auto', pruning: 'auto', where: 'linear' };

/** Methods that need no calibration text and take about a second. */
const QUICK = ['nearest', 'magnitude'];

/**
 * @typedef {object} Plan
 * @property {Recipe} recipe what is meant; no step is the original
 * @property {Recipe} [rough] about the same at once, where what is meant takes longer
 */

/** @param {Dials} dials @returns {Plan} */
export function planOf(dials) {
  const { bits, sparsity } = dials;
  const rounds = bits < ORIGINAL_BITS;
  const rounding = dials.rounding === 'auto' ? 'coded' : dials.rounding;
  const pruning = dials.pruning === 'auto' ? 'obs' : dials.pruning;
  const recipe = make(dials, rounding, pruning);
  const isQuick = (!rounds || QUICK.includes(rounding)) && (sparsity === 0 || QUICK.includes(pruning));
  return isQuick ? { recipe } : { recipe, rough: make(dials, 'nearest', 'magnitude') };
}

/**
 * @param {Dials} dials
 * @param {Exclude<Rounding, 'auto'>} rounding
 * @param {Exclude<Pruning, 'auto'>} pruning
 * @returns {Recipe}
 */
function make({ bits, sparsity, where }, rounding, pruning) {
  /** @type {Step[]} */
  const step = [];
  if (sparsity > 0) {
    const scope = pruning === 'magnitude' ? { scope: 'uniform' } : {};
    // Rounding packs the zeros well by itself.
    const coding = bits === ORIGINAL_BITS ? { coding: 'sparse' } : {};
    step.push({ method: 'prune', target: where, criterion: pruning, ...scope, sparsity, ...coding });
  }
  if (bits > ORIGINAL_BITS) step.push({ method: 'quantize', target: 'all', bits });
  if (bits < ORIGINAL_BITS) step.push(rounding === 'coded' ? coded(bits, sparsity) : grouped(bits, rounding));
  return { step };
}

/**
 * Zeros take less than other codes, so that about the same grid takes fewer bits on average. After
 * pruning with compensation a second calibrated step would take as long again, for little.
 * @param {number} bits @param {number} sparsity @returns {Step}
 */
function coded(bits, sparsity) {
  const average = Math.round(100 * bits * (1 - 0.4 * sparsity)) / 100;
  const rounding = sparsity > 0 ? 'nearest' : 'gptq';
  return { method: 'quantize', target: 'all', bits: average, group_size: 'matrix', coding: 'entropy', rounding };
}

/** @param {number} bits @param {string} rounding @returns {Step} */
function grouped(bits, rounding) {
  return { method: 'quantize', target: 'all', bits, group_size: 64, rounding };
}
