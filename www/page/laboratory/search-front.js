// The best of a search as a list: each can be tried, and then says what it really gives.

import { html, nothing } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { texts } from './texts.js';
import { sameRecipe } from '../workbench/same-recipe.js';
import { differenceOf } from './chart-points.js';

/** @typedef {import('../workbench/experiment.js').Experiment} Experiment */
/** @typedef {import('../workbench/search.js').Found} Found */
/** @typedef {import('../../package/lab-protocol.js').Candidate} Candidate */
/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */

/** @param {Found} found @param {{ workbench: import('../workbench/workbench.js').Workbench, onuse: (recipe: Recipe) => void }} parts */
export function frontOf({ points, front, pair, whole }, { workbench, onuse }) {
  const { experiments } = workbench;
  const own = experiments.filter((experiment) => experiment.pair === pair);
  return html`
    <h4 class="search-title">${texts.search.front}</h4>
    <p class="muted">${front.length === 0 ? texts.search.frontEmpty : texts.search.frontAbout(whole)}</p>
    <div class="chart-table search-front" ?hidden=${front.length === 0}>
      <div class="chart-table-scroll">
        <table>
          <caption class="visually-hidden">
            ${texts.search.front}
          </caption>
          <thead>
            <tr>
              <th scope="col">${texts.search.columns.size}</th>
              <th scope="col" class="number">${texts.search.columns.divergence}</th>
              <th scope="col">${texts.search.columns.measured}</th>
              <th scope="col"><span class="visually-hidden">${texts.search.columns.action}</span></th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              front,
              (at) => at,
              (at) => row(points[at], own, onuse),
            )}
          </tbody>
        </table>
      </div>
    </div>
  `;
}

/** @param {Candidate} candidate @param {Experiment[]} experiments @param {(recipe: Recipe) => void} onuse */
function row({ recipe, bytes, divergence }, experiments, onuse) {
  // What has learned besides is not what the recipe gives.
  const tried = experiments.find((experiment) => !experiment.healed && sameRecipe(experiment.recipe, recipe));
  const size = texts.search.size(bytes);
  return html`<tr>
    <th scope="row">${size}</th>
    <td class="number">${texts.search.nats(divergence)}</td>
    <td>${tried ? measured(tried, experiments) : nothing}</td>
    <td>
      <button type="button" class="text-button" aria-label=${texts.search.tryThis(size)} @click=${() => onuse(recipe)}>
        ${texts.search.try}
      </button>
    </td>
  </tr>`;
}

/** @param {Experiment} tried @param {Experiment[]} experiments */
function measured(tried, experiments) {
  const { bytes, score } = tried;
  const size = bytes.wire_bytes === undefined ? [] : [texts.chart.size(bytes.wire_bytes)];
  const quality = score && score.sentences === score.total ? [texts.chart.chrf(score.chrf, differenceOf(tried, experiments))] : [];
  return [...size, ...quality].join(' · ') || texts.search.beingMade;
}
