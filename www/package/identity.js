// From a language to itself there is nothing to translate, and so nothing to download.

/** Stands in the place of a shared model. */
export class IdentityModel {
  /** @readonly */
  kept = Promise.resolve(true);
  /** @readonly @type {import('./protocol.js').Facts} */
  facts = {};
  #pair;

  /** @param {{ sourceLanguage: string, targetLanguage: string }} pair */
  constructor(pair) {
    this.#pair = pair;
  }

  get info() {
    const { sourceLanguage: source, targetLanguage: target } = this.#pair;
    const bytes = { wire_bytes: 0, file_bytes: 0, memory_bytes: 0 };
    return { source, target, ...bytes, architecture: {}, kept: true, verified: true, threads: 1 };
  }

  /** Nothing ever changes. */
  watch() {
    return () => {};
  }

  /** @param {string[]} texts @returns {Promise<import('./protocol.js').Translated>} */
  async translate(texts) {
    return { texts };
  }

  /** @param {string} text @returns {Promise<import('./protocol.js').Translated>} */
  async stream(text) {
    return { texts: [text] };
  }

  release() {}
}
