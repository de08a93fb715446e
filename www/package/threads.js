// The engine's helpers: workers that share its memory and its queue. Without any, translation goes on
// with one thread.

import { watchLock } from './alive.js';
import { RemoteWorker } from './remote-worker.js';

/** @typedef {import('./start.js').Host} Host */
/**
 * `"news"` comes from the engine itself.
 * @typedef {'news' | { type: 'started', lock?: string } | { type: 'failed' | 'ended' } | { type: 'broken', message: string }} FromThread
 */

/** More would cost memory and gain nothing: a text has only so many batches. */
const MOST = 32;

/** How long the first translation may have the machine for itself. */
const LATER_MS = 100;

/** Threads where nobody says how many: a core is left to the page and the rest of the machine. */
export function defaultThreads() {
  const cores = navigator.hardwareConcurrency || 1;
  return Math.min(8, Math.max(Math.min(2, cores), cores - 1));
}

/**
 * @typedef {object} Listener
 * @property {() => void} onnews an engine that waits for helpers should be polled
 * @property {(threads: number) => void} onchange
 * @property {(message: string) => void} onbreakdown a helper ended in the middle of its work: the
 *   memory that it shares can't be relied on any more
 */

export class Threads {
  #listener;
  #wanted = 1;
  /** Begun, whatever became of them. */
  #begun = 1;
  #failed = 0;
  /** Helpers may begin. */
  #opened = false;
  #running = 1;
  /** @type {Host | undefined} */
  #host;
  /** Settle when the helpers that have started have ended. @type {Promise<void>[]} */
  #ended = [];

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** Threads that compute. */
  get running() {
    return this.#running;
  }

  /** Asks for so many threads, the engine's own among them; the largest number asked for counts. */
  want(threads = defaultThreads()) {
    const wanted = Math.min(threads, MOST);
    if (wanted <= this.#wanted) return;
    this.#wanted = wanted;
    if (this.#opened) this.#fill();
  }

  /**
   * The engine may be joined from now on.
   * @param {Host} host
   */
  open(host) {
    // Elsewhere memory can't be posted to a worker. WebKitGTK calls a page isolated, lets it make
    // shared memory, and lacks only the class that says whether memory may really be posted.
    const posts = globalThis.crossOriginIsolated && typeof SharedArrayBuffer !== 'undefined';
    if (this.#host || !host.shared || !posts) return;
    this.#host = host;
    // The start of a worker takes as long as a short translation: where there is no core to spare, the
    // first one goes first. A long one is planned for all at once.
    host.engine.expect_threads(this.#wanted);
    const fill = () => {
      this.#opened = true;
      this.#fill();
    };
    setTimeout(fill, navigator.hardwareConcurrency > 2 ? 0 : LATER_MS);
  }

  /** In the end: lets the helpers go, and resolves when they have gone. */
  async dismiss() {
    this.#wanted = 0;
    this.#host?.engine.dismiss();
    await Promise.all(this.#ended);
  }

  #fill() {
    if (!this.#host) return;
    for (; this.#begun < this.#wanted; this.#begun++) this.#begin(this.#host);
    this.#expect();
  }

  /** Work is planned for helpers that are on their way. */
  #expect() {
    this.#host?.engine.expect_threads(this.#begun - this.#failed);
  }

  /** @param {Host} host */
  #begin({ module, memory }) {
    let running = false;
    const worker = new RemoteWorker('thread');
    /** @type {() => void} */
    let gone = () => {};
    /** @type {(() => void) | undefined} */
    let unwatch;
    const fail = (/** @type {string} */ message) => {
      unwatch?.();
      worker.terminate();
      gone();
      if (running) return this.#listener.onbreakdown(message);
      // One that never began holds nothing.
      this.#failed++;
      this.#expect();
    };
    worker.onmessage = (/** @type {FromThread} */ message) => {
      if (message === 'news') this.#listener.onnews();
      else if (message.type === 'started') {
        running = true;
        if (message.lock) unwatch = watchLock(message.lock, () => fail('the browser has ended a helper'));
        this.#ended.push(new Promise((resolve) => (gone = resolve)));
        this.#listener.onchange(++this.#running);
      } else if (message.type === 'ended') {
        unwatch?.();
        worker.terminate();
        gone();
      } else fail(message.type === 'broken' ? message.message : '');
    };
    worker.onfailure = fail;
    worker.postMessage({ module, memory });
  }
}
