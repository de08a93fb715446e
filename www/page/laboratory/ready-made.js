// Models beside the page that were compressed and have learned since: what takes a download instead of a
// computation. Where there are none, nothing is seen of it.

import { html, nothing, render } from 'lit-html';
import { texts } from './texts.js';
import { describe, kindName } from '../workbench/describe.js';

/** @typedef {import('../dials/view.js').Parts} Parts */
/** @typedef {import('../workbench/experiment.js').Wanted} Wanted */

/**
 * As the build lists it: docs/registry.md.
 * @typedef {object} Listed
 * @property {string} kind such as "small"
 * @property {string} source
 * @property {string} target
 * @property {number} bytes of the download
 * @property {'healed' | 'pruned' | 'distilled'} how it was made
 * @property {import('../../package/lab-protocol.js').Recipe} recipe
 * @property {number} steps of the training
 * @property {number} [seconds]
 */

/** @typedef {Omit<Listed, 'source' | 'target'> & { wanted: Wanted }} Offer */

/** Beside the page. */
const LIST = 'models/healed.json';
const FORMAT = 1;

export class ReadyMade {
  #root;
  #parts;
  #onchange;
  /** Of all directions; undefined until it is known. @type {Listed[] | undefined} */
  #list;
  #unlisted = false;

  /** @param {HTMLElement} root @param {Parts} parts @param {() => void} onchange */
  constructor(root, parts, onchange) {
    this.#root = root;
    this.#parts = parts;
    this.#onchange = onchange;
    void this.#learn();
  }

  get isShown() {
    return this.#unlisted || this.#offers.length > 0;
  }

  async #learn() {
    try {
      const response = await fetch(new URL(LIST, document.baseURI), { cache: 'no-cache' });
      const { format, models } = await response.json();
      if (format !== FORMAT) throw new Error(`${LIST} is of format ${format}, not ${FORMAT}`);
      this.#list = models;
      this.#unlisted = false;
    } catch {
      this.#unlisted = true;
    }
    this.#onchange();
  }

  /** The button gives its place to those of the offers. */
  #retry = async () => {
    await this.#learn();
    this.#root.querySelector('button')?.focus();
  };

  /** For the direction that is translated in, the smallest first. @returns {Offer[]} */
  get #offers() {
    const { direction } = this.#parts.app;
    // A model of the visitor's own is not what these were made of.
    if (!this.#list || direction.file) return [];
    const { source, target } = direction.pair;
    return this.#list
      .filter((one) => one.source === source && one.target === target)
      .map((one) => ({ ...one, wanted: this.#wanted(one, direction.name) }))
      .sort((a, b) => a.bytes - b.bytes);
  }

  /** As it was tried before, if it was. @param {Listed} one @param {string} pair @returns {Wanted} */
  #wanted({ kind, bytes, recipe, steps, seconds }, pair) {
    const tried = this.#parts.workbench.experiments.find(
      (other) => other.pair === pair && other.healed?.kind === kind && other.bytes.wire_bytes === bytes,
    );
    return tried ?? { pair, recipe, healed: { kind, steps, seconds } };
  }

  draw() {
    const { readyMade } = texts;
    const ready = this.#parts.app.direction.phase === 'ready';
    render(
      this.#unlisted
        ? html`<p class="actions">
            <span>${readyMade.unlisted}</span>
            <button type="button" class="text-button" @click=${this.#retry}>${readyMade.retry}</button>
          </p>`
        : html`
            <p>${readyMade.about}</p>
            <ul class="offers">
              ${this.#offers.map((offer) => this.#card(offer, ready))}
            </ul>
            <p class="muted" ?hidden=${ready}>${readyMade.noModel}</p>
          `,
      this.#root,
    );
  }

  /** @param {Offer} offer @param {boolean} ready */
  #card(offer, ready) {
    const { readyMade } = texts;
    const { kind, bytes, how, recipe, steps, seconds } = offer;
    const { app, workbench } = this.#parts;
    const { work, error } = workbench;
    const chosen = this.#isChosen(offer);
    const failed = chosen && !work && error;
    const title = readyMade.title(kindName(kind), bytes);
    const { label, press } = this.#action(offer, chosen);
    return html`<li>
      <h4>${title}</h4>
      <p>
        ${readyMade.how[how](describe(recipe), readyMade.training(steps, seconds))}
        ${bytes > (app.direction.wireBytes ?? Infinity) ? readyMade.larger : nothing}
      </p>
      <p class="actions">
        <button
          type="button"
          class="button quiet"
          aria-label=${readyMade.action(label, title)}
          aria-disabled=${press ? nothing : 'true'}
          ?disabled=${!ready}
          @click=${() => press?.()}
        >
          ${label}
        </button>
        ${chosen && work?.what === 'fetching' ? progress(work) : nothing}
      </p>
      <p class="trouble" ?hidden=${!failed}>${failed ? readyMade.failed(texts.message(failed.message)) : nothing}</p>
    </li>`;
  }

  /** @param {Offer} offer */
  #isChosen({ kind, wanted }) {
    const { picked } = this.#parts.dials;
    return picked?.pair === wanted.pair && picked.healed?.kind === kind;
  }

  /**
   * One button for all, so that who has pressed it stays there.
   * @param {Offer} offer
   * @param {boolean} chosen
   * @returns {{ label: string, press?: () => void }}
   */
  #action({ kind, wanted }, chosen) {
    const { readyMade } = texts;
    const { dials, workbench } = this.#parts;
    const { work, made, error } = workbench;
    if (chosen && (work?.what === 'opening' || work?.what === 'fetching'))
      return { label: readyMade.stop, press: () => workbench.stop() };
    if (chosen && made && made.experiment.pair === wanted.pair && made.experiment.healed?.kind === kind)
      return { label: readyMade.current };
    const press = () => dials.pick(wanted);
    if (chosen && error) return { label: readyMade.retry, press };
    return { label: 'id' in wanted ? readyMade.use : readyMade.download, press };
  }
}

/** @param {{ loaded: number, total?: number }} work */
function progress({ loaded, total }) {
  const { readyMade } = texts;
  return html`<progress max="1" value=${total ? loaded / total : nothing} aria-label=${readyMade.progressLabel}></progress>
    <span class="muted">${readyMade.progress(loaded, total)}</span>`;
}
