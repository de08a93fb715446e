// The engine's helpers: workers that share its memory and its queue. Without any, translation goes on
// with one thread.

/** @typedef {import('./start.js').Host} Host */
/**
 * `"news"` comes from the engine itself.
 * @typedef {'news' | { type: 'started' | 'failed' | 'ended' } | { type: 'broken', message: string }} FromThread
 */

/** More would cost memory and gain nothing: a text has only so many batches. */
const MOST = 32;

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
    this.#wanted = Math.max(this.#wanted, Math.min(threads, MOST));
    this.#fill();
  }

  /** The engine can be joined from now on. @param {Host} host */
  open(host) {
    // Elsewhere memory can't be posted to a worker.
    if (host.shared && globalThis.crossOriginIsolated) this.#host = host;
    this.#fill();
  }

  /** In the end: lets the helpers go, and resolves when they have gone. */
  async dismiss() {
    this.#wanted = 0;
    this.#host?.dismiss();
    await Promise.all(this.#ended);
  }

  #fill() {
    if (!this.#host) return;
    for (; this.#begun < this.#wanted; this.#begun++) this.#begin(this.#host);
  }

  /** @param {Host} host */
  #begin({ build, module, memory }) {
    let running = false;
    const worker = new Worker(new URL('./thread.js', import.meta.url), {
      type: 'module',
      name: `pocketglot thread ${this.#begun}`,
    });
    /** @type {() => void} */
    let gone = () => {};
    const fail = (/** @type {string} */ message) => {
      worker.terminate();
      gone();
      // One that never began holds nothing.
      if (running) this.#listener.onbreakdown(message);
    };
    worker.onmessage = ({ data }) => {
      const message = /** @type {FromThread} */ (data);
      if (message === 'news') this.#listener.onnews();
      else if (message.type === 'started') {
        running = true;
        this.#ended.push(new Promise((resolve) => (gone = resolve)));
        this.#listener.onchange(++this.#running);
      } else if (message.type === 'ended') {
        worker.terminate();
        gone();
      } else fail(message.type === 'broken' ? message.message : '');
    };
    worker.onerror = (event) => {
      event.preventDefault();
      fail(event.message || 'unknown reason');
    };
    worker.postMessage({ build, module, memory });
  }
}
