// The chart of size and quality: every experiment of the visit a point, the best of them joined.

import { html, nothing, render } from 'lit-html';
import { texts } from './texts.js';
import { countBelow, drawChart } from './chart-drawing.js';
import { toCsv, toSvg } from './chart-export.js';
import { pictureOf, quality, size } from './chart-points.js';
import { tableOf } from './chart-table.js';
import { tipLines } from './chart-tip.js';
import { save } from './save.js';

/** @typedef {import('../workbench/experiment.js').Experiment} Experiment */
/** @typedef {import('./chart-points.js').Point} Point */

/** So near must a pointer come, in pixels: a finger needs more than the eye. */
const REACH = 22;

export class SizeQualityChart {
  #root;
  #onpick;
  /** @type {Experiment[]} */
  #experiments = [];
  /** @type {number | undefined} */
  #current;
  #picture = pictureOf([]);
  /** @type {import('./chart-table.js').Order} */
  #order = { column: 'size', descending: false };
  /** The point that Tab comes to, by its experiment's id. @type {number | undefined} */
  #stop;
  /** The point whose tip is shown. @type {Point | undefined} */
  #pointed;
  /** @type {((point: Point) => { x: number, y: number }) | undefined} */
  #place;
  #space = { width: 0, height: 0 };

  /** @param {HTMLElement} root @param {{ onpick: (experiment: Experiment) => void }} callbacks */
  constructor(root, { onpick }) {
    this.#root = root;
    this.#onpick = onpick;
    this.#draw();
    // The plot's size is the style sheet's, whatever is drawn in it: drawing never resizes it.
    new ResizeObserver(([{ contentRect }]) => {
      const { width, height } = contentRect;
      if (width === this.#space.width && height === this.#space.height) return;
      this.#space = { width, height };
      this.#drawPlot();
    }).observe(this.#find('.chart-plot', HTMLElement));
  }

  /** @param {Experiment[]} experiments @param {{ current?: number }} [options] the id of the one that is loaded */
  show(experiments, { current } = {}) {
    this.#experiments = experiments;
    this.#current = current;
    this.#draw();
  }

  #draw() {
    this.#picture = pictureOf(this.#experiments, this.#current);
    const { points, waiting, elsewhere } = this.#picture;
    const empty = points.length === 0;
    const below = empty ? 0 : countBelow(points);
    const notes = [
      waiting > 0 && texts.chart.waiting(waiting),
      elsewhere > 0 && texts.chart.elsewhere(elsewhere),
      below > 0 && texts.chart.below(below),
    ];
    render(
      html`
        <div class="chart-plot">
          <svg
            role="group"
            aria-label=${texts.chart.label(points.length)}
            ?hidden=${empty}
            @pointermove=${this.#move}
            @pointerleave=${this.#unpoint}
            @focusin=${this.#focusin}
            @focusout=${this.#unpoint}
            @keydown=${this.#keydown}
            @click=${this.#click}
          ></svg>
          <p class="chart-empty muted" ?hidden=${!empty}>${texts.chart.empty}</p>
          <div class="chart-tip" aria-hidden="true" hidden></div>
        </div>
        <ul class="chart-legend muted" ?hidden=${empty}>
          <li><span class="key key-best" aria-hidden="true"></span>${texts.chart.best}</li>
          <li><span class="key" aria-hidden="true"></span>${texts.chart.other}</li>
          <li>
            <span class="key key-unfinished" aria-hidden="true"></span>${texts.chart.unfinished}
          </li>
        </ul>
        <p class="chart-notes muted" role="status">${notes.filter(Boolean).join(' ')}</p>
        <div class="chart-tools" ?hidden=${empty}>
          <button class="text-button" type="button" @click=${this.#saveSvg}>
            ${texts.chart.saveSvg}
          </button>
          <button class="text-button" type="button" @click=${this.#saveCsv}>
            ${texts.chart.saveCsv}
          </button>
        </div>
        <details class="chart-table" ?hidden=${this.#experiments.length === 0}>
          <summary>${texts.chart.table}</summary>
          <div class="chart-table-scroll">
            ${this.#experiments.length === 0 ? nothing : this.#table()}
          </div>
        </details>
      `,
      this.#root,
    );
    this.#drawPlot();
  }

  #table() {
    return tableOf(this.#experiments, this.#order, {
      current: this.#current,
      onpick: this.#onpick,
      onsort: (order) => {
        this.#order = order;
        this.#draw();
      },
    });
  }

  #drawPlot() {
    const { points } = this.#picture;
    this.#pointed = points.find(({ experiment }) => experiment.id === this.#pointed?.experiment.id);
    if (points.length === 0 || this.#space.width === 0) return this.#drawTip();
    const stop =
      points.find(({ experiment }) => experiment.id === this.#stop) ??
      points.find(({ current }) => current) ??
      points[0];
    this.#stop = stop.experiment.id;
    const svg = this.#find('svg', SVGSVGElement);
    const focused = svg.contains(document.activeElement);
    const drawn = drawChart(svg, this.#picture, this.#space);
    this.#place = drawn.place;
    drawn.points
      .attr('role', 'button')
      .attr('data-id', ({ experiment }) => experiment.id)
      .attr('tabindex', (point) => (point === stop ? 0 : -1))
      .attr('aria-current', ({ current }) => (current ? 'true' : null))
      .attr('aria-label', (point) => texts.chart.point(tipLines(point)));
    // An element that moves to another place loses the focus.
    if (focused && !svg.contains(document.activeElement)) this.#element(stop)?.focus();
    this.#drawTip();
  }

  #drawTip() {
    const tip = this.#find('.chart-tip', HTMLElement);
    tip.hidden = this.#pointed === undefined || this.#place === undefined;
    if (!this.#pointed || !this.#place) return;
    const [label, ...lines] = tipLines(this.#pointed);
    render(html`<strong>${label}</strong>${lines.map((line) => html`<span>${line}</span>`)}`, tip);
    // Beside the point, on the side that has more room.
    const { x, y } = this.#place(this.#pointed);
    const { width, height } = this.#space;
    const left = x < width / 2 ? x + 16 : x - 16 - tip.offsetWidth;
    const top = y < height / 2 ? y : y - tip.offsetHeight;
    tip.style.left = `${Math.max(0, Math.min(left, width - tip.offsetWidth))}px`;
    tip.style.top = `${Math.max(0, Math.min(top, height - tip.offsetHeight))}px`;
  }

  /** @param {Event} event */
  #pointOf({ target }) {
    const id =
      target instanceof Element ? target.closest('.point')?.getAttribute('data-id') : undefined;
    return this.#picture.points.find(({ experiment }) => String(experiment.id) === id);
  }

  /** Points may lie so close together that one covers the other: the nearest is meant. @param {MouseEvent} event */
  #nearest({ clientX, clientY }) {
    const place = this.#place;
    if (!place) return undefined;
    const { left, top } = this.#find('svg', SVGSVGElement).getBoundingClientRect();
    const near = this.#picture.points
      .map((point) => {
        const { x, y } = place(point);
        return { point, distance: Math.hypot(x + left - clientX, y + top - clientY) };
      })
      .filter(({ distance }) => distance <= REACH)
      .sort((a, b) => a.distance - b.distance);
    return near[0]?.point;
  }

  /** @param {PointerEvent} event */
  #move = (event) => {
    const point = this.#nearest(event);
    this.#find('svg', SVGSVGElement).classList.toggle('on-point', point !== undefined);
    this.#pointed = point;
    this.#drawTip();
  };

  /** @param {Event} event */
  #focusin = (event) => {
    this.#pointed = this.#pointOf(event);
    this.#drawTip();
  };

  #unpoint = () => {
    this.#pointed = undefined;
    this.#drawTip();
  };

  /** @param {MouseEvent} event */
  #click = (event) => {
    // Assistive technology presses an element, wherever the pointer is.
    const point = event.detail === 0 ? this.#pointOf(event) : this.#nearest(event);
    if (!point) return;
    this.#moveTo(point);
    this.#onpick(point.experiment);
  };

  /** @param {KeyboardEvent} event */
  #keydown = (event) => {
    const point = this.#pointOf(event);
    if (!point) return;
    if (event.key === 'Escape') return this.#unpoint();
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      return this.#onpick(point.experiment);
    }
    const next = neighbour(event.key, point, this.#picture.points);
    if (!next) return;
    event.preventDefault();
    this.#moveTo(next);
  };

  /** @param {Point} point */
  #moveTo(point) {
    for (const [other, tabindex] of /** @type {const} */ ([
      [this.#stop, '-1'],
      [point.experiment.id, '0'],
    ]))
      this.#find(`.point[data-id="${other}"]`, SVGGElement).setAttribute('tabindex', tabindex);
    this.#stop = point.experiment.id;
    this.#element(point)?.focus();
  }

  /** @param {Point} point */
  #element({ experiment }) {
    return this.#root.querySelector(/** @type {'g'} */ (`.point[data-id="${experiment.id}"]`));
  }

  #saveSvg = () => {
    const { pair } = this.#picture.points[0].experiment;
    const file = new Blob([toSvg(this.#picture, pair)], { type: 'image/svg+xml' });
    save(file, `pocketglot-${pair}.svg`);
  };

  #saveCsv = () => {
    const { pair } = this.#picture.points[0].experiment;
    save(new Blob([toCsv(this.#experiments)], { type: 'text/csv' }), `pocketglot-${pair}.csv`);
  };

  /**
   * @template {typeof Element} T
   * @param {string} selector
   * @param {T} type
   * @returns {InstanceType<T>}
   */
  #find(selector, type) {
    const found = this.#root.querySelector(selector);
    if (!(found instanceof type)) throw new Error(`the chart has no ${selector}`);
    return /** @type {InstanceType<T>} */ (found);
  }
}

/** Left and right go by size, up and down by quality. @param {string} key @param {Point} point @param {Point[]} points */
function neighbour(key, point, points) {
  const across = [...points].sort((a, b) => size(a) - size(b));
  const up = [...points].sort((a, b) => quality(a) - quality(b));
  switch (key) {
    case 'ArrowLeft':
      return across[across.indexOf(point) - 1];
    case 'ArrowRight':
      return across[across.indexOf(point) + 1];
    case 'ArrowDown':
      return up[up.indexOf(point) - 1];
    case 'ArrowUp':
      return up[up.indexOf(point) + 1];
    case 'Home':
      return across[0];
    case 'End':
      return across.at(-1);
    default:
      return undefined;
  }
}
