// Two curves over the time of a training: the loss falls, and chrF on the lines held out rises, if all
// goes well. The drawings stretch; their figures are text beside them.

import { html, nothing, svg } from 'lit-html';
import { texts } from './texts.js';

/** @typedef {import('../workbench/healer.js').Curve} Curve */
/** A share of the time, and a value. @typedef {[number, number]} Point */

const WIDTH = 600;
const HEIGHT = 120;
/** A smaller change is drawn as small as it is. */
const LEAST = { loss: 0.1, chrf: 2 };
/** Above and below, so that nothing is cut off. */
const ROOM = 8;

/** @param {Curve} curve */
export function curvesOf({ losses, chrf }) {
  const { heal } = texts;
  return html`<div class="heal-curves">
    ${figure('loss', heal.lossLabel, heal.loss, losses)} ${figure('chrf', heal.chrfLabel, heal.chrf, chrf)}
  </div>`;
}

/**
 * @param {'loss' | 'chrf'} name
 * @param {(first: number, last: number) => string} label
 * @param {{ title: string, value: (value: number) => string }} words
 * @param {Point[]} points
 */
function figure(name, label, { title, value }, points) {
  if (points.length === 0) return nothing;
  const values = points.map(([, value]) => value);
  const room = Math.max(0, LEAST[name] - (Math.max(...values) - Math.min(...values))) / 2;
  const [least, most] = [Math.min(...values) - room, Math.max(...values) + room];
  const x = (/** @type {number} */ share) => share * WIDTH;
  const y = (/** @type {number} */ at) => ROOM + ((most - at) / (most - least)) * (HEIGHT - 2 * ROOM);
  const path = points.map(([share, at], n) => `${n === 0 ? 'M' : 'L'}${x(share)} ${y(at)}`).join('');
  return html`<figure class=${`heal-curve heal-${name}`}>
    <figcaption>${title}</figcaption>
    <div class="heal-plot">
      <svg
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        preserveAspectRatio="none"
        role="img"
        aria-label=${label(values[0], values[values.length - 1])}
      >
        <line x1="0" x2=${WIDTH} y1=${HEIGHT - 1} y2=${HEIGHT - 1}></line>
        <path d=${path}></path>
        ${name === 'chrf' ? points.map(([share, at]) => svg`<path class="dot" d=${`M${x(share)} ${y(at)}h0`}></path>`) : nothing}
      </svg>
      <span class="most muted" aria-hidden="true">${value(most)}</span>
      <span class="least muted" aria-hidden="true">${value(least)}</span>
    </div>
  </figure>`;
}
