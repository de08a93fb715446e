// A model in the laboratory: a package file and what is known of it. The page holds the file and the
// laboratory's worker does the work.

import { abortError } from './errors.js';
import { laboratory } from './laboratory.js';
import { toSignal } from './idl.js';
import { canonicalTag } from './languages.js';
import { toPair } from './pair.js';
import { toSearch } from './search.js';
import { withEither } from './signals.js';
import { useWorkerURL } from './spawn.js';
import { begin } from './training.js';
import { absolute } from './url.js';

/** @typedef {import('./lab-protocol.js').Recipe} Recipe */
/** @typedef {import('./lab-protocol.js').Info} Info */
/** @typedef {import('./lab-protocol.js').CompressionReport} CompressionReport */
/** @typedef {import('./lab-protocol.js').Bytes} Bytes */
/** @typedef {import('./lab-protocol.js').WorkProgress} WorkProgress */
/** @typedef {import('./lab-protocol.js').ScoreProgress} ScoreProgress */
/** @typedef {import('./lab-protocol.js').Scores & { wordsPerSecond: number }} Evaluation */
/** @typedef {{ source: string, reference: string }} Pair */
/** @typedef {import('./training.js').Healing} Healing */
/** @typedef {import('./train-protocol.js').TrainingProgress} TrainingProgress */

/**
 * Of `minutes` and `steps`, one.
 * @typedef {object} HealOptions
 * @property {number} [minutes] of work
 * @property {number} [steps] the same each time, whatever the machine
 * @property {string | string[]} [text] in the model's source language, a line a segment: the teacher
 *   translates it. If nothing is said, some of ours, English or Portuguese, is fetched
 * @property {Pair[]} [pairs] to judge by, instead of by the teacher's translations of some of the text
 * @property {number} [rate] the greatest learning rate; 3e-4 if nothing is said
 * @property {number} [warmUp] steps over which the rate rises to that; 5
 * @property {number} [batch] source tokens of a step, about; 300
 * @property {number} [soft] how much the teacher's distributions count, from 0 to 1; the rest is its
 *   translations; 0.9
 * @property {boolean} [keepZeros] every weight that is zero stays zero; false
 * @property {number} [heldOut] lines of the text that are held out to judge by, where there are no pairs; a
 *   fifth of them and at most 200
 * @property {number} [seed] of the order of the text; 1
 * @property {number} [judgeSteps] steps between two judgements; if nothing is said, there are about ten
 */

/**
 * @template P
 * @typedef {object} CallOptions
 * @property {AbortSignal} [signal]
 * @property {(progress: P) => void} [onprogress]
 */

/**
 * @typedef {object} GzipOption
 * @property {boolean} [gzip] false: `wire_bytes` are left out where nobody knows them yet, and the
 *   result is there seconds earlier; `measure` finds them out later
 */

/** A picture of a distribution needs no more. */
const MAX_BINS = 4096;

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
  /** The gzipped file that it came in, if it was one. @type {Blob | undefined} */
  #served;
  #info;
  #end = new AbortController();

  /**
   * @private use `Model.load`
   * @param {symbol} key
   * @param {import('./lab-protocol.js').Opened} opened
   */
  constructor(key, { file, wire_bytes, served, info }) {
    if (key !== internal) throw new TypeError('Illegal constructor: use Model.load().');
    this.#package = { file, wire_bytes };
    this.#served = served;
    this.#info = info;
    laboratory.acquire();
  }

  /**
   * Takes a model into the laboratory.
   * @param {URL | string | Blob | import('./pair.js').LanguagePair} source a package file (`*.safetensors`,
   *   plain or gzip), or the languages of a model in the registry. This browser may have that one
   *   already; else it is downloaded, compared with the registry's SHA-256, and kept
   * @param {CallOptions<import('./protocol.js').DownloadProgress> & import('./spawn.js').WorkerOption} [options]
   * @returns {Promise<Model>} to be given back by `delete`
   * @throws NetworkError: the download failed; DataError: the file is no model of ours;
   *   NotSupportedError: no such language pair, or a model or a browser of another kind; OperationError: the laboratory failed;
   *   TypeError: wrong arguments
   */
  static async load(source, options = {}) {
    check(options);
    useWorkerURL(options);
    return Model.#open('load', { model: toSource(source) }, options);
  }

  /**
   * Makes a model of a Marian model's files, as the Bergamot project and Firefox have them: the model
   * itself, the vocabulary of both languages, and a shortlist if there is one, each plain or gzipped.
   * Which is which is found out.
   * @param {(File | Blob & { name: string })[]} files
   * @param {CallOptions<import('./protocol.js').DownloadProgress> & import('./spawn.js').WorkerOption & { sourceLanguage?: string, targetLanguage?: string }} [options]
   *   the languages are those that the files' names tell, such as `model.enpt.intgemm.alphas.bin`, where
   *   they are not given
   * @returns {Promise<Model>} to be given back by `delete`
   * @throws TypeError: a file is missing, given twice or of another kind, or the names do not tell the
   *   languages; DataError: a file is damaged; NotSupportedError: a model of another kind; each names
   *   the file. OperationError: the laboratory failed
   */
  static async import(files, options = {}) {
    check(options);
    useWorkerURL(options);
    const { sourceLanguage: source, targetLanguage: target } = options;
    const params = {
      files: toFiles(files),
      sourceLanguage: source === undefined ? undefined : canonicalTag(source, 'sourceLanguage'),
      targetLanguage: target === undefined ? undefined : canonicalTag(target, 'targetLanguage'),
    };
    return Model.#open('import', params, options);
  }

  /**
   * @template {'load' | 'import'} M
   * @param {M} method
   * @param {import('./lab-protocol.js').Methods[M]['params']} params
   * @param {CallOptions<import('./protocol.js').DownloadProgress>} options
   */
  static async #open(method, params, { signal: asked, onprogress }) {
    // Its worker stays until there is a model that holds it.
    laboratory.acquire();
    try {
      return await withEither([asked], async (signal) => {
        const opened = await laboratory.run(method, () => params, { signal, onprogress });
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
   * @param {CallOptions<WorkProgress> & GzipOption & { calibration?: string[] }} [options]
   *   `calibration`: texts in the model's source language, for methods that look at what enters each
   *   layer. If nothing is said, some of ours, English or Portuguese, are fetched when a method needs
   *   them
   * @returns {Promise<{ model: Model, report: CompressionReport, calibrated: boolean }>} `calibrated`: whether
   *   what came of it depends on such texts
   * @throws TypeError: a wrong recipe, by step and key, or other wrong arguments; OperationError: the
   *   laboratory failed, and a later call starts it again
   */
  async compress(recipe, options = {}) {
    check(options);
    const { calibration, gzip = true } = options;
    checkFlag(gzip, 'gzip');
    if (calibration !== undefined) checkTexts(calibration, 'calibration');
    const text = typeof recipe === 'string' ? { preset: recipe } : { json: toJson(recipe) };
    const params = { recipe: text, calibration: calibration && [...calibration], gzip };
    const onresult = (/** @type {{ report: CompressionReport }} */ { report }) =>
      this.#learn(report.before.wire_bytes);
    const { report, calibrated, ...opened } = await this.#run('compress', params, { ...options, onresult });
    return { model: new Model(internal, opened), report, calibrated };
  }

  /**
   * What it takes: its file gzipped, its file, its weights in memory. The first is computed once.
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Bytes>}
   */
  async measure({ signal } = {}) {
    check({ signal });
    signal?.throwIfAborted();
    const onresult = (/** @type {number} */ length) => this.#learn(length);
    const wire_bytes = this.#held().wire_bytes ?? (await this.#run('measure', {}, { signal, onresult }));
    const { file_bytes, memory_bytes } = this.#info;
    return { wire_bytes, file_bytes, memory_bytes };
  }

  /**
   * Translates texts on one thread of the laboratory and compares them with reference translations.
   * @param {Pair[]} pairs
   * @param {CallOptions<ScoreProgress> & GzipOption} [options] `onprogress` hears the scores of what is
   *   translated so far, first after some two dozen pairs
   * @returns {Promise<Evaluation>} with the `translations`, in the order of the pairs
   */
  async evaluate(pairs, options = {}) {
    check(options);
    const { gzip = true } = options;
    checkFlag(gzip, 'gzip');
    const { sources, references } = toColumns(pairs, 'evaluate');
    const onresult = (/** @type {import('./lab-protocol.js').Scores} */ { wire_bytes }) =>
      this.#learn(wire_bytes);
    const params = { sources, references, gzip };
    const scores = await this.#run('evaluate', params, { ...options, onresult });
    return { ...scores, wordsPerSecond: scores.words_per_second };
  }

  /**
   * Looks for recipes whose models lose least at each size, from three quarters of a budget up to it.
   * `compress` with such a recipe makes the model.
   * @param {import('./search.js').SearchOptions} options
   * @returns {Promise<import('./lab-protocol.js').SearchResult>}
   * @throws RangeError, TypeError: wrong options, such as a budget that nothing fits into or nothing fills;
   *   OperationError: the laboratory failed, for lack of memory perhaps
   */
  async search(options) {
    const wanted = toSearch(options);
    check(options);
    const { calibration } = options;
    if (calibration !== undefined) checkTexts(calibration, 'calibration');
    return this.#run('search', { ...wanted, calibration: calibration && [...calibration] }, options);
  }

  /**
   * Lets a model that was made smaller learn again, from the model that it was made of; both stay as they
   * are. It has a worker and a module of its own, which are fetched when they are first needed, and takes
   * 0.7 GB of memory for a model of the registry.
   * @param {Model} teacher of the same languages and vocabulary
   * @param {CallOptions<TrainingProgress> & HealOptions} options aborting ends it at once, and nothing is
   *   kept
   * @returns {Healing} which may be paused and stopped. Its promise `finished` rejects with TypeError: too
   *   little text, a teacher of another kind, or options out of range; NetworkError: the module could not be
   *   fetched; OperationError: the training failed, for lack of memory for instance, and `best()` gives what
   *   was reached by then
   * @throws TypeError: wrong arguments
   */
  heal(teacher, options) {
    check(options);
    if (!(teacher instanceof Model)) throw new TypeError('heal: the teacher must be a Model.');
    const { signal, onprogress } = options;
    signal?.throwIfAborted();
    const params = { ...toTraining(options), student: this.#held().file, teacher: teacher.#held().file };
    return begin(params, { open: (file) => Model.load(file), signal, onprogress });
  }

  /**
   * How the weights of one part are distributed.
   * @param {string} name of a matrix or a vector, as in `info.tensors`
   * @param {{ bins?: number, signal?: AbortSignal }} [options] from 1 to 4096 bins, 64 if nothing is said
   * @returns {Promise<import('./lab-protocol.js').Histogram>}
   * @throws TypeError: there is no matrix and no vector of that name
   */
  async histogram(name, { bins = 64, signal } = {}) {
    check({ signal });
    if (typeof name !== 'string') throw new TypeError('histogram: the name must be a string.');
    if (!Number.isInteger(bins) || bins < 1 || bins > MAX_BINS)
      throw new RangeError(`bins must be a whole number from 1 to ${MAX_BINS}, not ${String(bins)}.`);
    return this.#run('histogram', { name, bins }, { signal });
  }

  /**
   * The package file: plain, or gzipped as servers give it, of `wire_bytes` bytes. A model that came
   * gzipped goes out as it came.
   * @param {{ gzip?: boolean, signal?: AbortSignal }} [options]
   * @returns {Promise<Blob>}
   */
  async export({ gzip = false, signal } = {}) {
    check({ signal });
    checkFlag(gzip, 'gzip');
    signal?.throwIfAborted();
    const { file } = this.#held();
    if (!gzip) return file;
    if (this.#served) return this.#served;
    const onresult = (/** @type {Blob} */ { size }) => this.#learn(size);
    return this.#run('gzip', {}, { signal, onresult });
  }

  /** Ends calls in progress with an AbortError and gives the memory back. */
  delete() {
    if (!this.#package) return;
    this.#package = this.#served = undefined;
    laboratory.release();
    this.#end.abort(abortError('The model was deleted.'));
  }

  #held() {
    this.#end.signal.throwIfAborted();
    return /** @type {import('./lab-protocol.js').Package} */ (this.#package);
  }

  /** What gzip makes of the file is computed once. @param {number | undefined} wireBytes */
  #learn(wireBytes) {
    if (this.#package) this.#package.wire_bytes ??= wireBytes;
  }

  /**
   * @template {Exclude<import('./lab-protocol.js').Method, 'load' | 'import'>} M
   * @param {M} method
   * @param {Omit<import('./lab-protocol.js').Methods[M]['params'], keyof import('./lab-protocol.js').Package>} params
   * @param {CallOptions<import('./lab-protocol.js').Methods[M]['progress']> & { onresult?: (value: any) => void }} options
   * @returns {Promise<import('./lab-protocol.js').Methods[M]['result']>}
   */
  #run(method, params, { signal: asked, onprogress, onresult }) {
    return withEither([asked, this.#end.signal], (signal) => {
      const whole = () =>
        /** @type {import('./lab-protocol.js').Methods[M]['params']} */ ({ ...params, ...this.#held() });
      return laboratory.run(method, whole, { signal, onprogress, onresult });
    });
  }

  static {
    fileOf = (model) => model.#held().file;
  }
}

/** @param {URL | string | Blob | import('./pair.js').LanguagePair} source */
function toSource(source) {
  if (source instanceof Blob) return source;
  if (typeof source === 'string' || source instanceof URL) return absolute(source, 'Model.load');
  return toPair(source);
}

/** @param {(File | Blob & { name: string })[]} files */
function toFiles(files) {
  if (!Array.isArray(files)) throw new TypeError('Model.import: the files must be an array.');
  return files.map((blob) => {
    if (!(blob instanceof Blob) || typeof blob.name !== 'string')
      throw new TypeError('Model.import: each file must be a File, or a Blob with a name.');
    return { name: blob.name, blob };
  });
}

/** @param {HealOptions} options */
function toTraining({ minutes, steps, text, pairs, judgeSteps, ...choices }) {
  if ((minutes === undefined) === (steps === undefined))
    throw new TypeError('heal: give either minutes or steps.');
  if (minutes !== undefined && !(minutes > 0 && Number.isFinite(minutes)))
    throw new RangeError(`minutes must be a positive number, not ${String(minutes)}.`);
  for (const [name, count] of Object.entries({ steps, judgeSteps }))
    if (count !== undefined && !(Number.isSafeInteger(count) && count > 0))
      throw new RangeError(`${name} must be a positive whole number, not ${String(count)}.`);
  const texts = typeof text === 'string' ? text.split(/\r?\n/).filter((line) => line.trim() !== '') : text;
  if (texts !== undefined) checkTexts(texts, 'text');
  const { rate, warmUp: warm_up, batch, soft, keepZeros: keep_zeros, heldOut: held_out, seed } = choices;
  const numbers = { rate, warm_up, batch, soft, held_out, seed };
  for (const [name, value] of Object.entries(numbers))
    if (value !== undefined && !Number.isFinite(value))
      throw new TypeError(`${name} must be a number, not ${String(value)}.`);
  if (keep_zeros !== undefined) checkFlag(keep_zeros, 'keepZeros');
  return {
    ...{ minutes, steps, judgeSteps, texts: texts && [...texts] },
    pairs: pairs && toColumns(pairs, 'pairs'),
    choices: { ...numbers, keep_zeros },
  };
}

/** @param {Pair[]} pairs @param {string} what */
function toColumns(pairs, what) {
  if (!Array.isArray(pairs)) throw new TypeError(`${what}: the pairs must be an array.`);
  const sources = pairs.map((pair) => pair?.source);
  const references = pairs.map((pair) => pair?.reference);
  checkTexts(sources, `${what}: \`source\` of each pair`);
  checkTexts(references, `${what}: \`reference\` of each pair`);
  return { sources, references };
}

/** @param {CallOptions<any>} options */
function check({ signal, onprogress }) {
  toSignal(signal);
  if (onprogress !== undefined && typeof onprogress !== 'function')
    throw new TypeError('onprogress must be a function.');
}

/** @param {unknown} flag @param {string} what */
function checkFlag(flag, what) {
  if (typeof flag !== 'boolean') throw new TypeError(`${what} must be true or false.`);
}

/** @param {unknown} texts @param {string} what */
function checkTexts(texts, what) {
  if (!Array.isArray(texts) || texts.some((text) => typeof text !== 'string'))
    throw new TypeError(`${what} must be ${what.includes('`') ? 'a string' : 'an array of strings'}.`);
}

/** @param {unknown} recipe */
function toJson(recipe) {
  if (recipe === null || typeof recipe !== 'object')
    throw new TypeError('The recipe must be an object { step: […] } or the name of a preset.');
  return JSON.stringify(recipe);
}
