// What the chart of size and quality shows of the experiments: which can be compared, and which are best.

import { nameOf } from '../workbench/describe.js';

/** @typedef {import('../workbench/experiment.js').Experiment} Experiment */
/** @typedef {import('../workbench/experiment.js').Score} Score */
/** @typedef {Experiment & { bytes: { wire_bytes: number }, score: Score }} Measured */

/**
 * @typedef {object} Point
 * @property {Measured} experiment
 * @property {string} label
 * @property {boolean} final all sentences are scored
 * @property {boolean} isOriginal
 * @property {boolean} current
 * @property {boolean} best no other is smaller and better
 * @property {number} [difference] of chrF from the original's, where both are final
 */

/**
 * @typedef {object} Picture
 * @property {Point[]} points by size
 * @property {Point[]} frontier the best of them, by size
 * @property {Point} [original]
 * @property {number} waiting experiments without a size or a score
 * @property {number} elsewhere experiments with a score on other sentences or for another pair
 */

/** @param {Experiment} experiment */
export const isOriginal = ({ recipe }) => recipe.step.length === 0;

/** @param {Score} score */
export const isFinal = ({ sentences, total }) => sentences === total;

/** @param {Experiment} experiment @returns {experiment is Measured} */
function isMeasured(experiment) {
  return experiment.bytes.wire_bytes !== undefined && experiment.score !== undefined;
}

/** Scores can be compared if they are of the same sentences. @param {Experiment} one @param {Experiment} other */
const comparable = (one, other) => one.pair === other.pair && one.set === other.set;

/**
 * Points above or below the original, where it has been scored on the same sentences.
 * @param {Experiment} experiment
 * @param {Experiment[]} experiments
 */
export function differenceOf(experiment, experiments) {
  if (isOriginal(experiment) || !experiment.score || !isFinal(experiment.score)) return undefined;
  const original = experiments.find((other) => isOriginal(other) && comparable(other, experiment));
  if (!original?.score || !isFinal(original.score)) return undefined;
  return experiment.score.chrf - original.score.chrf;
}

/**
 * The experiments that can be compared with the current one, or with the last.
 * @param {Experiment[]} experiments
 * @param {number} [current] its id
 * @returns {Picture}
 */
export function pictureOf(experiments, current) {
  const measured = experiments.filter(isMeasured);
  const subject = measured.find(({ id }) => id === current) ?? measured.at(-1);
  const points = measured
    .filter((experiment) => subject && comparable(experiment, subject))
    .map((experiment) => ({
      experiment,
      label: nameOf(experiment),
      final: isFinal(experiment.score),
      isOriginal: isOriginal(experiment),
      current: experiment.id === current,
      best: false,
      difference: differenceOf(experiment, experiments),
    }))
    .sort((left, right) => size(left) - size(right) || quality(right) - quality(left));
  const frontier = frontierOf(points);
  for (const point of frontier) point.best = true;
  return {
    points,
    frontier,
    original: points.find((point) => point.isOriginal),
    waiting: experiments.length - measured.length,
    elsewhere: measured.length - points.length,
  };
}

/** @param {Point} point */
export const size = ({ experiment }) => experiment.bytes.wire_bytes;
/** @param {Point} point */
export const quality = ({ experiment }) => experiment.score.chrf;

/** A score that is not final may still rise or fall. @param {Point[]} points by size, of equals the better first */
function frontierOf(points) {
  let best = -Infinity;
  return points.filter((point) => {
    if (!point.final || quality(point) <= best) return false;
    best = quality(point);
    return true;
  });
}
