// A model in the laboratory: a package file and what is known of it. The page holds the file and the
// laboratory's worker does the work.

import { abortError } from './errors.js';
import { laboratory } from './laboratory.js';
import { checkSignal, withEither } from './signals.js';
import { absolute } from './url.js';

/** @typedef {import('./lab-protocol.js').Recipe} Recipe */
/** @typedef {import('./lab-protocol.js').Info} Info */
/** @typedef {import('./lab-protocol.js').CompressionReport} CompressionReport */
/** @typedef {import('./lab-protocol.js').WorkProgress} WorkProgress */
/** @typedef {import('./lab-protocol.js').Scores & { wordsPerSecond: number }} Evaluation */
/** @typedef {{ source: string, reference: string }} Pair */

/**
 * @template P
 * @typedef {object} CallOptions
 * @property {AbortSignal} [signal]
 * @property {(progress: P) => void} [onprogress]
 */

/** Only this module may construct. */
const internal = Symbol('internal');

/**
 * The package file, for what else takes one. Throws where the model was deleted.
 * @type {(model: Model) => Blob}
 */
export let fileOf;

export class Model {
  /** @type {import('./lab-protocol.js').Package | undefined} */
  #package;
  #info;
  #end = new AbortController();

  /**
   * @private use `Model.load`
   * @param {symbol} key
   * @param {import('./lab-protocol.js').Opened} opened
   */
  constructor(key, { file, wire_bytes, info }) {
    if (key !== internal) throw new TypeError('Illegal constructor: use Model.load().');
    this.#package = { file, wire_bytes };
    this.#info = info;
    laboratory.acquire();
  }

  /**
   * Takes a model into the laboratory.
   * @param {URL | string | Blob} source a package file (`*.safetensors`, plain or gzip)
   * @param {CallOptions<import('./protocol.js').DownloadProgress>} [options]
   * @returns {Promise<Model>} to be given back by `delete`
   * @throws NetworkError: the download failed; DataError: the file is no model of ours;
   *   NotSupportedError: a model or a browser of another kind; OperationError: the laboratory failed;
   *   TypeError: wrong arguments
   */
  static async load(source, options = {}) {
    check(options);
    const model = source instanceof Blob ? source : absolute(source, 'Model.load');
    const { onprogress } = options;
    // Its worker stays until there is a model that holds it.
    laboratory.acquire();
    try {
      return await withEither([options.signal], async (signal) => {
        const opened = await laboratory.run('load', { model }, { signal, onprogress });
        return new Model(internal, opened);
      });
    } finally {
      laboratory.release();
    }
  }

  /**
   * Languages, architecture, sizes, and how each part is kept.
   * @returns {Info}
   */
  get info() {
    const { wire_bytes } = this.#package ?? this.#info;
    return { ...this.#info, ...(wire_bytes === undefined ? {} : { wire_bytes }) };
  }

  /**
   * Makes a smaller model of this one, which stays as it is.
   * @param {Recipe | string} recipe what to do, or a preset's name
   * @param {CallOptions<WorkProgress> & { calibration?: string[] }} [options] `calibration`: texts in
   *   the model's source language, for methods that look at what enters each layer. If nothing is
   *   said, some of ours, English or Portuguese, are fetched when a method needs them
   * @returns {Promise<{ model: Model, report: CompressionReport }>}
   * @throws TypeError: a wrong recipe, by step and key, or other wrong arguments; OperationError: the
   *   laboratory failed, and a later call starts it again
   */
  async compress(recipe, options = {}) {
    check(options);
    const { calibration } = options;
    if (calibration !== undefined) checkTexts(calibration, 'calibration');
    const text = typeof recipe === 'string' ? { preset: recipe } : { json: toJson(recipe) };
    const params = { recipe: text, calibration: calibration && [...calibration] };
    const { report, ...opened } = await this.#run('compress', params, options);
    this.#learn(report.before.wire_bytes);
    return { model: new Model(internal, opened), report };
  }

  /**
   * Translates texts on one thread of the laboratory and compares them with reference translations.
   * @param {Pair[]} pairs
   * @param {CallOptions<WorkProgress>} [options]
   * @returns {Promise<Evaluation>}
   */
  async evaluate(pairs, options = {}) {
    check(options);
    if (!Array.isArray(pairs)) throw new TypeError('evaluate: the pairs must be an array.');
    const sources = pairs.map((pair) => pair?.source);
    const references = pairs.map((pair) => pair?.reference);
    checkTexts(sources, 'evaluate: `source` of each pair');
    checkTexts(references, 'evaluate: `reference` of each pair');
    const scores = await this.#run('evaluate', { sources, references }, options);
    this.#learn(scores.wire_bytes);
    return { ...scores, wordsPerSecond: scores.words_per_second };
  }

  /**
   * The package file, plain.
   * @returns {Promise<Blob>}
   */
  async export() {
    return this.#held().file;
  }

  /** Ends calls in progress with an AbortError and gives the memory back. */
  delete() {
    if (!this.#package) return;
    this.#package = undefined;
    this.#end.abort(abortError('The model was deleted.'));
    laboratory.release();
  }

  #held() {
    this.#end.signal.throwIfAborted();
    return /** @type {import('./lab-protocol.js').Package} */ (this.#package);
  }

  /** What gzip makes of the file is computed once. @param {number} wireBytes */
  #learn(wireBytes) {
    if (this.#package) this.#package.wire_bytes = wireBytes;
  }

  /**
   * @template {'compress' | 'evaluate'} M
   * @param {M} method
   * @param {Omit<import('./lab-protocol.js').Methods[M]['params'], keyof import('./lab-protocol.js').Package>} params
   * @param {CallOptions<WorkProgress>} options
   */
  #run(method, params, { signal: asked, onprogress }) {
    return withEither([asked, this.#end.signal], (signal) => {
      const whole = /** @type {import('./lab-protocol.js').Methods[M]['params']} */ ({
        ...params,
        ...this.#held(),
      });
      return laboratory.run(method, whole, { signal, onprogress });
    });
  }

  static {
    fileOf = (model) => model.#held().file;
  }
}

/** @param {CallOptions<any>} options */
function check({ signal, onprogress }) {
  checkSignal(signal);
  if (onprogress !== undefined && typeof onprogress !== 'function')
    throw new TypeError('onprogress must be a function.');
}

/** @param {unknown} texts @param {string} what */
function checkTexts(texts, what) {
  if (!Array.isArray(texts) || texts.some((text) => typeof text !== 'string'))
    throw new TypeError(`${what} must be ${what === 'calibration' ? 'an array of strings' : 'a string'}.`);
}

/** @param {unknown} recipe */
function toJson(recipe) {
  if (recipe === null || typeof recipe !== 'object')
    throw new TypeError('The recipe must be an object { step: […] } or the name of a preset.');
  return JSON.stringify(recipe);
}
