// One direction of translation: what is known of its model, its download, and its translator.

import { Translator, describeModel } from '../package/index.js';
import { nameOf } from './languages.js';
import { LineMemory } from './lines.js';

/** @typedef {import('./languages.js').Pair} Pair */
/** @typedef {import('../package/index.js').DownloadProgressEvent} DownloadProgressEvent */

/**
 * unknown → absent or stored → loading → ready; loading may also end as cancelled or failed.
 * @typedef {'unknown' | 'absent' | 'stored' | 'loading' | 'ready' | 'cancelled' | 'failed'} Phase
 */

export class Direction {
  /** @type {Phase} */
  phase = 'unknown';
  /** @type {number | undefined} */
  wireBytes;
  /** Bytes so far; undefined until something is really downloaded. @type {number | undefined} */
  loaded;
  /** @type {Error | undefined} */
  error;
  /** @type {Translator | undefined} */
  translator;
  lines = new LineMemory();
  #abort = new AbortController();
  #onchange;
  #ongpulost;

  /**
   * @param {Pair} pair
   * @param {() => void} onchange
   * @param {() => void} ongpulost
   * @param {Blob} [file] a model of the visitor's own, instead of the registry's
   */
  constructor(pair, onchange, ongpulost, file) {
    this.pair = pair;
    this.file = file;
    this.#onchange = onchange;
    this.#ongpulost = ongpulost;
  }

  /** @param {Partial<Pick<Direction, 'phase' | 'wireBytes' | 'loaded' | 'error' | 'translator'>>} change */
  #set(change) {
    Object.assign(this, change);
    this.#onchange();
  }

  get name() {
    return nameOf(this.pair);
  }

  /** For the laboratory. */
  get source() {
    return this.file ?? this.#languages;
  }

  get #languages() {
    return { sourceLanguage: this.pair.source, targetLanguage: this.pair.target };
  }

  /** Finds out whether the model is already here, and how large it is. */
  async look() {
    if (this.phase === 'failed' && this.wireBytes === undefined)
      this.#set({ phase: 'unknown', error: undefined });
    if (this.phase !== 'unknown') return;
    try {
      if (this.file) return this.#set({ phase: 'stored', wireBytes: this.file.size });
      const { availability, wire_bytes } = await describeModel(this.#languages);
      this.wireBytes = wire_bytes;
      if (this.phase === 'unknown')
        this.#set({ phase: availability === 'available' ? 'stored' : 'absent' });
    } catch (error) {
      if (this.phase === 'unknown')
        this.#set({ phase: 'failed', error: /** @type {Error} */ (error) });
    }
  }

  async load() {
    if (this.phase === 'loading' || this.phase === 'ready') return;
    const abort = (this.#abort = new AbortController());
    this.#set({ phase: 'loading', loaded: undefined, error: undefined });
    const monitor = (/** @type {EventTarget} */ events) =>
      events.addEventListener('downloadprogress', (event) => {
        const { loadedBytes, totalBytes } = /** @type {DownloadProgressEvent} */ (event);
        if (loadedBytes !== undefined) this.#set({ loaded: loadedBytes, wireBytes: totalBytes });
      });
    try {
      const translator = await Translator.create({
        ...this.#languages,
        model: this.file,
        signal: abort.signal,
        monitor,
        onbackend: ({ lost }) => (lost === undefined ? this.#onchange() : this.#ongpulost()),
      });
      this.#set({ phase: 'ready', translator });
      // What there is to say about it may have changed.
      void translator.kept.then(() => this.#onchange());
    } catch (error) {
      if (!abort.signal.aborted)
        this.#set({ phase: 'failed', error: /** @type {Error} */ (error) });
    }
  }

  /** Gives its model back. */
  close() {
    this.#abort.abort();
    this.translator?.destroy();
  }

  cancel() {
    if (this.phase !== 'loading') return;
    this.#abort.abort();
    this.#set({ phase: 'cancelled' });
  }
}
