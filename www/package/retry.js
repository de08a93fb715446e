// Once more: a call whose worker died under it is made again, on a new worker, and fails if that one dies
// of it as well.

import { failure } from './errors.js';

/** Errors of calls that may be made again. @type {WeakSet<object>} */
const losses = new WeakSet();

/** The worker died while it had the call. @param {string} message */
export function loss(message) {
  const error = failure('OperationError', message);
  losses.add(error);
  return error;
}

/** @param {unknown} error */
function isLoss(error) {
  return error instanceof DOMException && losses.has(error);
}

/** The same, for good. @param {unknown} error */
function final(error) {
  return isLoss(error) ? failure('OperationError', /** @type {Error} */ (error).message) : error;
}

/**
 * @template T
 * @param {() => Promise<T>} attempt
 * @returns {Promise<T>}
 */
export async function twice(attempt) {
  try {
    return await attempt();
  } catch (error) {
    if (!isLoss(error)) throw error;
  }
  try {
    return await attempt();
  } catch (error) {
    throw final(error);
  }
}

/** Progress that a second attempt does not take back. @template {{ done: number }} P @param {(progress: P) => void} onprogress */
export function onlyForward(onprogress) {
  let shown = -1;
  return (/** @type {P} */ progress) => {
    if (progress.done <= shown) return;
    shown = progress.done;
    onprogress(progress);
  };
}

/** @typedef {{ urgent: boolean, begin: () => Promise<void> }} Turn */

/**
 * Second attempts one after another: nobody knows which of the calls in progress has killed the worker,
 * and that one is to take no other with it again.
 */
export class Retries {
  /** @type {Turn[]} */
  #waiting = [];
  #running = false;

  /**
   * As `twice`.
   * @template T
   * @param {() => Promise<T>} attempt
   * @param {{ urgent: boolean, signal: AbortSignal }} options
   * @returns {Promise<T>}
   */
  async run(attempt, options) {
    try {
      return await attempt();
    } catch (error) {
      if (!isLoss(error)) throw error;
    }
    return this.#again(attempt, options);
  }

  /**
   * @template T
   * @param {() => Promise<T>} attempt
   * @param {{ urgent: boolean, signal: AbortSignal }} options
   * @returns {Promise<T>}
   */
  #again(attempt, { urgent, signal }) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== turn);
        reject(signal.reason);
      };
      const turn = {
        urgent,
        begin() {
          signal.removeEventListener('abort', abort);
          return attempt().then(resolve, (error) => reject(final(error)));
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.push(turn);
      void this.#next();
    });
  }

  async #next() {
    if (this.#running) return;
    this.#running = true;
    for (;;) {
      const urgent = this.#waiting.findIndex((turn) => turn.urgent);
      const [turn] = this.#waiting.splice(Math.max(urgent, 0), 1);
      if (!turn) break;
      await turn.begin();
    }
    this.#running = false;
  }
}
