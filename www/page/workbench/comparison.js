// The same text by the original and by the model that was made of it, and how they differ.

import { difference } from './difference.js';

/** @typedef {import('./workbench.js').Made} Made */
/** @typedef {import('./difference.js').Difference} Difference */

export class Comparison {
  /** The translation by the model that was made; undefined until there is one. @type {string | undefined} */
  translation;
  /** @type {Difference | undefined} */
  difference;
  /** It belongs to another text, or to another model. */
  stale = true;
  /** @type {Error | undefined} */
  error;

  #onchange;
  #abort = new AbortController();
  /** What it is of. @type {{ made?: Made, text: string, original: string }} */
  #of = { text: '', original: '' };

  /** @param {() => void} onchange */
  constructor(onchange) {
    this.#onchange = onchange;
  }

  /**
   * Translates again if something has changed.
   * @param {Made | undefined} made
   * @param {string} text
   * @param {string | undefined} original its translation; undefined while it is not done
   */
  follow(made, text, original) {
    if (!made || text.trim() === '') return this.#forget();
    if (original === undefined) {
      if (this.#of.text !== text) this.#restart();
      return;
    }
    const of = this.#of;
    if (of.made === made && of.text === text && of.original === original) return;
    this.#of = { made, text, original };
    this.#restart();
    void this.#translate(made, text, original, this.#abort.signal);
  }

  /** @param {Made} made @param {string} text @param {string} original @param {AbortSignal} signal */
  async #translate({ translator, lines }, text, original, signal) {
    try {
      const translation = await lines.translate(translator, text, { signal, onprogress: () => {} });
      this.translation = translation;
      this.difference = difference(original, translation);
      this.stale = false;
    } catch (error) {
      if (signal.aborted) return;
      this.error = /** @type {Error} */ (error);
    }
    this.#onchange();
  }

  #restart() {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.error = undefined;
    if (!this.stale) {
      this.stale = true;
      this.#onchange();
    }
  }

  #forget() {
    if (this.translation === undefined && this.#of.made === undefined) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#of = { text: '', original: '' };
    this.translation = this.difference = this.error = undefined;
    this.stale = true;
    this.#onchange();
  }
}
