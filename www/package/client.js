// The page's side of the worker: starts it when it is needed, matches answers to calls, replaces it
// when it dies.

import { watchLock } from './alive.js';
import { fromPlain } from './errors.js';
import { loss, twice } from './retry.js';
import { startTranslation, whyNotStarted } from './spawn.js';

/** @typedef {import('./protocol.js').Method} Method */
/** @typedef {import('./protocol.js').FromWorker} FromWorker */
/** @typedef {import('./protocol.js').ToWorker} ToWorker */

/**
 * @typedef {object} Call
 * @property {(value: any) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {((value: any) => void) | undefined} onprogress
 */

/** A worker without work ends within this time, or something is wrong with it. */
const END_MS = 1000;

/** Methods that need nothing of what the worker holds, and can be given to the next one as they are. */
const ALONE = ['list', 'describe', 'load'];

export class WorkerClient {
  /** @type {Worker | undefined} */
  #worker;
  #ready = false;
  #generation = 0;
  #lastId = 0;
  /** @type {Map<number, Call>} */
  #calls = new Map();
  /** The lock that the worker holds as long as it is there. @type {string | undefined} */
  #lock;
  /** Ends the watching of that lock. @type {(() => void) | undefined} */
  #unwatch;

  /** Threads that compute. */
  threads = 1;

  /**
   * There is something new about what a model computes on.
   * @type {(key: string, facts: import('./protocol.js').Facts) => void}
   */
  onbackend = () => {};

  /** Changes with each new worker; what an earlier one held is gone. 0 while there is none. */
  get generation() {
    return this.#worker ? this.#generation : 0;
  }

  /**
   * @template {Method} M
   * @param {M} method
   * @param {import('./protocol.js').Methods[M]['params']} params
   * @param {{ signal?: AbortSignal, onprogress?: (value: import('./protocol.js').Methods[M]['progress']) => void }} [options]
   * @returns {Promise<import('./protocol.js').Methods[M]['result']>} rejected with a loss, as in retry.js,
   *   if the worker dies; what can be done on the next worker at once is tried once more before
   */
  call(method, params, options = {}) {
    const attempt = () => this.#call(method, params, options);
    return ALONE.includes(method) ? twice(attempt) : attempt();
  }

  /**
   * @template {Method} M
   * @param {M} method
   * @param {import('./protocol.js').Methods[M]['params']} params
   * @param {{ signal?: AbortSignal, onprogress?: (value: import('./protocol.js').Methods[M]['progress']) => void }} options
   * @returns {Promise<import('./protocol.js').Methods[M]['result']>}
   */
  #call(method, params, { signal, onprogress }) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const worker = this.#start();
      const id = ++this.#lastId;
      const abort = () => {
        this.#forget(id);
        this.#send(worker, { type: 'cancel', id });
        reject(signal?.reason);
      };
      this.#send(worker, /** @type {ToWorker} */ ({ type: 'request', id, method, params }));
      const settled = () => signal?.removeEventListener('abort', abort);
      this.#calls.set(id, {
        resolve: (value) => (settled(), resolve(value)),
        reject: (error) => (settled(), reject(error)),
        onprogress,
      });
      signal?.addEventListener('abort', abort, { once: true });
      this.#watch();
    });
  }

  /** WebAssembly memory never shrinks: ending the worker is what gives it back. */
  closeIfIdle() {
    const worker = this.#worker;
    if (!worker || this.#calls.size > 0) return;
    this.#let();
    // It sends its helpers home and ends. Browsers let a worker that is terminated wait for seconds
    // for helpers that sleep.
    this.#send(worker, { type: 'end' });
    setTimeout(() => worker.terminate(), END_MS);
  }

  #start() {
    if (this.#worker) return this.#worker;
    const worker = startTranslation();
    this.#worker = worker;
    this.#ready = false;
    this.#generation++;
    worker.onmessage = ({ data }) => this.#receive(worker, data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.#ready) {
        const reason = event.message || 'unknown reason';
        return this.#fail(worker, loss(`The translation worker stopped: ${reason}`));
      }
      void whyNotStarted(worker, 'translation engine').then((error) => this.#fail(worker, error));
    };
    worker.onmessageerror = () =>
      this.#fail(worker, loss('An answer of the translation worker could not be read.'));
    return worker;
  }

  /** Someone waits for the worker, so it is to be noticed if the browser ends it without a word. */
  #watch() {
    const worker = this.#worker;
    if (!worker || !this.#lock || this.#unwatch || this.#calls.size === 0) return;
    this.#unwatch = watchLock(this.#lock, () => {
      const message = 'The translation worker stopped: the browser has ended it, perhaps for lack of memory.';
      this.#fail(worker, loss(message));
    });
  }

  /** @param {number} id */
  #forget(id) {
    this.#calls.delete(id);
    if (this.#calls.size === 0) this.#stopWatching();
  }

  #stopWatching() {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /** @param {Worker} worker @param {ToWorker} message */
  #send(worker, message) {
    worker.postMessage(message);
  }

  /** @param {Worker} worker @param {FromWorker} message */
  #receive(worker, message) {
    if (worker !== this.#worker) return;
    if (message.type === 'ready') {
      this.#ready = true;
    } else if (message.type === 'alive') {
      this.#lock = message.lock;
      this.#watch();
    } else if (message.type === 'threads') {
      this.threads = message.count;
    } else if (message.type === 'backend') {
      this.onbackend(message.key, message.facts);
    } else if (message.type === 'dead') {
      const { error, isLasting } = message;
      this.#fail(worker, isLasting ? fromPlain(error) : loss(error.message));
    } else {
      const call = this.#calls.get(message.id);
      if (!call) return;
      if (message.type === 'progress') {
        call.onprogress?.(message.value);
        return;
      }
      this.#forget(message.id);
      if (message.type === 'result') call.resolve(message.value);
      else call.reject(fromPlain(message.error));
    }
  }

  /** Ends a worker that can't go on; the next call starts a new one. @param {Worker} worker @param {Error} error */
  #fail(worker, error) {
    if (worker !== this.#worker) return;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.#let();
    worker.terminate();
    for (const call of calls) call.reject(error);
  }

  /** There is no worker any more as far as others know. */
  #let() {
    this.#stopWatching();
    this.#worker = this.#lock = undefined;
    this.threads = 1;
  }
}
