// What the chart says of one point, line by line.

import { texts } from './texts.js';
import { quality, size } from './chart-points.js';

/** @param {import('./chart-points.js').Point} point */
export function tipLines(point) {
  const { label, difference, final, experiment } = point;
  const { score, seconds } = experiment;
  return [
    label,
    texts.chart.size(size(point)),
    texts.chart.chrf(quality(point), difference),
    texts.chart.bleu(score.bleu),
    ...(final ? [] : [texts.chart.soFar(score.sentences, score.total)]),
    ...(point.isOriginal || seconds === undefined ? [] : [texts.chart.seconds(seconds)]),
  ];
}
