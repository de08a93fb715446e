// What the page knows and can do, without its appearance: text, direction, live translation.

import { listModels } from '../package/index.js';
import { Direction } from './direction.js';
import { firstPairs, nameOf } from './languages.js';
import * as session from './session.js';

/** @typedef {import('./languages.js').Pair} Pair */

/** A translation that takes less shows no progress: it would only flicker. */
const SHOW_WORK_AFTER_MS = 400;
/** A notice that nobody dismisses stays at least so long, and then until the next translation. */
const NOTICE_MS = 8000;
/** Between two keys of someone who types there is about this much. */
const DEBOUNCE_MS = 120;

export class App {
  pair = session.readPair();
  text = session.readText();
  translation = '';
  /** The translation belongs to an earlier text. */
  stale = false;
  /** The beginning of it belongs to this text; the rest is not done yet. */
  partial = false;
  /** How long the last translation took. @type {number | undefined} */
  duration;
  /** A translation in progress that takes longer. @type {import('./lines.js').Progress | undefined} */
  work;
  translating = false;
  stopped = false;
  /** Of a translation; those of a download are the direction's. @type {Error | undefined} */
  error;
  /** The GPU has failed, and the page has something to say about it. */
  gpuLost = false;
  /** What a clear threw away. @type {string | undefined} */
  cleared;
  /** @type {string | undefined} */
  missing;
  /** Something that the page has to say about what the visitor just did. @type {string | undefined} */
  message;

  /** By their names. @type {Map<string, Direction>} */
  #directions = new Map();
  #onchange;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #abort = new AbortController();
  #gpuLostAt = 0;
  /** The texts before the last swap. @type {{ source: string, target: string } | undefined} */
  #swapped;

  /** @param {() => void} onchange */
  constructor(onchange) {
    this.#onchange = onchange;
    for (const pair of [...firstPairs, this.pair]) this.#offer(pair);
  }

  get direction() {
    return /** @type {Direction} */ (this.#directions.get(nameOf(this.pair)));
  }

  /** What can be translated. */
  get pairs() {
    return [...this.#directions.values()].map(({ pair }) => pair);
  }

  /** @param {Pair} pair @param {Blob} [file] */
  #offer(pair, file) {
    if (this.#directions.has(nameOf(pair)) && !file) return;
    const direction = new Direction(
      pair,
      () => this.#directionChanged(),
      () => this.#loseGpu(),
      file,
    );
    this.#directions.set(nameOf(pair), direction);
  }

  /** Whatever else the list of models has. */
  async #learnPairs() {
    try {
      for (const { sourceLanguage: source, targetLanguage: target } of await listModels())
        this.#offer({ source, target });
      this.#onchange();
    } catch {
      // Whether the list can be had is the direction's to say.
    }
  }

  /** @param {string} message that stays until it is dismissed */
  say(message) {
    this.message = message;
    this.#onchange();
  }

  /** Translates with a model of the visitor's own, for as long as the visit. @param {Pair} pair @param {Blob} file */
  useModel(pair, file) {
    const former = this.#directions.get(nameOf(pair));
    this.#abandon();
    this.#offer(pair, file);
    former?.close();
    this.choose(pair);
  }

  /** @param {Pair} pair one of `pairs` */
  choose(pair) {
    this.#setPair(pair);
    this.#schedule(0);
  }

  start() {
    this.missing = missingFeature();
    session.keepPair(this.pair);
    if (this.missing === undefined) {
      void this.direction.look();
      void this.#learnPairs();
    }
    if (this.text.trim() !== '') this.#schedule(0);
    this.#onchange();
  }

  /** @param {string} text */
  setText(text) {
    if (text === this.text) return;
    this.cleared = undefined;
    this.#replaceText(text);
    this.#schedule(DEBOUNCE_MS);
  }

  clear() {
    const { text } = this;
    this.#replaceText('');
    this.cleared = text;
    this.#schedule(0);
  }

  undoClear() {
    const text = this.cleared ?? '';
    this.cleared = undefined;
    this.#replaceText(text);
    this.#schedule(0);
  }

  get canSwap() {
    return this.#directions.has(nameOf({ source: this.pair.target, target: this.pair.source }));
  }

  /** The other direction, with the translation as its text. */
  swap() {
    if (!this.canSwap) return;
    const { text, translation, stale } = this;
    this.#setPair({ source: this.pair.target, target: this.pair.source });
    if (!stale && translation.trim() !== '') {
      const back = this.#swapped?.target === text ? this.#swapped.source : undefined;
      this.#swapped = { source: text, target: translation };
      this.#replaceText(back ?? translation);
      this.translation = text;
    }
    this.#schedule(0);
  }

  /** The address was changed by hand, or by going back. */
  followAddress() {
    const { source, target } = session.readPair();
    if (source === this.pair.source && target === this.pair.target) return;
    this.#offer({ source, target });
    this.#setPair({ source, target });
    this.#schedule(0);
  }

  /** Starts or repeats what is waiting: the download, else the translation. */
  proceed() {
    const { direction } = this;
    if (direction.phase !== 'ready') void direction.load();
    this.#schedule(0);
  }

  dismiss() {
    this.gpuLost = false;
    this.message = undefined;
    this.#onchange();
  }

  cancelDownload() {
    this.direction.cancel();
  }

  stop() {
    this.#abandon();
    this.stopped = true;
    this.#onchange();
  }

  /** The network is back: what failed for lack of it may go on. */
  online() {
    const { phase, error } = this.direction;
    if (phase === 'failed' && error?.name === 'NetworkError') {
      // Nobody asked for a download yet.
      if (this.text.trim() === '') void this.direction.look();
      else this.proceed();
    } else if (phase === 'absent' && this.stale) this.#schedule(0);
    else this.#onchange();
  }

  /** @param {Pair} pair */
  #setPair(pair) {
    this.pair = pair;
    session.keepPair(pair);
    if (this.missing === undefined) void this.direction.look();
  }

  /** @param {string} text */
  #replaceText(text) {
    this.text = text;
    session.keepText(text);
  }

  #directionChanged() {
    const { direction } = this;
    const { phase } = direction;
    // A model that is here costs nothing; one that must be downloaded waits for a text.
    if (phase === 'stored') void direction.load();
    const waiting = this.stale && !this.translating && !this.stopped && !this.error;
    if (waiting && (phase === 'ready' || phase === 'absent')) this.#schedule(0);
    else this.#onchange();
  }

  #loseGpu() {
    this.gpuLost = true;
    this.#gpuLostAt = performance.now();
    this.#onchange();
  }

  #abandon() {
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.translating = false;
    this.work = undefined;
  }

  /** @param {number} delay */
  #schedule(delay) {
    this.#abandon();
    this.error = undefined;
    this.stopped = false;
    this.partial = false;
    if (this.text.trim() === '') {
      this.translation = '';
      this.stale = false;
      this.duration = undefined;
    } else {
      this.stale = true;
      this.#timer = setTimeout(() => void this.#translate(), delay);
    }
    this.#onchange();
  }

  async #translate() {
    const { direction, text } = this;
    if (this.missing !== undefined) return;
    if (direction.phase === 'absent' && navigator.onLine) void direction.load();
    if (direction.phase !== 'ready' || !direction.translator) return;
    const abort = (this.#abort = new AbortController());
    const { signal } = abort;
    const onprogress = (/** @type {import('./lines.js').Progress} */ work) => {
      if (signal.aborted || performance.now() - started < SHOW_WORK_AFTER_MS) return;
      this.work = work;
      const text = work.partial();
      if (text !== undefined) {
        this.translation = text;
        this.partial = true;
      }
      this.#onchange();
    };
    this.translating = true;
    this.#onchange();
    const started = performance.now();
    try {
      const translation = await direction.lines.translate(direction.translator, text, {
        signal,
        onprogress,
      });
      this.duration = performance.now() - started;
      this.translation = translation;
      this.stale = false;
      this.partial = false;
      if (performance.now() - this.#gpuLostAt > NOTICE_MS) this.gpuLost = false;
    } catch (error) {
      if (signal.aborted) return;
      this.error = /** @type {Error} */ (error);
    }
    this.translating = false;
    this.work = undefined;
    this.#onchange();
  }
}

/** What this browser lacks, in words, if it lacks anything. */
function missingFeature() {
  if (typeof WebAssembly !== 'object') return 'WebAssembly';
  if (typeof Worker !== 'function') return 'web workers';
  if (typeof DecompressionStream !== 'function') return 'DecompressionStream';
  return undefined;
}
