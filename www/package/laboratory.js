// The page's side of the laboratory: one job after another in a worker that starts when it is needed.
// Whatever is given up ends the worker, and a new one starts at once, with the compiled module of the
// one before; no job is the worse for it, since a worker keeps nothing.

import { watchLock } from './alive.js';
import { failure, fromPlain } from './errors.js';
import { startLaboratory, whyNotStarted } from './spawn.js';

/** @typedef {import('./lab-protocol.js').Method} Method */
/** @typedef {import('./lab-protocol.js').Methods} Methods */
/** @typedef {import('./lab-protocol.js').FromLaboratory} FromLaboratory */

/**
 * @typedef {object} Job
 * @property {() => import('./lab-protocol.js').Request} request made when its turn comes
 * @property {boolean} isLarge its worker has taken more memory than others need
 * @property {(value: any) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {((value: any) => void) | undefined} onprogress
 */

/** @param {string} reason */
const stopped = (reason) => failure('OperationError', `The laboratory stopped: ${reason}`);

class Laboratory {
  /** @type {Worker | undefined} */
  #worker;
  #ready = false;
  /** Compiled, for the next worker. @type {WebAssembly.Module | undefined} */
  #module;
  /** Ends the watching of the worker's lock. */
  #unwatch = () => {};
  /** @type {Job | undefined} */
  #running;
  /** @type {Job[]} */
  #waiting = [];
  #users = 0;

  /** Counts one more user, who must call `release` once. */
  acquire() {
    this.#users++;
  }

  release() {
    this.#users--;
    this.#next();
  }

  /**
   * @template {Method} M
   * @param {M} method
   * @param {() => Methods[M]['params']} params asked for when the turn comes: by then more may be known
   * @param {object} options
   * @param {AbortSignal} options.signal
   * @param {(value: Methods[M]['progress']) => void} [options.onprogress]
   * @param {(value: Methods[M]['result']) => void} [options.onresult] is called before the next job's turn
   * @returns {Promise<Methods[M]['result']>}
   */
  run(method, params, { signal, onprogress, onresult }) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = () => this.#giveUp(job, signal.reason);
      const settled = () => signal.removeEventListener('abort', abort);
      /** @type {Job} */
      const job = {
        isLarge: method === 'search',
        request: () =>
          /** @type {import('./lab-protocol.js').Request} */ ({ method, params: params() }),
        resolve: (value) => (settled(), onresult?.(value), resolve(value)),
        reject: (error) => (settled(), reject(error)),
        onprogress,
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.push(job);
      this.#next();
    });
  }

  #next() {
    if (this.#running) return;
    this.#running = this.#waiting.shift();
    if (this.#running) this.#begin(this.#running);
    // WebAssembly memory never shrinks: ending the worker is what gives it back.
    else if (this.#users === 0) {
      this.#end();
      this.#module = undefined;
    }
  }

  /** @param {Job} job */
  #begin(job) {
    try {
      this.#start().postMessage(job.request());
    } catch (error) {
      this.#running = undefined;
      job.reject(error);
      this.#next();
    }
  }

  /** @param {Job} job @param {unknown} reason */
  #giveUp(job, reason) {
    if (job === this.#running) {
      this.#running = undefined;
      this.#end();
      // Whoever gives up one thing often wants another.
      if (this.#users > 0 && this.#module) this.#start();
    } else {
      this.#waiting = this.#waiting.filter((other) => other !== job);
    }
    job.reject(reason);
    this.#next();
  }

  #start() {
    if (this.#worker) return this.#worker;
    const worker = startLaboratory();
    this.#worker = worker;
    this.#ready = false;
    worker.onmessage = ({ data }) => this.#receive(worker, data);
    worker.onerror = (event) => {
      event.preventDefault();
      const fail = (/** @type {Error} */ error) => this.#receive(worker, { type: 'dead', error });
      if (!this.#ready) void whyNotStarted(worker, 'laboratory').then(fail);
      else fail(stopped(event.message || 'unknown reason'));
    };
    worker.onmessageerror = () =>
      this.#receive(worker, { type: 'dead', error: stopped('an answer could not be read') });
    if (this.#module) worker.postMessage({ module: this.#module });
    return worker;
  }

  #end() {
    this.#unwatch();
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** @param {Worker} worker @param {FromLaboratory} message */
  #receive(worker, message) {
    // What one that was ended had still sent is nobody's.
    if (worker !== this.#worker) return;
    if (message.type === 'ready') {
      this.#ready = true;
      return;
    }
    if (message.type === 'alive') {
      const error = stopped('the browser has ended it, perhaps for lack of memory');
      this.#unwatch = watchLock(message.lock, () => this.#receive(worker, { type: 'dead', error }));
      return;
    }
    if (message.type === 'module') {
      this.#module = message.module;
      return;
    }
    const job = this.#running;
    if (message.type === 'progress') {
      job?.onprogress?.(message.value);
      return;
    }
    this.#running = undefined;
    // Memory is given back as in `#next`.
    if (message.type === 'dead' || job?.isLarge) this.#end();
    if (message.type === 'result') job?.resolve(message.value);
    else job?.reject(fromPlain(message.error));
    this.#next();
  }
}

/** The one of this page. */
export const laboratory = new Laboratory();
