// CPU or GPU: two texts, a short one and a long one, are measured on both; from the short one on,
// time is taken to grow evenly with length. A GPU takes long to begin and then goes fast, so a sentence is
// usually the CPU's and a page the GPU's; but that is for each device to show.

/** @typedef {import('./protocol.js').Backend} Backend */
/** @typedef {import('./protocol.js').Measurement} Measurement */

/**
 * @param {Measurement} measured
 * @param {number} length UTF-16 units
 * @returns {Backend}
 */
export function faster({ short, long }, length) {
  if (short.gpu_ms === undefined || long.gpu_ms === undefined) return 'wasm';
  const cpu = line(short.length, short.cpu_ms, long.length, long.cpu_ms);
  const gpu = line(short.length, short.gpu_ms, long.length, long.gpu_ms);
  // Two points say nothing of what is before the first; the line may even fall below nothing there.
  const at = Math.max(length, short.length);
  return gpu(at) < cpu(at) ? 'webgpu' : 'wasm';
}

/** Whether the GPU is worth its memory. @param {Measurement} measured */
export function gpuIsOfUse(measured) {
  const { short, long } = measured;
  return [short, long].some(({ length }) => faster(measured, length) === 'webgpu');
}

/**
 * The straight line through two points.
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1
 */
function line(x0, y0, x1, y1) {
  const slope = (y1 - y0) / (x1 - x0);
  return (/** @type {number} */ x) => y0 + slope * (x - x0);
}
