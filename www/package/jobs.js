// The engines' work in slices: WebAssembly that computes hears no messages, so the worker polls for a
// few milliseconds, lets messages in, and polls again.

import { abortError, engineError, failure } from './errors.js';

/** @typedef {import('./engine.js').Engine} Engine */
/** @typedef {import('./protocol.js').TranslationProgress} TranslationProgress */

/** @typedef {import('./protocol.js').Part} Part */

/** @typedef {{ texts: string[], backend: import('./protocol.js').Backend }} Done */

/**
 * @typedef {object} Job
 * @property {Engine} engine
 * @property {number} id the engine's
 * @property {boolean} interactive
 * @property {(progress: TranslationProgress) => void} onprogress
 * @property {(part: Part) => void} [ontext]
 * @property {number} told UTF-16 units of the translation so far
 * @property {(done: Done) => void} resolve
 * @property {(error: Error) => void} reject
 */

/** How long messages may have to wait. */
const SLICE_MS = 30;

/** After so long without work, less urgent things may begin. */
const REST_MS = 300;
/** But they need not wait for the end of a book. */
const LATEST_REST_MS = 5000;

/**
 * @typedef {object} Listener
 * @property {(error: unknown) => void} onbreakdown an engine failed for good
 * @property {(engine: Engine, message: string) => void} ongpulost its jobs go on on the CPU
 */

export class Jobs {
  /** @type {Set<Job>} */
  #jobs = new Set();
  /** Engines whose work is all with helpers or with the GPU. @type {Set<Engine>} */
  #waiting = new Set();
  /** How often there were news. */
  #news = 0;
  #running = false;
  /** The slice in progress: an engine must not be freed under it. @type {Promise<unknown>} */
  #slice = Promise.resolve();
  #listener;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /**
   * @param {Engine} engine
   * @param {string[]} texts
   * @param {{ interactive: boolean, gpu: boolean, signal: AbortSignal, onprogress?: (progress: TranslationProgress) => void, ontext?: (part: Part) => void }} options
   *   with `ontext`, the translation of one text is told as it comes
   * @returns {Promise<Done>}
   */
  run(engine, texts, { interactive, gpu, signal, onprogress = () => {}, ontext }) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const id = ontext
        ? engine.stream(texts[0], interactive, gpu)
        : engine.submit(texts, interactive, gpu);
      const job = { engine, id, interactive, onprogress, ontext, told: 0, resolve, reject };
      this.#jobs.add(job);
      this.#waiting.delete(engine);
      signal.addEventListener('abort', () => this.#cancel(job, signal.reason), { once: true });
      void this.#loop();
    });
  }

  /** Gives up the engine's jobs and frees its memory. @param {Engine} engine */
  async close(engine) {
    for (const job of this.#jobs) {
      if (job.engine === engine) this.#cancel(job, abortError('The model was closed.'));
    }
    await this.#slice;
    this.#waiting.delete(engine);
    engine.free();
  }

  /** Resolves when nothing has been at work for a while, or does not come to rest for long. */
  async rest() {
    const latest = performance.now() + LATEST_REST_MS;
    do await new Promise((resolve) => setTimeout(resolve, REST_MS));
    while (this.#jobs.size > 0 && performance.now() < latest);
  }

  /** A helper or the GPU has done something. */
  news() {
    this.#news++;
    this.#waiting.clear();
    void this.#loop();
  }

  /** @param {Job} job @param {Error} reason */
  #cancel(job, reason) {
    if (!this.#jobs.delete(job)) return;
    job.engine.cancel(job.id);
    job.reject(reason);
  }

  async #loop() {
    if (this.#running) return;
    this.#running = true;
    try {
      await tick();
      for (let engine = this.#next(); engine; engine = this.#next(engine)) {
        const heard = this.#news;
        const slice = Promise.resolve(engine.poll(SLICE_MS));
        this.#slice = slice.catch(() => {});
        const report = await slice;
        // What the GPU answers may be told between the slice and this line.
        if (report.waiting && heard === this.#news) this.#waiting.add(engine);
        this.#settle(engine, report);
        await tick();
      }
    } catch (error) {
      this.#listener.onbreakdown(error);
    } finally {
      this.#running = false;
    }
  }

  /** Engines take turns, those with interactive jobs before the others. @param {Engine} [last] */
  #next(last) {
    const jobs = [...this.#jobs].filter((job) => !this.#waiting.has(job.engine));
    const urgent = jobs.filter((job) => job.interactive);
    const engines = [...new Set((urgent.length ? urgent : jobs).map((job) => job.engine))];
    return engines[(engines.indexOf(/** @type {Engine} */ (last)) + 1) % engines.length];
  }

  /** @param {Engine} engine @param {import('./engine.js').PollReport} report */
  #settle(engine, { finished, progress, texts: parts, idle, gpu_lost }) {
    if (gpu_lost !== undefined) this.#listener.ongpulost(engine, gpu_lost);
    const jobs = new Map(
      [...this.#jobs].filter((job) => job.engine === engine).map((job) => [job.id, job]),
    );
    for (const { id, done, total } of progress) jobs.get(id)?.onprogress({ done, total });
    for (const { id, text } of parts) {
      const job = jobs.get(id);
      if (!job) continue;
      job.ontext?.({ text, at: job.told });
      job.told += text.length;
    }
    for (const { id, backend, texts, error } of finished) {
      const job = jobs.get(id);
      if (!job) continue;
      this.#jobs.delete(job);
      jobs.delete(id);
      if (texts) job.resolve({ texts, backend: backend === 'gpu' ? 'webgpu' : 'wasm' });
      else
        job.reject(
          engineError(error) ??
            failure('OperationError', error?.message ?? 'The engine gave no result.'),
        );
    }
    if (!idle) return;
    // Would otherwise be polled for ever.
    for (const job of jobs.values()) {
      this.#jobs.delete(job);
      job.reject(failure('OperationError', 'The engine lost this translation.'));
    }
  }
}

const channel = new MessageChannel();
/** @type {(() => void)[]} */
const ticks = [];
channel.port1.onmessage = () => ticks.shift()?.();

/** Lets messages that wait be handled; timers would be held up to several milliseconds. */
function tick() {
  return new Promise((/** @type {(value: void) => void} */ resolve) => {
    ticks.push(resolve);
    channel.port2.postMessage(null);
  });
}
