// The search for recipes: what to look for, how far it is, and what it has found.

import { html, nothing, render } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { texts } from './texts.js';
import { drawSearch } from './search-chart.js';
import { frontOf } from './search-front.js';

/** @typedef {import('../workbench/search.js').RecipeSearch} RecipeSearch */
/** @typedef {import('../workbench/workbench.js').Workbench} Workbench */
/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */

/** How many candidates may be tried; with the first of them some minutes go by, with the last an hour. */
const EVALUATIONS = [24, 60, 200];
/** Where the budget begins: half the model's own download, but for one of floats. There, so many bits a weight. */
const USUAL_BITS = 3.6;

export class SearchPanel {
  #root;
  #parts;
  /** As typed; undefined as long as it is ours. @type {string | undefined} */
  #budget;
  #evaluations = EVALUATIONS[0];
  #structure = false;
  /** What is wrong with the budget. */
  #wrong = '';
  #said = '';
  /** @type {string | undefined} */
  #state;
  #space = { width: 0, height: 0 };

  /**
   * @param {HTMLElement} root
   * @param {{ search: RecipeSearch, workbench: Workbench, app: import('../app.js').App, onuse: (recipe: Recipe) => void }} parts
   */
  constructor(root, parts) {
    this.#root = root;
    this.#parts = parts;
    this.draw();
    new ResizeObserver(([{ contentRect }]) => {
      const { width, height } = contentRect;
      if (width === this.#space.width && height === this.#space.height) return;
      this.#space = { width, height };
      this.#drawPlot();
    }).observe(/** @type {Element} */ (root.querySelector('.search-plot')));
  }

  /** What was found for the direction that is shown. */
  get #found() {
    const { search, workbench, app } = this.#parts;
    const pair = workbench.base?.experiment.pair ?? app.direction.name;
    return search.found?.pair === pair ? search.found : undefined;
  }

  /** What the model takes as it is, as far as that is known. */
  get #whole() {
    const { workbench, app } = this.#parts;
    return workbench.base?.experiment.bytes.wire_bytes ?? app.direction.wireBytes;
  }

  #usual() {
    const found = this.#found;
    if (found) return megabytes(found.wanted.budget);
    const { base } = this.#parts.workbench;
    const least = base ? (base.info.parameters * USUAL_BITS) / 8 : Infinity;
    const usual = Math.min((this.#whole ?? Infinity) / 2, least);
    return usual === Infinity ? '' : megabytes(usual);
  }

  draw() {
    const { search } = this.#parts;
    const found = this.#found;
    this.#announce(found);
    const points = found?.points.length ?? 0;
    render(
      html`
        <div class="search">
          <div class="search-side">
            <p class="muted">${texts.search.about}</p>
            ${this.#form()} ${search.isRunning && found ? this.#running() : nothing}
            ${search.error && found ? html`<p class="wrong" role="alert">${texts.search.failed(search.error.message)}</p>` : nothing}
            <p class="visually-hidden" role="status">${this.#said}</p>
          </div>
          <div class="search-main">
            <div class="search-plot chart-plot">
              <svg role="img" aria-label=${texts.search.label(points, found?.front.length ?? 0)} ?hidden=${points === 0}></svg>
              <p class="chart-empty muted" ?hidden=${points > 0}>
                ${search.isRunning && found ? texts.search.waiting : texts.search.empty}
              </p>
            </div>
            <p class="muted search-note" ?hidden=${points === 0}>${texts.search.note}</p>
          </div>
        </div>
        ${found && points > 0 ? frontOf(found, this.#parts) : nothing}
      `,
      this.#root,
    );
    this.#drawPlot();
  }

  #form() {
    const { search, app } = this.#parts;
    const ready = app.direction.phase === 'ready';
    const whole = this.#whole;
    const budget = this.#budget ?? this.#usual();
    const running = search.isRunning;
    return html`<form class="search-form" novalidate @submit=${this.#submit}>
      <div class="field">
        <label for="search-budget">${texts.search.budget}</label>
        <input
          id="search-budget"
          type="number"
          min="0.1"
          max=${whole === undefined ? nothing : megabytes(whole)}
          step="any"
          required
          ?disabled=${running}
          aria-invalid=${this.#wrong ? 'true' : nothing}
          aria-describedby=${this.#wrong ? 'search-wrong search-budget-help' : 'search-budget-help'}
          .value=${live(budget)}
          @input=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => this.#type(event.currentTarget.value)}
        />
        ${this.#wrong ? html`<p class="wrong" id="search-wrong">${this.#wrong}</p>` : nothing}
        <p class="help" id="search-budget-help">
          ${texts.search.budgetHelp(whole)}
        </p>
      </div>
      <div class="field">
        <label for="search-evaluations">${texts.search.evaluations}</label>
        <select id="search-evaluations" aria-describedby="search-evaluations-help" ?disabled=${running} @change=${this.#choose}>
          ${EVALUATIONS.map(
            (count) => html`<option value=${count} .selected=${live(count === this.#evaluations)}>${texts.search.count(count)}</option>`,
          )}
        </select>
        <p class="help" id="search-evaluations-help">${texts.search.evaluationsHelp}</p>
      </div>
      <div class="field switch">
        <label>
          <input
            id="search-structure"
            type="checkbox"
            aria-describedby="search-structure-help"
            ?disabled=${running}
            .checked=${live(this.#structure)}
            @change=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => (this.#structure = event.currentTarget.checked)}
          />
          <span>${texts.search.structure}</span>
        </label>
        <p class="help" id="search-structure-help">${texts.search.structureHelp}</p>
      </div>
      <p class="muted" ?hidden=${ready}>${texts.search.noModel}</p>
      <div class="search-bar">
        <button class="button" type="submit" ?hidden=${running} ?disabled=${!ready}>${texts.search.start}</button>
        <button class="button quiet" type="button" ?hidden=${!running} @click=${this.#stop}>${texts.search.stop}</button>
      </div>
    </form>`;
  }

  #running() {
    const { search } = this.#parts;
    return html`<div class="search-progress">
      <progress max="1" value=${search.done} aria-label=${texts.search.running}></progress>
      <p class="help">
        ${progressText(search.progress)} ${search.secondsLeft === undefined ? nothing : texts.search.left(search.secondsLeft)}
      </p>
    </div>`;
  }

  #drawPlot() {
    const found = this.#found;
    const svg = this.#root.querySelector('.search-plot svg');
    if (!found || found.points.length === 0 || this.#space.width === 0 || !(svg instanceof SVGSVGElement)) return;
    drawSearch(svg, found, this.#space);
  }

  /** Beginning and end; what comes between is for those who look. @param {import('../workbench/search.js').Found | undefined} found */
  #announce(found) {
    const { isRunning, error } = this.#parts.search;
    let state = found ? 'ended' : '';
    if (isRunning) state = 'running';
    else if (found && error) state = 'failed';
    const before = this.#state;
    this.#state = state;
    // What was there when the page was opened is no news.
    if (before === undefined || state === before) return;
    if (state === 'running') this.#said = texts.search.started;
    else if (state === 'ended' && found) this.#said = texts.search.ended(found.points.length, found.front.length);
    else this.#said = '';
  }

  /** @param {string} text */
  #type(text) {
    this.#budget = text;
    this.#wrong = '';
    this.draw();
  }

  #choose = (/** @type {{ currentTarget: HTMLSelectElement }} */ event) => {
    this.#evaluations = Number(event.currentTarget.value);
  };

  #submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const { search, app } = this.#parts;
    const input = /** @type {HTMLInputElement} */ (this.#root.querySelector('#search-budget'));
    const budget = Math.round(Number(input.value) * 1e6);
    if (!(budget > 0)) {
      this.#wrong = texts.search.budgetWrong;
      this.draw();
      input.focus();
      return;
    }
    void search.start(app.direction, { budget, evaluations: this.#evaluations, structure: this.#structure });
    this.draw();
    this.#focus('.search-bar .quiet');
  };

  #stop = () => {
    this.#parts.search.stop();
    this.draw();
    this.#focus('.search-bar [type=submit]');
  };

  /** The button that was pressed is gone. @param {string} selector */
  #focus(selector) {
    const next = this.#root.querySelector(selector);
    if (next instanceof HTMLElement) next.focus();
  }
}

/** As a field of numbers has it. @param {number} bytes */
const megabytes = (bytes) => String(Number((bytes / 1e6).toFixed(bytes < 2e6 ? 2 : 1)));

/** @param {import('../../package/lab-protocol.js').SearchProgress | null | undefined} progress */
function progressText(progress) {
  if (!progress) return texts.search.preparing;
  const { what, done, all } = progress;
  return what === 'choices' ? texts.search.choices(done, all) : texts.search.candidates(done, all);
}
