// The sentences whose translation changed most: what a score can't tell.

import { html, nothing, render } from 'lit-html';
import { createRef, ref } from 'lit-html/directives/ref.js';
import { repeat } from 'lit-html/directives/repeat.js';
import { languageOf } from '../languages.js';
import { texts } from './texts.js';
import { difference } from '../workbench/difference.js';

/** @typedef {import('../workbench/difference.js').Difference} Difference */
/** @typedef {import('../workbench/difference.js').Part} Part */

/**
 * @typedef {object} Sentences equal places belong together
 * @property {string[]} sources
 * @property {string[]} references
 * @property {string[]} original translations by the original
 * @property {string[] | undefined} compressed and by the compressed model, once there is one
 * @property {{ source: string, target: string }} languages
 */

/** @typedef {{ place: number, difference: Difference }} Changed */

const AT_ONCE = 10;

/** Most first; of equals, those that come first. @param {string[]} original @param {string[]} compressed */
export function mostChanged(original, compressed) {
  const share = (/** @type {Changed} */ { difference: { changed, total } }) =>
    changed / Math.max(total, 1);
  return original
    .map((text, place) => ({ place, difference: difference(text, compressed[place]) }))
    .filter(({ difference: { changed } }) => changed > 0)
    .sort((left, right) => share(right) - share(left));
}

export class ChangedSentences {
  #root;
  #shown = AT_ONCE;
  /** @type {Sentences | undefined} */
  #sentences;
  /** @type {Changed[]} */
  #changed = [];
  /** @type {import('lit-html/directives/ref.js').Ref<HTMLOListElement>} */
  #list = createRef();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** @param {Sentences} sentences */
  show(sentences) {
    const { sources, references, original, compressed } = sentences;
    for (const [name, { length }] of Object.entries({
      references,
      original,
      compressed: compressed ?? sources,
    })) {
      if (length !== sources.length)
        throw new RangeError(`${sources.length} sources, but ${length} in "${name}"`);
    }
    const before = this.#sentences;
    this.#sentences = sentences;
    // Drawn at every step of whatever goes on, while the translations stay the same for long.
    if (original !== before?.original || compressed !== before.compressed)
      this.#changed = compressed ? mostChanged(original, compressed) : [];
    this.#draw();
  }

  #draw() {
    const { sources, compressed } = /** @type {Sentences} */ (this.#sentences);
    const shown = this.#changed.slice(0, this.#shown);
    const left = this.#changed.length - shown.length;
    const summary = compressed
      ? texts.changed.summary(this.#changed.length, sources.length)
      : texts.changed.none;
    render(
      html`
        <p class="muted" role="status">${summary}</p>
        <ol class="changed-list" ?hidden=${shown.length === 0} ${ref(this.#list)}>
          ${repeat(
            shown,
            ({ place }) => place,
            (changed) => this.#item(changed),
          )}
        </ol>
        ${left > 0
          ? html`<button class="text-button" type="button" @click=${() => this.#more()}>
              ${texts.changed.more(Math.min(AT_ONCE, left), left)}
            </button>`
          : nothing}
      `,
      this.#root,
    );
  }

  /** @param {Changed} changed */
  #item({ place, difference: { a, b, changed, total } }) {
    const { sources, references, languages } = /** @type {Sentences} */ (this.#sentences);
    const [from, to] = [languages.source, languages.target].map((tag) => languageOf(tag).htmlLang);
    return html`
      <li class="changed-item" tabindex="-1">
        <p class="changed-count muted">${texts.changed.words(changed, total)}</p>
        <dl>
          <div>
            <dt>${texts.changed.source}</dt>
            <dd lang=${from}>${sources[place]}</dd>
          </div>
          <div>
            <dt>${texts.changed.reference}</dt>
            <dd lang=${to}>${references[place]}</dd>
          </div>
          <div>
            <dt>${texts.changed.original}</dt>
            <dd lang=${to}>${marked(a)}</dd>
          </div>
          <div>
            <dt>${texts.changed.compressed}</dt>
            <dd lang=${to}>${marked(b)}</dd>
          </div>
        </dl>
      </li>
    `;
  }

  #more() {
    const first = this.#shown;
    this.#shown += AT_ONCE;
    this.#draw();
    // Who reads on by keyboard goes on with what is new; the button may be gone.
    const item = this.#list.value?.children[first];
    if (item instanceof HTMLElement) item.focus();
  }
}

/** Neighbours that changed share a mark, and white space behind them has none. @param {Part[]} parts */
function marked(parts) {
  const words = parts.map(({ text }) => text).join('');
  if (words.trim() === '')
    return html`<span class="muted" lang=${texts.locale}>${texts.changed.empty}</span>`;
  /** @type {Part[]} */
  const runs = [];
  for (const { text, changed } of parts) {
    const last = runs.at(-1);
    if (last?.changed === changed) last.text += text;
    else runs.push({ text, changed });
  }
  return runs.map(({ text, changed }) => {
    if (!changed) return text;
    const [, before, run, after] = /** @type {RegExpExecArray} */ (/^(\s*)(.*?)(\s*)$/s.exec(text));
    return html`${before}<mark class="changed">${run}</mark>${after}`;
  });
}
