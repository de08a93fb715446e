// The page's side of the worker: starts it when it is needed, matches answers to calls, replaces it
// when it dies.

import { failure, fromPlain } from './errors.js';

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

export class WorkerClient {
  /** @type {Worker | undefined} */
  #worker;
  #ready = false;
  #generation = 0;
  #lastId = 0;
  /** @type {Map<number, Call>} */
  #calls = new Map();

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
   * @returns {Promise<import('./protocol.js').Methods[M]['result']>}
   */
  call(method, params, { signal, onprogress } = {}) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const worker = this.#start();
      const id = ++this.#lastId;
      const abort = () => {
        this.#calls.delete(id);
        this.#send(worker, { type: 'cancel', id });
        reject(signal?.reason);
      };
      const settled = () => signal?.removeEventListener('abort', abort);
      this.#calls.set(id, {
        resolve: (value) => (settled(), resolve(value)),
        reject: (error) => (settled(), reject(error)),
        onprogress,
      });
      signal?.addEventListener('abort', abort, { once: true });
      this.#send(worker, /** @type {ToWorker} */ ({ type: 'request', id, method, params }));
    });
  }

  /** WebAssembly memory never shrinks: ending the worker is what gives it back. */
  closeIfIdle() {
    const worker = this.#worker;
    if (!worker || this.#calls.size > 0) return;
    this.#worker = undefined;
    // It sends its helpers home and ends. Browsers let a worker that is terminated wait for seconds
    // for helpers that sleep.
    this.#send(worker, { type: 'end' });
    setTimeout(() => worker.terminate(), END_MS);
  }

  #start() {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      type: 'module',
      name: 'pocketglot',
    });
    this.#worker = worker;
    this.#ready = false;
    this.threads = 1;
    this.#generation++;
    worker.onmessage = ({ data }) => this.#receive(worker, data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(
        worker,
        this.#ready
          ? failure(
              'OperationError',
              `The translation worker stopped: ${event.message || 'unknown reason'}`,
            )
          : failure(
              'NetworkError',
              'The translation engine could not be loaded. Is the device offline?',
            ),
      );
    };
    worker.onmessageerror = () =>
      this.#fail(
        worker,
        failure('OperationError', 'An answer of the translation worker could not be read.'),
      );
    return worker;
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
    } else if (message.type === 'threads') {
      this.threads = message.count;
    } else if (message.type === 'backend') {
      this.onbackend(message.key, message.facts);
    } else if (message.type === 'dead') {
      this.#fail(worker, fromPlain(message.error));
    } else {
      const call = this.#calls.get(message.id);
      if (!call) return;
      if (message.type === 'progress') {
        call.onprogress?.(message.value);
        return;
      }
      this.#calls.delete(message.id);
      if (message.type === 'result') call.resolve(message.value);
      else call.reject(fromPlain(message.error));
    }
  }

  /** Ends a worker that can't go on; the next call starts a new one. @param {Worker} worker @param {Error} error */
  #fail(worker, error) {
    if (worker !== this.#worker) return;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.#end();
    for (const call of calls) call.reject(error);
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
