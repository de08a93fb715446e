// The public face of the package: the web's Translator API, with our own model files and engine.

import { abortError } from './errors.js';
import { SharedModel, client } from './models.js';
import { Model, fileOf } from './model.js';
import { CreateMonitor, DownloadProgressEvent } from './monitor.js';
import { registryOf, toPair } from './pair.js';
import { checkSignal, withEither } from './signals.js';
import { absolute } from './url.js';

export { CreateMonitor, DownloadProgressEvent, Model };

/** @typedef {import('./protocol.js').ModelInfo} ModelInfo */
/** @typedef {import('./protocol.js').ModelDescription} ModelDescription */
/** @typedef {import('./protocol.js').TranslationProgress} TranslationProgress */
/** @typedef {import('./protocol.js').BackendOption} BackendOption */
/** @typedef {import('./protocol.js').BackendInfo} BackendInfo */
/** @typedef {import('./protocol.js').Facts} Facts */
/** @typedef {'unavailable' | 'downloadable' | 'downloading' | 'available'} Availability */

/**
 * @typedef {object} ModelOption
 * @property {URL | string | Blob | Model} [model] a package file (`*.safetensors`, plain or gzip), or a
 *   model of the laboratory, instead of the registry's; a file at the same URL is taken to stay the same
 */

/** @typedef {import('./pair.js').LanguagePair & ModelOption} TranslatorOptions */

/**
 * @typedef {object} CreateOnly
 * @property {number} [threads] how many threads may compute, at least 1. They serve all translators of
 *   the page, and of several numbers the largest counts. If nothing is said: all cores but one, at
 *   least 2 where there are 2, at most 8. Always 1 on a page that is not cross-origin isolated.
 * @property {BackendOption} [backend] what may compute. "auto", which is what counts if nothing is said:
 *   the CPU at first; when the page rests, both are measured once, and from then on each request runs
 *   where one of its length is faster. "wasm": the CPU and nothing else; WebGPU is not touched. "webgpu":
 *   all runs there, and `create` waits for it; where there is no GPU, the CPU translates and
 *   `info.choice` says why.
 * @property {(info: BackendInfo) => void} [onbackend] is called when what `info` says of `backend`, `gpu`
 *   or `choice` has changed, and once with `lost` if the GPU fails in the middle of its work. The CPU
 *   has taken over then, and no text is lost
 * @property {(monitor: CreateMonitor) => void} [monitor] is given an event target for `downloadprogress`
 * @property {AbortSignal} [signal] aborts the creation, later destroys the translator
 */

/** @typedef {TranslatorOptions & CreateOnly} CreateOptions */

/**
 * @typedef {object} TranslateOptions
 * @property {AbortSignal} [signal]
 * @property {(progress: TranslationProgress) => void} [onprogress] sentences done of all, for long texts
 */

/** @type {BackendOption[]} */
const BACKENDS = ['auto', 'wasm', 'webgpu'];

/** A text longer than this waits behind shorter ones, in UTF-16 units: about a page. */
const INTERACTIVE_LENGTH = 3000;

/** Only this module may construct. */
const internal = Symbol('internal');

export class Translator {
  #model;
  #options;
  /** Where its latest translation ran. @type {import('./protocol.js').Backend} */
  #backend = 'wasm';
  #sourceLanguage;
  #targetLanguage;
  #end = new AbortController();

  /**
   * @private use `Translator.create`
   * @param {symbol} key
   * @param {SharedModel} model
   * @param {{ threads?: number, backend: BackendOption, onbackend?: (info: BackendInfo) => void }} options
   * @param {string} sourceLanguage
   * @param {string} targetLanguage
   */
  constructor(key, model, options, sourceLanguage, targetLanguage) {
    if (key !== internal) throw new TypeError('Illegal constructor: use Translator.create().');
    this.#model = model;
    this.#options = options;
    this.#sourceLanguage = sourceLanguage;
    this.#targetLanguage = targetLanguage;
    if (options.backend === 'wasm') return;
    const unwatch = model.watch((facts) => this.#tell(facts));
    this.#end.signal.addEventListener('abort', unwatch);
    // A model that others use may be there already.
    if (model.facts.gpu || model.facts.choice) this.#tell(model.facts);
  }

  /**
   * Whether a language pair can be had, and whether that needs a download.
   * @param {TranslatorOptions} options
   * @returns {Promise<Availability>}
   */
  static async availability(options) {
    return (await describeModel(options)).availability;
  }

  /**
   * Downloads the model unless this browser has it, checks it, and makes it ready.
   * @param {CreateOptions} options
   * @returns {Promise<Translator>}
   * @throws NotSupportedError: no such language pair; NetworkError: the download failed; DataError: the
   *   file is no model of ours; OperationError: the engine failed; TypeError, RangeError: wrong arguments
   */
  static async create(options) {
    const request = toRequest(options);
    const { monitor, threads, backend = 'auto', onbackend } = options;
    const { signal = new AbortController().signal } = options;
    checkSignal(signal);
    if (threads !== undefined && (!Number.isInteger(threads) || threads < 1))
      throw new RangeError(`threads must be a whole number from 1, not ${String(threads)}.`);
    if (!BACKENDS.includes(backend))
      throw new TypeError(`backend must be "auto", "wasm" or "webgpu", not ${String(backend)}.`);
    for (const [name, listener] of Object.entries({ monitor, onbackend })) {
      if (listener !== undefined && typeof listener !== 'function')
        throw new TypeError(`${name} must be a function.`);
    }
    signal.throwIfAborted();
    const events = new CreateMonitor(signal);
    monitor?.(events);

    const model = SharedModel.acquire(request);
    try {
      /** @type {import('./protocol.js').DownloadProgress | undefined} */
      let last;
      const onprogress = (/** @type {import('./protocol.js').DownloadProgress} */ progress) => {
        last = progress;
        events.report(progress);
      };
      await model.ready({ signal, onprogress, threads });
      if (backend === 'webgpu') await model.attach(signal);
      events.end(last);
      signal.throwIfAborted();
      const translator = new Translator(
        internal,
        model,
        { threads, backend, onbackend },
        request.sourceLanguage,
        request.targetLanguage,
      );
      signal.addEventListener('abort', () => translator.#destroy(signal.reason), {
        once: true,
        signal: translator.#end.signal,
      });
      return translator;
    } catch (error) {
      model.release();
      throw error;
    }
  }

  /** The canonical form of the tag given to `create`. */
  get sourceLanguage() {
    return this.#sourceLanguage;
  }

  /** The canonical form of the tag given to `create`. */
  get targetLanguage() {
    return this.#targetLanguage;
  }

  /**
   * Ours: languages, sizes, licence and credit of the model, whether it is kept for later visits, the
   * threads that compute now, where the latest translation ran, and why there.
   * @returns {ModelInfo}
   */
  get info() {
    const info = /** @type {import('./protocol.js').LoadedInfo} */ (this.#model.info);
    const facts = this.#options.backend === 'wasm' ? {} : this.#model.facts;
    return { ...info, ...facts, backend: this.#backend };
  }

  /**
   * Ours: settles when it is known whether the model is kept for later visits, which is after the
   * first translations of a new one.
   */
  get kept() {
    return this.#model.kept;
  }

  /**
   * White space and line breaks around sentences stay as they are.
   * @param {string} text
   * @param {TranslateOptions} [options]
   * @returns {Promise<string>}
   */
  async translate(text, options = {}) {
    if (typeof text !== 'string') throw new TypeError('translate: the text must be a string.');
    const [translation] = await this.#translate([text], options, text.length <= INTERACTIVE_LENGTH);
    return translation;
  }

  /**
   * Ours: many texts in one call, which is fastest. Calls of `translate` with a short text overtake it.
   * @param {string[]} texts
   * @param {TranslateOptions} [options]
   * @returns {Promise<string[]>} in the order of the texts
   */
  async translateBatch(texts, options = {}) {
    if (!Array.isArray(texts) || texts.some((text) => typeof text !== 'string')) {
      throw new TypeError('translateBatch: the texts must be an array of strings.');
    }
    // A copy: the caller may change the array while we wait.
    return this.#translate([...texts], options, false);
  }

  /** Ends calls in progress with an AbortError and gives the memory back. */
  destroy() {
    this.#destroy(abortError('The translator was destroyed.'));
  }

  /** @param {unknown} reason */
  #destroy(reason) {
    if (this.#end.signal.aborted) return;
    this.#end.abort(reason);
    this.#model.release();
  }

  /** @param {import('./protocol.js').Backend} backend */
  #ranOn(backend) {
    if (backend === this.#backend) return;
    this.#backend = backend;
    this.#tell(this.#model.facts);
  }

  /** @param {Facts} facts */
  #tell(facts) {
    const { onbackend } = this.#options;
    const info = { backend: this.#backend, ...facts };
    // Called like any listener: what it throws is reported and disturbs nobody.
    if (onbackend) queueMicrotask(() => onbackend(info));
  }

  /**
   * @param {string[]} texts
   * @param {TranslateOptions} options
   * @param {boolean} interactive
   */
  async #translate(texts, { signal, onprogress }, interactive) {
    checkSignal(signal);
    if (onprogress !== undefined && typeof onprogress !== 'function')
      throw new TypeError('onprogress must be a function.');
    const { threads, backend } = this.#options;
    return withEither([signal, this.#end.signal], async (either) => {
      const translated = await this.#model.translate(texts, {
        interactive,
        threads,
        backend,
        signal: either,
        onprogress,
      });
      this.#ranOn(translated.backend ?? this.#backend);
      return translated.texts;
    });
  }
}

/**
 * Ours: what a translator would need before it is created: the size of the download, the model's
 * licence and credit.
 * @param {TranslatorOptions} options
 * @returns {Promise<Omit<ModelDescription, 'availability'> & { availability: Availability }>}
 */
export async function describeModel(options) {
  const request = toRequest(options);
  const description = await client.call('describe', request);
  return SharedModel.isLoading(request)
    ? { ...description, availability: 'downloading' }
    : description;
}

/**
 * Ours: the models that a registry lists, with the size of their downloads.
 * @param {{ registry?: URL | string }} [options]
 * @returns {Promise<import('./protocol.js').ListedModel[]>}
 */
export async function listModels(options = {}) {
  return client.call('list', { registry: registryOf(options) });
}

/**
 * @param {TranslatorOptions} options
 * @returns {import('./protocol.js').ModelRequest}
 */
function toRequest(options) {
  return { ...toPair(options), model: toFile(options.model) };
}

/** @param {TranslatorOptions['model']} model */
function toFile(model) {
  if (model instanceof Model) return fileOf(model);
  return model === undefined || model instanceof Blob ? model : absolute(model, 'model');
}
