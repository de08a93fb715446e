// Draws what a search has found: size across, distance from the original up, and the front.

import { axisBottom, axisLeft } from 'd3-axis';
import { scaleLinear, scaleLog } from 'd3-scale';
import { select } from 'd3-selection';
import { line } from 'd3-shape';
import { texts } from './texts.js';

/** @typedef {import('../../package/lab-protocol.js').Candidate} Candidate */
/** @typedef {import('../workbench/search.js').Found} Found */

const MARGIN = { top: 30, right: 18, bottom: 46, left: 56 };
/** A logarithm needs more than nothing; a candidate that is exactly as the original stands here. */
const LEAST = 1e-5;

/** @param {Candidate} candidate */
const megabytes = ({ bytes }) => bytes / 1e6;
/** @param {Candidate} candidate */
const distance = ({ divergence }) => Math.max(divergence, LEAST);

/**
 * @param {SVGSVGElement} svg
 * @param {Found} found with one point at least
 * @param {{ width: number, height: number }} space in pixels
 */
export function drawSearch(svg, { points, front, wanted }, { width, height }) {
  const budget = wanted.budget / 1e6;
  const sizes = [...points.map(megabytes), budget];
  const x = scaleLinear([0.98 * Math.min(...sizes), 1.02 * Math.max(...sizes)], [MARGIN.left, width - MARGIN.right]);
  const distances = points.map(distance);
  const y = scaleLog([Math.min(...distances) / 1.3, Math.max(...distances) * 1.3], [height - MARGIN.bottom, MARGIN.top]);
  const root = select(svg).attr('viewBox', `0 0 ${width} ${height}`);
  root
    .selectChildren('g')
    .data(['axis axis-x', 'axis axis-y', 'labels', 'reference', 'frontier', 'points'])
    .join('g')
    .attr('class', (name) => name);
  const layer = (/** @type {string} */ name) => /** @type {import('d3-selection').Selection<SVGGElement, unknown, null, undefined>} */ (root.select(`.${name}`));

  layer('axis-x')
    .attr('transform', `translate(0,${height - MARGIN.bottom})`)
    .call(
      axisBottom(x)
        .ticks(Math.min(8, Math.floor(width / 70)))
        .tickSize(-(height - MARGIN.top - MARGIN.bottom))
        .tickPadding(8)
        .tickFormat((value) => texts.chart.tick(Number(value))),
    );
  layer('axis-y')
    .attr('transform', `translate(${MARGIN.left},0)`)
    .call(
      axisLeft(y)
        .tickValues(marks(y.domain(), Math.floor(height / 50)))
        .tickSize(-(width - MARGIN.left - MARGIN.right))
        .tickPadding(8)
        .tickFormat((value) => texts.search.nats(Number(value))),
    );
  // What axes set for themselves would win over the page's font.
  root.selectAll('.axis').attr('font-family', null).attr('font-size', null);
  layer('labels')
    .selectAll('text')
    .data([
      { text: texts.chart.across, x: width - MARGIN.right, y: height - 6, anchor: 'end' },
      { text: texts.search.up, x: 0, y: 14, anchor: 'start' },
      { text: texts.search.budgetLine, x: x(budget) - 6, y: MARGIN.top + 12, anchor: 'end' },
    ])
    .join('text')
    .attr('x', (label) => label.x)
    .attr('y', (label) => label.y)
    .attr('text-anchor', (label) => label.anchor)
    .text((label) => label.text);
  layer('reference')
    .selectAll('line')
    .data([budget])
    .join('line')
    .attr('x1', x)
    .attr('x2', x)
    .attr('y1', MARGIN.top)
    .attr('y2', height - MARGIN.bottom);
  const best = front.map((at) => points[at]);
  const path = line((/** @type {Candidate} */ point) => x(megabytes(point)), (point) => y(distance(point)));
  layer('frontier')
    .selectAll('path')
    .data(best.length > 1 ? [best] : [])
    .join('path')
    .attr('fill', 'none')
    .attr('d', path);
  layer('points')
    .selectAll('circle')
    .data(points.map((point, at) => ({ point, isBest: front.includes(at) })).sort((a, b) => Number(a.isBest) - Number(b.isBest)))
    .join('circle')
    .attr('class', ({ isBest }) => (isBest ? 'candidate is-best' : 'candidate'))
    .attr('cx', ({ point }) => x(megabytes(point)))
    .attr('cy', ({ point }) => y(distance(point)))
    .attr('r', ({ isBest }) => (isBest ? 4.5 : 3));
}

/** Round values within a range of logarithms, not too many: 1, 2 and 5 of each decade. @param {number[]} range @param {number} most */
function marks([low, high], most) {
  const all = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10)
    all.push(...[1, 2, 5].map((step) => step * decade).filter((value) => value >= low && value <= high));
  const stride = Math.ceil(all.length / Math.max(most, 2));
  return all.filter((_, n) => n % stride === 0);
}
