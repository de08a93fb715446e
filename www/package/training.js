// The page's side of training: a model that learns again in a worker of its own, which starts for it and
// ends with it. The best that was seen is here as soon as it was, so that it outlives the worker.

import { watchLock } from './alive.js';
import { failure, fromPlain } from './errors.js';
import { startTraining, whyNotStarted } from './spawn.js';

/** @typedef {import('./train-protocol.js').TrainingReport} TrainingReport */
/** @typedef {import('./train-protocol.js').TrainingProgress} TrainingProgress */
/** @typedef {import('./model.js').Model} Model */

/**
 * @typedef {object} Healed
 * @property {Model} model the best that was seen on held-out text, at worst as it came; to be given back by
 *   `delete`
 * @property {TrainingReport} report
 */

/**
 * What a training needs besides what it is told.
 * @typedef {object} Setting
 * @property {(file: Blob) => Promise<Model>} open takes a file into the laboratory
 * @property {AbortSignal} [signal]
 * @property {(progress: TrainingProgress) => void} [onprogress]
 */

/** Only `begin` may construct. */
const internal = Symbol('internal');

/** @param {string} reason */
const stopped = (reason) => failure('OperationError', `The training stopped: ${reason}`);

/** @type {(params: import('./train-protocol.js').Params, setting: Setting) => Healing} */
export let begin;

/** A model that learns again, by `Model.heal`. */
export class Healing {
  /**
   * Settles at the end, with the model at its best.
   * @readonly
   * @type {Promise<Healed>}
   */
  finished;

  #worker = startTraining();
  #ready = false;
  /** Ends the watching of the worker's lock. */
  #unwatch = () => {};
  #open;
  /** @type {Blob | undefined} */
  #best;
  /** @type {{ resolve: (report: TrainingReport) => void, reject: (error: unknown) => void }} */
  #over = { resolve: (_) => {}, reject: (_) => {} };

  /**
   * @private use `Model.heal`
   * @param {symbol} key
   * @param {import('./train-protocol.js').Params} params
   * @param {Setting} setting
   */
  constructor(key, params, { open, signal, onprogress }) {
    if (key !== internal) throw new TypeError('Illegal constructor: use Model.heal().');
    const worker = this.#worker;
    this.#open = open;
    const over = new Promise((resolve, reject) => (this.#over = { resolve, reject }));
    const abort = () => {
      this.#best = undefined;
      this.#over.reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    this.finished = over
      .finally(() => {
        signal?.removeEventListener('abort', abort);
        this.#unwatch();
        worker.terminate();
      })
      .then(async (report) => ({ model: await open(this.#best ?? params.student), report }));
    worker.onmessage = ({ data }) => this.#receive(data, onprogress);
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.#ready) this.#over.reject(stopped(event.message || 'unknown reason'));
      else void whyNotStarted(worker, 'training').then(this.#over.reject);
    };
    worker.onmessageerror = () => this.#over.reject(stopped('an answer could not be read'));
    worker.postMessage({ method: 'train', params });
  }

  /** Rests after the step that is being made, until `resume`. */
  pause() {
    this.#wish('pause');
  }

  /** Goes on. */
  resume() {
    this.#wish('resume');
  }

  /** Ends after the step that is being made, with a last judgement: `finished` gives the best. */
  stop() {
    this.#wish('stop');
  }

  /**
   * The model at its best so far, also after the training has failed.
   * @returns {Promise<Model | undefined>} to be given back by `delete`; undefined as long as it has not been
   *   better than it came, and after it was aborted
   */
  async best() {
    return this.#best && this.#open(this.#best);
  }

  /** @param {import('./train-protocol.js').Wish} wish */
  #wish(wish) {
    this.#worker.postMessage({ wish });
  }

  /** @param {import('./train-protocol.js').FromTraining} message @param {Setting['onprogress']} onprogress */
  #receive(message, onprogress) {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        break;
      case 'alive': {
        const gone = stopped('the browser has ended it, perhaps for lack of memory');
        this.#unwatch = watchLock(message.lock, () => this.#over.reject(gone));
        break;
      }
      case 'progress':
        onprogress?.(message.value);
        break;
      case 'best':
        this.#best = message.file;
        break;
      case 'result':
        this.#over.resolve(message.value);
        break;
      default:
        this.#over.reject(fromPlain(message.error));
    }
  }

  static {
    begin = (params, setting) => new Healing(internal, params, setting);
  }
}
