// The matrix map: a cell for each matrix of the model, laid out as the network is.

import { html, nothing, render } from 'lit-html';
import { texts } from './texts.js';
import { detailsOf, nameOf } from './matrix-details.js';
import { layoutOf } from './matrix-layout.js';
import { MEASURES, STEPS, bytesOf, levelOf, valueOf } from './matrix-scales.js';

/** @typedef {import('./matrix-layout.js').Cell} Cell */
/** @typedef {import('./matrix-layout.js').Row} Row */
/** @typedef {import('./matrix-layout.js').Section} Section */
/** @typedef {import('./matrix-layout.js').Info} Info */
/** @typedef {import('./matrix-layout.js').CompressionReport} CompressionReport */
/** @typedef {import('./matrix-scales.js').Measure} Measure */
/** @typedef {import('./histogram.js').Histogram} Histogram */

/** Radio buttons of two maps in one page must not be one group. */
let maps = 0;

export class MatrixMap {
  #root;
  #histogram;
  #group = `map-measure-${maps++}`;
  /** @type {Info | undefined} */
  #info;
  /** @type {CompressionReport | undefined} */
  #report;
  /** @type {Section[]} */
  #sections = [];
  /** @type {Measure} */
  #chosen = 'bits';
  /** Keys of the cell whose details are shown, and of the one that Tab comes to. @type {string | undefined} */
  #selected;
  /** @type {string | undefined} */
  #stop;
  /** Of the model that is shown, by name of the tensor. @type {Map<string, import('./histogram.js').State>} */
  #histograms = new Map();

  /** @param {HTMLElement} root @param {{ histogram: (name: string) => Promise<Histogram> }} callbacks */
  constructor(root, { histogram }) {
    this.#root = root;
    this.#histogram = histogram;
  }

  /** @param {Info} info of the model @param {CompressionReport} [report] of how it came about; the original has none */
  show(info, report) {
    this.#sections = layoutOf(info, report);
    if (info !== this.#info) this.#histograms = new Map();
    this.#info = info;
    this.#report = report;
    const keys = this.#cells.map(({ key }) => key);
    if (!keys.includes(this.#selected ?? '')) this.#selected = undefined;
    if (!keys.includes(this.#stop ?? '')) this.#stop = keys[0];
    this.#ask();
    this.#draw();
  }

  get #cells() {
    const cells = this.#sections.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
    return cells.filter((cell) => cell !== undefined);
  }

  get #measure() {
    return this.#report ? this.#chosen : 'bits';
  }

  #draw() {
    const selected = this.#cells.find(({ key }) => key === this.#selected);
    render(
      html`
        <div class="map" data-measure=${this.#measure}>
          <div class="map-columns">
            <div class="map-picture">
              ${this.#choice()}
              <div
                class="map-grid"
                role="grid"
                aria-label=${texts.map.label}
                @keydown=${this.#keydown}
              >
                ${this.#sections.map((section) => this.#section(section))}
              </div>
              ${this.#legend()}
            </div>
            <section class="map-details" aria-label=${texts.map.details}>
              <p class="visually-hidden" role="status">
                ${selected ? texts.map.shown(nameOf(selected)) : ''}
              </p>
              ${selected
                ? detailsOf(selected, {
                    compared: this.#report !== undefined,
                    histogram: this.#histograms.get(selected.key),
                    onretry: () => {
                      this.#histograms.delete(selected.key);
                      this.#ask();
                      this.#draw();
                    },
                  })
                : html`<p class="muted">${texts.map.choose}</p>`}
            </section>
          </div>
        </div>
      `,
      this.#root,
    );
  }

  #choice() {
    const measure = this.#measure;
    return html`
      <fieldset class="map-measures">
        <legend>${texts.map.measureLabel}</legend>
        ${MEASURES.map(
          (name) => html`
            <label>
              <input
                type="radio"
                name=${this.#group}
                .checked=${name === measure}
                ?disabled=${name !== 'bits' && !this.#report}
                @change=${() => {
                  this.#chosen = name;
                  this.#draw();
                }}
              />
              ${texts.map.measures[name]}
            </label>
          `,
        )}
      </fieldset>
      <p class="map-explain muted">
        ${this.#report ? texts.map.explain[measure] : texts.map.needsReport}
      </p>
    `;
  }

  /** @param {Section} section */
  #section({ name, columns, rows }) {
    return html`
      <div class="map-section" role="rowgroup" aria-label=${texts.map.stacks[name]}>
        <div class="map-heads muted" aria-hidden="true">
          <strong>${texts.map.stacks[name]}</strong>
          ${columns.map(
            ({ block, role }, i) => html`
              <span class=${widthOf(block)}>
                ${block === columns[i - 1]?.block || block === role
                  ? nothing
                  : html`<b>${blockName(block)}</b>`}
                ${headOf(role)}
              </span>
            `,
          )}
        </div>
        ${rows.map((row) => this.#row(name, columns, row))}
      </div>
    `;
  }

  /** @param {Section['name']} section @param {Section['columns']} columns @param {Row} row */
  #row(section, columns, { number, dropped, cells }) {
    const isLayer = section === 'encoder' || section === 'decoder';
    return html`
      <div class="map-row" role="row">
        ${isLayer
          ? html`<span
              class="map-number muted"
              role="rowheader"
              aria-label=${texts.map.layer(section, number)}
              >${number}</span
            >`
          : html`<span class="map-number" role="presentation"></span>`}
        ${dropped
          ? html`<span class="map-dropped muted" role="gridcell">${texts.map.dropped}</span>`
          : cells.map((cell, i) =>
              cell
                ? this.#cell(cell, isLayer ? widthOf(columns[i].block) : 'whole')
                : html`<span
                    class="map-gap ${widthOf(columns[i].block)}"
                    role="presentation"
                  ></span>`,
            )}
      </div>
    `;
  }

  /** @param {Cell} cell @param {string} width */
  #cell(cell, width) {
    const measure = this.#measure;
    const value = valueOf(cell, measure);
    const size = texts.map.bytes(bytesOf(cell));
    const inWords = value === undefined ? texts.map.unknown : texts.map.values[measure](value);
    const short = value === undefined ? '–' : texts.map.short[measure](value);
    const isFile = cell.kind === 'file';
    const level = value === undefined ? 'level-none' : `level-${levelOf(value, measure)}`;
    const label = texts.map.cell(nameOf(cell), isFile ? size : inWords);
    return html`
      <span class="map-cell ${width}" role="gridcell">
        <button
          type="button"
          class=${isFile ? 'level-file' : level}
          data-key=${cell.key}
          tabindex=${cell.key === this.#stop ? 0 : -1}
          aria-pressed=${cell.key === this.#selected ? 'true' : 'false'}
          aria-label=${label}
          @click=${() => this.#select(cell.key)}
        >
          ${cell.layer ? nothing : html`<span>${nameOf(cell)}</span>`}
          <span>${isFile ? size : short}</span>
        </button>
      </span>
    `;
  }

  #legend() {
    const measure = this.#measure;
    const steps = STEPS[measure];
    const range = measure === 'bits' ? texts.map.bitsRange : texts.map.shareRange;
    const isUnknown = this.#cells.some(
      (cell) => cell.kind !== 'file' && valueOf(cell, measure) === undefined,
    );
    return html`
      <ul class="map-legend muted" aria-label=${texts.map.measures[measure]}>
        ${[...steps, undefined].map(
          (step, i) =>
            html`<li>
              <span class="key level-${i}" aria-hidden="true"></span>${range(steps[i - 1], step)}
            </li>`,
        )}
        ${isUnknown
          ? html`<li>
              <span class="key level-none" aria-hidden="true"></span>${texts.map.unknown}
            </li>`
          : nothing}
      </ul>
    `;
  }

  /** @param {string} key */
  #select(key) {
    this.#stop = this.#selected = key;
    this.#ask();
    this.#draw();
    // On a phone the details are below the map, perhaps out of sight.
    this.#root.querySelector('.map-details h3')?.scrollIntoView({ block: 'nearest' });
  }

  /** Asks for the histogram of what is selected, once. */
  #ask() {
    const cell = this.#cells.find(({ key }) => key === this.#selected);
    if (cell?.kind !== 'matrix' || this.#histograms.has(cell.key)) return;
    // What comes too late for the model that is shown must not be taken for its own.
    const histograms = this.#histograms;
    histograms.set(cell.key, { phase: 'loading' });
    this.#histogram(cell.key)
      .then(
        (histogram) => histograms.set(cell.key, { phase: 'done', histogram }),
        (error) => histograms.set(cell.key, { phase: 'failed', message: error.message }),
      )
      .then(() => {
        if (histograms === this.#histograms) this.#draw();
      });
  }

  /** @param {KeyboardEvent} event */
  #keydown = (event) => {
    const from = event.target instanceof Element ? event.target.closest('button') : null;
    const next = from && neighbour(event.key, from, this.#root);
    if (!next) return;
    event.preventDefault();
    this.#stop = next.dataset.key;
    this.#draw();
    next.focus();
  };
}

/** @param {string} role */
const headOf = (role) => /** @type {Record<string, string>} */ (texts.map.heads)[role] ?? role;

/** @param {string} block */
const blockName = (block) =>
  /** @type {Record<string, string>} */ (texts.map.blocks)[block] ?? block;

/** Six times as many weights would be too wide. @param {string} block */
const widthOf = (block) => (block === 'ffn' ? 'wide' : block === 'vectors' ? 'narrow' : 'plain');

/** @param {string} key @param {HTMLButtonElement} from @param {HTMLElement} root @returns {HTMLButtonElement | undefined} */
function neighbour(key, from, root) {
  const rows = [...root.querySelectorAll('.map-row')]
    .map((row) => [...row.querySelectorAll('button')])
    .filter((row) => row.length > 0);
  const at = rows.findIndex((row) => row.includes(from));
  const row = rows[at];
  const middle = (/** @type {Element} */ node) => {
    const { left, right } = node.getBoundingClientRect();
    return (left + right) / 2;
  };
  const distance = (/** @type {Element} */ node) => Math.abs(middle(node) - middle(from));
  const nearest = (/** @type {HTMLButtonElement[] | undefined} */ others) =>
    others && [...others].sort((a, b) => distance(a) - distance(b))[0];
  switch (key) {
    case 'ArrowLeft':
      return row[row.indexOf(from) - 1];
    case 'ArrowRight':
      return row[row.indexOf(from) + 1];
    case 'ArrowUp':
      return nearest(rows[at - 1]);
    case 'ArrowDown':
      return nearest(rows[at + 1]);
    case 'Home':
      return row[0];
    case 'End':
      return row.at(-1);
    default:
      return undefined;
  }
}
