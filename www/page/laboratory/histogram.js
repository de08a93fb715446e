// How the weights of a matrix are spread: bars, without the zeros, which would dwarf all others.

import { html, svg } from 'lit-html';
import { texts } from './texts.js';

/** Equal steps from min to max; zeros are in `counts`, too. @typedef {{ name: string, min: number, max: number, zeros: number, weights: number, counts: number[] }} Histogram */
/** @typedef {{ phase: 'loading' } | { phase: 'failed', message: string } | { phase: 'done', histogram: Histogram }} State */

const WIDTH = 320;
const HEIGHT = 110;
const FOOT = 18;

/** @param {State | undefined} state @param {() => void} onretry */
export function histogramOf(state, onretry) {
  return html`
    <h4>${texts.map.histogram}</h4>
    <div class="map-histogram" aria-busy=${state?.phase === 'loading' ? 'true' : 'false'}>
      ${state?.phase === 'loading' ? html`<p class="muted">${texts.map.histogramLoading}</p>` : ''}
      ${state?.phase === 'failed'
        ? html`
            <p>${texts.map.histogramFailed(state.message)}</p>
            <button class="text-button" type="button" @click=${onretry}>${texts.map.retry}</button>
          `
        : ''}
      ${state?.phase === 'done' ? bars(state.histogram) : ''}
    </div>
  `;
}

/** @param {Histogram} histogram */
export function withoutZeros({ min, max, zeros, counts }) {
  if (zeros === 0) return counts;
  const at = max > min ? Math.floor(((0 - min) / (max - min)) * counts.length) : 0;
  const place = Math.min(at, counts.length - 1);
  return counts.map((count, i) => (i === place ? count - zeros : count));
}

/** @param {Histogram} histogram */
function bars(histogram) {
  const { min, max, zeros, weights } = histogram;
  const counts = withoutZeros(histogram);
  const most = Math.max(...counts, 1);
  const width = WIDTH / counts.length;
  const height = (/** @type {number} */ count) => (count / most) * (HEIGHT - FOOT);
  const zero = min < 0 && max > 0 ? (-min / (max - min)) * WIDTH : undefined;
  return html`
    <svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      role="img"
      aria-label=${texts.map.histogramLabel(min, max, most)}
    >
      ${counts.map(
        (count, i) => svg`<rect class="bar" x=${i * width} y=${HEIGHT - FOOT - height(count)}
          width=${width * 0.86} height=${height(count)}></rect>`,
      )}
      <line class="base" x1="0" x2=${WIDTH} y1=${HEIGHT - FOOT} y2=${HEIGHT - FOOT}></line>
      <text x="0" y=${HEIGHT - 4}>${texts.map.weight(min)}</text>
      ${zero === undefined
        ? ''
        : svg`<text x=${zero} y=${HEIGHT - 4} text-anchor="middle">0</text>`}
      <text x=${WIDTH} y=${HEIGHT - 4} text-anchor="end">${texts.map.weight(max)}</text>
    </svg>
    <p class="muted">${texts.map.histogramZeros(zeros, weights)}</p>
  `;
}
