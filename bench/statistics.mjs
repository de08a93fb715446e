// Small statistics over rounds: medians, percentiles, and ratios of figures of the same round.

/**
 * @param {number[]} values
 * @param {number} fraction 0 to 1
 * @returns {number} linear between neighbours; NaN for no values
 */
export function percentile(values, fraction) {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const place = fraction * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** @param {number[]} values */
export function median(values) {
  return percentile(values, 0.5);
}

/**
 * @typedef {{ median: number, min: number, max: number, rounds: number }} Summary
 * @param {(number | undefined)[]} values a figure a round; a round without one does not count
 * @returns {Summary | undefined} undefined if no round has a figure
 */
export function summary(values) {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return undefined;
  return {
    median: median(known),
    min: Math.min(...known),
    max: Math.max(...known),
    rounds: known.length,
  };
}

/**
 * Round by round, so that what slows the whole machine for a while slows both sides.
 * @param {(number | undefined)[]} ours
 * @param {(number | undefined)[]} theirs
 */
export function ratio(ours, theirs) {
  return summary(ours.map((value, round) => value / theirs[round]));
}

/** @param {string} text */
export function countWords(text) {
  return text.split(/\s+/u).filter(Boolean).length;
}
