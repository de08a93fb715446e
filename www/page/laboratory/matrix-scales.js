// What colours of the matrix map mean: fixed steps, so that the maps of two models can be compared.

/** @typedef {import('./matrix-layout.js').Cell} Cell */
/** @typedef {'bits' | 'error' | 'zeros'} Measure */

/** @type {Measure[]} */
export const MEASURES = ['bits', 'error', 'zeros'];

/** Values up to each, in colours from the faintest; what is larger has one more colour. @type {Record<Measure, number[]>} */
export const STEPS = {
  bits: [2.5, 3.5, 4.5, 6.5, 9, 17],
  error: [0, 0.01, 0.03, 0.1, 0.2, 0.4],
  zeros: [0, 0.1, 0.2, 0.4, 0.6, 0.8],
};

/** @param {import('./matrix-layout.js').TensorInfo} tensor */
export const weightsOf = ({ shape }) => shape.reduce((product, length) => product * length, 1);

/** @param {Cell} cell */
export const bytesOf = ({ tensors }) => tensors.reduce((sum, { bytes }) => sum + bytes, 0);

/** @param {Cell} cell @param {Measure} measure @returns {number | undefined} none where nothing was compared */
export function valueOf(cell, measure) {
  if (cell.kind === 'file') return undefined;
  if (measure === 'bits') {
    const weights = cell.tensors.reduce((sum, tensor) => sum + weightsOf(tensor), 0);
    return (bytesOf(cell) * 8) / weights;
  }
  const { relative_error, flushed, weights } = cell.report ?? {};
  if (measure === 'error') return relative_error ?? undefined;
  return typeof flushed === 'number' && weights ? flushed / weights : undefined;
}

/** @param {number} value @param {Measure} measure */
export function levelOf(value, measure) {
  const level = STEPS[measure].findIndex((step) => value <= step);
  return level < 0 ? STEPS[measure].length : level;
}
