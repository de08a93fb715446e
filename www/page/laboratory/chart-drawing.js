// Draws the chart of size and quality into an SVG element, on screen or for a file.

import { axisBottom, axisLeft } from 'd3-axis';
import { scaleLinear } from 'd3-scale';
import { select } from 'd3-selection';
import { line, symbol, symbolCircle, symbolDiamond, symbolTriangle } from 'd3-shape';
import { texts } from './texts.js';
import { quality, size } from './chart-points.js';

/** @typedef {import('./chart-points.js').Picture} Picture */
/** @typedef {import('./chart-points.js').Point} Point */
/** @typedef {import('d3-selection').Selection<SVGGElement, Point, SVGGElement, unknown>} Points */

const MARGIN = { top: 30, right: 18, bottom: 46, left: 46 };
/** What lost more than this many points of chrF would press all others together: it lies below the axis. */
const DEPTH = 10;
/** @param {Point[]} points where the axis begins */
const bottomOf = (points) => {
  const values = points.map(quality);
  return Math.max(Math.min(...values), Math.max(...values) - DEPTH);
};

/** @param {Point[]} points how many lie below the axis */
export const countBelow = (points) =>
  points.filter((point) => quality(point) < bottomOf(points)).length;

/**
 * @param {SVGSVGElement} svg
 * @param {Picture} picture with one point at least
 * @param {{ width: number, height: number }} space in pixels
 * @returns {{ points: Points, place: (point: Point) => { x: number, y: number } }}
 */
export function drawChart(svg, { points, frontier, original }, { width, height }) {
  const bottom = bottomOf(points);
  const top = Math.max(...points.map(quality));
  const megabytes = points.map((point) => size(point) / 1e6);
  const x = scaleLinear(padded(Math.min(...megabytes), Math.max(...megabytes), 1), [
    MARGIN.left,
    width - MARGIN.right,
  ]);
  const y = scaleLinear(padded(bottom, top, 1), [height - MARGIN.bottom, MARGIN.top]);
  const isBelow = (/** @type {Point} */ point) => quality(point) < bottom;
  const place = (/** @type {Point} */ point) => ({
    x: x(size(point) / 1e6),
    y: isBelow(point) ? height - MARGIN.bottom - 8 : y(quality(point)),
  });

  const root = select(svg).attr('viewBox', `0 0 ${width} ${height}`);
  layer(root, 'axis axis-x')
    .attr('transform', `translate(0,${height - MARGIN.bottom})`)
    .call(
      axisBottom(x)
        .ticks(Math.min(8, Math.floor(width / 70)))
        .tickSize(-(height - MARGIN.top - MARGIN.bottom))
        .tickPadding(8)
        .tickFormat((value) => texts.chart.tick(Number(value))),
    );
  layer(root, 'axis axis-y')
    .attr('transform', `translate(${MARGIN.left},0)`)
    .call(
      axisLeft(y)
        .ticks(Math.floor(height / 50))
        .tickSize(-(width - MARGIN.left - MARGIN.right))
        .tickPadding(8)
        .tickFormat((value) => texts.chart.tick(Number(value))),
    );
  // What axes set for themselves would win over the page's font.
  root.selectAll('.axis').attr('font-family', null).attr('font-size', null);

  layer(root, 'labels')
    .selectAll('text')
    .data([
      { text: texts.chart.across, x: width - MARGIN.right, y: height - 6, anchor: 'end' },
      { text: texts.chart.up, x: MARGIN.left, y: 14, anchor: 'start' },
    ])
    .join('text')
    .attr('x', (label) => label.x)
    .attr('y', (label) => label.y)
    .attr('text-anchor', (label) => label.anchor)
    .text((label) => label.text);

  const reference = layer(root, 'reference');
  const shown = original && !isBelow(original) ? [original] : [];
  reference
    .selectAll('line')
    .data(shown)
    .join('line')
    .attr('x1', MARGIN.left)
    .attr('x2', width - MARGIN.right)
    .attr('y1', (point) => y(quality(point)))
    .attr('y2', (point) => y(quality(point)));

  // Where the true places of points can't be seen, a line would show a wrong slope.
  const inside = frontier.filter((point) => !isBelow(point));
  layer(root, 'frontier')
    .selectAll('path')
    .data(inside.length > 1 ? [inside] : [])
    .join('path')
    .attr('fill', 'none')
    .attr(
      'd',
      line(
        (/** @type {Point} */ point) => place(point).x,
        (point) => place(point).y,
      ),
    );

  const marks = layer(root, 'points')
    .selectAll('g')
    .data(stacked(points), (point) => /** @type {Point} */ (point).experiment.id)
    .join((enter) => {
      const group = enter.append('g');
      group.append('circle').attr('class', 'focus').attr('r', 14);
      group.append('circle').attr('class', 'ring').attr('r', 10);
      group.append('path').attr('class', 'mark');
      return group;
    })
    .attr('class', classOf)
    .classed('is-below', isBelow)
    .attr('transform', (point) => `translate(${place(point).x},${place(point).y})`);
  marks
    .select('.mark')
    .attr('d', (point) => symbol(symbolOf(point, isBelow(point)), point.isOriginal ? 110 : 90)())
    .attr('transform', (point) => (isBelow(point) ? 'rotate(180)' : null));

  // Over the points, so that none covers it.
  layer(root, 'reference-label')
    .selectAll('text')
    .data(shown)
    .join('text')
    .attr('x', MARGIN.left + 6)
    .attr('y', (point) => y(quality(point)) - 7)
    .text((point) => texts.chart.reference(quality(point)));

  return { points: /** @type {Points} */ (marks), place };
}

/** Where points lie on each other, those that matter more come last, which is on top. @param {Point[]} points */
function stacked(points) {
  const rank = (/** @type {Point} */ { current, final, isOriginal, best }) =>
    [best, isOriginal, !final, current].lastIndexOf(true);
  return [...points].sort((left, right) => rank(left) - rank(right));
}

/**
 * The layer of that class, which is added at its first use.
 * @param {import('d3-selection').Selection<SVGSVGElement, unknown, null, undefined>} root
 * @param {string} name
 */
function layer(root, name) {
  const found = root.select(`g.${name.replace(' ', '.')}`);
  const group = found.empty() ? root.append('g').attr('class', name) : found;
  return /** @type {import('d3-selection').Selection<SVGGElement, unknown, null, undefined>} */ (
    group
  );
}

/** Room on both sides, and around a single value. @param {number} low @param {number} high @param {number} least */
function padded(low, high, least) {
  const room = Math.max((high - low) * 0.08, least / 2);
  return [Math.max(0, low - room), high + room];
}

/** @param {Point} point @param {boolean} below */
function symbolOf({ isOriginal }, below) {
  if (below) return symbolTriangle;
  return isOriginal ? symbolDiamond : symbolCircle;
}

/** @param {Point} point */
function classOf({ final, isOriginal, current, best }) {
  const names = {
    'is-unfinished': !final,
    'is-original': isOriginal,
    'is-current': current,
    'is-best': best,
  };
  return [
    'point',
    ...Object.entries(names)
      .filter(([, is]) => is)
      .map(([name]) => name),
  ].join(' ');
}
