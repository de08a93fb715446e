// The Translator API: the interface of the draft, with our own model files and engine behind it.

import { abortError } from './errors.js';
import { IdentityModel } from './identity.js';
import {
  TRANSLATOR,
  declareInterface,
  expectActiveDocument,
  expectValues,
  toDictionary,
  toFunction,
  toSignal,
  toText,
} from './idl.js';
import { isIdentity } from './languages.js';
import { Progress } from './monitor.js';
import { INPUT_QUOTA, expectWithinQuota, usageOf } from './quota.js';
import { acquire, describe, toRequest } from './request.js';
import { withEither } from './signals.js';
import { streamOf } from './stream.js';

/** @typedef {import('./protocol.js').ModelInfo} ModelInfo */
/** @typedef {import('./protocol.js').TranslationProgress} TranslationProgress */
/** @typedef {import('./protocol.js').DownloadProgress} DownloadProgress */
/** @typedef {import('./protocol.js').Backend} Backend */
/** @typedef {import('./protocol.js').BackendOption} BackendOption */
/** @typedef {import('./protocol.js').BackendInfo} BackendInfo */
/** @typedef {import('./protocol.js').Facts} Facts */
/** @typedef {import('./request.js').Availability} Availability */
/** @typedef {import('./request.js').TranslatorOptions} TranslatorOptions */

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
 * @property {(monitor: import('./monitor.js').Monitor) => void} [monitor] is given an event target for `downloadprogress`
 * @property {AbortSignal} [signal] aborts the creation, later destroys the translator
 */

/** @typedef {TranslatorOptions & CreateOnly} CreateOptions */

/**
 * @typedef {object} TranslateOptions
 * @property {AbortSignal} [signal]
 * @property {(progress: TranslationProgress) => void} [onprogress] sentences done of all, for long texts
 */

/** @typedef {{ threads?: number, backend: BackendOption, onbackend?: (info: BackendInfo) => void }} Ours */

/**
 * Whether a translator may be created: throws if not. What it returns is asked once more when the
 * monitor has been called, and rejects if not.
 * @typedef {() => (request: import('./protocol.js').ModelRequest, signal: AbortSignal) => Promise<void>} Gate
 */

/** @type {BackendOption[]} */
const BACKENDS = ['auto', 'wasm', 'webgpu'];

/** A text longer than this waits behind shorter ones, in UTF-16 units: about a page. */
const INTERACTIVE_LENGTH = 3000;

/** @typedef {import('./models.js').SharedModel | IdentityModel} Model */

/** Only this module may construct. */
const internal = Symbol('internal');
/** @type {(model: Model, options: Ours, signal: AbortSignal) => Translator} */
let construct;

export class Translator {
  #model;
  #options;
  /** Where its latest translation ran. @type {Backend} */
  #backend = 'wasm';
  #sourceLanguage;
  #targetLanguage;
  #end = new AbortController();

  static {
    construct = (...values) => new Translator(internal, ...values);
  }

  /**
   * @private use `Translator.create`
   * @param {symbol} key
   * @param {Model} model
   * @param {Ours} options
   * @param {AbortSignal} signal
   */
  constructor(key, model, options, signal) {
    if (key !== internal) throw new TypeError('Illegal constructor: use Translator.create().');
    this.#model = model;
    this.#options = options;
    const { source, target } = /** @type {import('./protocol.js').LoadedInfo} */ (model.info);
    this.#sourceLanguage = source;
    this.#targetLanguage = target;
    signal.addEventListener('abort', () => this.#destroy(signal.reason), {
      once: true,
      signal: this.#end.signal,
    });
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
    expectActiveDocument();
    return (await describe(toRequest(options))).availability;
  }

  /**
   * Downloads the model unless this browser has it, checks it, and makes it ready.
   * @param {CreateOptions} options
   * @returns {Promise<Translator>}
   * @throws NotSupportedError: no such language pair; NetworkError: the download failed;
   *   OperationError: the engine failed, or the registry's file is no model of ours; DataError: the file
   *   given as `model` is none; TypeError, RangeError: wrong arguments
   */
  static async create(options) {
    return create(options);
  }

  /** The language of the texts that go in, as the model has it: "en" also where "en-GB" was asked for. */
  get sourceLanguage() {
    return this.#sourceLanguage;
  }

  /** The language of the translations, as the model has it: "pt" also where "pt-BR" was asked for. */
  get targetLanguage() {
    return this.#targetLanguage;
  }

  /** How much `measureInputUsage` may say of a text. */
  get inputQuota() {
    // On another kind of object, which has none, this throws.
    void this.#options;
    return INPUT_QUOTA;
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
   * @param {string} input
   * @param {TranslateOptions} [options]
   * @returns {Promise<string>}
   * @throws QuotaExceededError: the text is longer than `inputQuota`; AbortError or the signal's reason;
   *   OperationError: the engine failed
   */
  async translate(input, options = undefined) {
    const { text, wishes } = this.#toArguments('translate', arguments.length, input, options);
    expectWithinQuota(text);
    const [translation] = await this.#translate([text], wishes, isShort(text));
    return translation;
  }

  /**
   * The same, part by part: the translation of the first sentence comes while the others are at work.
   * Joined, the parts are what `translate` gives.
   * @param {string} input
   * @param {TranslateOptions} [options]
   * @returns {ReadableStream<string>}
   */
  translateStreaming(input, options = undefined) {
    const { text, wishes } = this.#toArguments('translateStreaming', arguments.length, input, options);
    return streamOf([wishes.signal, this.#end.signal], async (enqueue, signal) => {
      expectWithinQuota(text);
      const { threads, backend } = this.#options;
      let length = 0;
      const translated = await this.#model.stream(text, {
        interactive: isShort(text),
        threads,
        backend,
        signal,
        onprogress: wishes.onprogress,
        // Where it had to begin again, it tells again what is out already.
        ontext: ({ at, text }) => {
          if (at + text.length <= length) return;
          enqueue(text.slice(length - at));
          length = at + text.length;
        },
      });
      const rest = translated.texts[0].slice(length);
      if (rest !== '') enqueue(rest);
      this.#ranOn(translated.backend);
    });
  }

  /**
   * How much of `inputQuota` a text takes.
   * @param {string} input
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<number>} UTF-16 units, at least 1
   */
  async measureInputUsage(input, options = undefined) {
    const { text, wishes } = this.#toArguments('measureInputUsage', arguments.length, input, options);
    return withEither([wishes.signal, this.#end.signal], async (signal) => {
      // Whoever aborts at once is heard.
      await null;
      signal.throwIfAborted();
      return usageOf(text);
    });
  }

  /**
   * Ours: many texts in one call, which is fastest. Calls of `translate` with a short text overtake it.
   * @param {string[]} texts each within `inputQuota`
   * @param {TranslateOptions} [options]
   * @returns {Promise<string[]>} in the order of the texts
   */
  async translateBatch(texts, options) {
    if (!Array.isArray(texts) || texts.some((text) => typeof text !== 'string')) {
      throw new TypeError('translateBatch: the texts must be an array of strings.');
    }
    for (const text of texts) expectWithinQuota(text);
    // A copy: the caller may change the array while we wait.
    return this.#translate([...texts], toWishes(options), false);
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

  /** @param {string} method @param {number} count @param {unknown} input @param {unknown} options */
  #toArguments(method, count, input, options) {
    expectValues(count, 1, method);
    const text = toText(input, `${method}: the text`);
    const wishes = toWishes(options);
    expectActiveDocument();
    return { text, wishes };
  }

  /** @param {Backend} [backend] */
  #ranOn(backend = this.#backend) {
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
   * @param {ReturnType<typeof toWishes>} wishes
   * @param {boolean} interactive
   */
  async #translate(texts, { signal, onprogress }, interactive) {
    const { threads, backend } = this.#options;
    return withEither([signal, this.#end.signal], async (either) => {
      const wishes = { interactive, threads, backend, signal: either, onprogress };
      const translated = await this.#model.translate(texts, wishes);
      this.#ranOn(translated.backend);
      return translated.texts;
    });
  }
}

declareInterface(Translator, 'Translator', TRANSLATOR);

/**
 * @param {unknown} options
 * @param {Gate} [gate]
 * @returns {Promise<Translator>}
 */
export async function create(options, gate) {
  expectActiveDocument();
  const request = toRequest(options);
  const { threads, backend, onbackend, monitor, signal } = toCreateOnly(options);
  signal.throwIfAborted();
  const permit = gate?.();
  const progress = new Progress(signal);
  monitor?.(progress.monitor);
  await withEither([signal], async (signal) => permit?.(request, signal));
  const identity = await withEither([signal], (signal) => findIdentity(request, signal));
  if (identity) {
    progress.end();
    signal.throwIfAborted();
    return construct(identity, { threads, backend, onbackend }, signal);
  }

  const model = await withEither([signal], (signal) => acquire(request, signal));
  try {
    /** @type {DownloadProgress | undefined} */
    let last;
    const onprogress = (/** @type {DownloadProgress} */ bytes) => {
      last = bytes;
      progress.report(bytes);
    };
    await model.ready({ signal, onprogress, threads });
    if (backend === 'webgpu') await model.attach(signal);
    progress.end(last);
    signal.throwIfAborted();
    return construct(model, { threads, backend, onbackend }, signal);
  } catch (error) {
    model.release();
    throw error;
  }
}

/**
 * From a language to itself nothing need be translated, unless the registry has a model that does.
 * @param {import('./protocol.js').ModelRequest} request
 * @param {AbortSignal} signal
 */
async function findIdentity(request, signal) {
  if (request.model !== undefined || !isIdentity(request)) return undefined;
  const { identity } = await describe(request, signal);
  return identity ? new IdentityModel(request) : undefined;
}

/** @param {string} text */
function isShort(text) {
  return text.length <= INTERACTIVE_LENGTH;
}

/** @param {unknown} options */
function toCreateOnly(options) {
  const { threads, backend = 'auto', monitor, onbackend, signal } = toDictionary(
    options,
    'The options',
  );
  if (threads !== undefined && (!Number.isInteger(threads) || Number(threads) < 1))
    throw new RangeError(`threads must be a whole number from 1, not ${String(threads)}.`);
  if (!BACKENDS.includes(/** @type {BackendOption} */ (backend)))
    throw new TypeError(`backend must be "auto", "wasm" or "webgpu", not ${String(backend)}.`);
  return {
    threads: /** @type {number | undefined} */ (threads),
    backend: /** @type {BackendOption} */ (backend),
    monitor: toFunction(monitor, 'monitor'),
    onbackend: toFunction(onbackend, 'onbackend'),
    signal: toSignal(signal) ?? new AbortController().signal,
  };
}

/** @param {unknown} options */
function toWishes(options) {
  const { signal, onprogress } = toDictionary(options, 'The options');
  return { signal: toSignal(signal), onprogress: toFunction(onprogress, 'onprogress') };
}
