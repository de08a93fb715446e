// Measures once which of CPU and GPU is faster with a model, and remembers it for later visits. That
// has time: it begins when the page rests after a first translation, and whatever the page asks for
// goes first.

import { BUILD } from './build.js';
import { gpuIsOfUse } from './choice.js';
import { failure } from './errors.js';
import { findAdapter } from './graphics.js';
import { recall, remember } from './outcomes.js';
import { reasonOf } from './place.js';
import { samplesOf } from './samples.js';

/** @typedef {import('./place.js').Place} Place */
/** @typedef {import('./protocol.js').Measurement} Measurement */
/** @typedef {{ texts: string[], sentences: number, length: number, cpu_ms?: number, gpu_ms?: number }} Trial */
/** @typedef {{ short: Trial, long: Trial }} Trials */

/** After so long without work, measuring may begin; after each interruption it waits twice as long. */
const REST_MS = 300;
/** The best of so many runs counts. */
const RUNS = { short: 3, long: 2 };
/**
 * A GPU that takes longer for one sentence, or so many times longer than the CPU for many, has lost;
 * the rest of its work is not waited for.
 */
const MOST_MS = 2000;
const MOST_TIMES = 2;
/** A first run compiles shaders, which takes its own time. */
const COMPILE_MS = 6000;

/**
 * @typedef {object} Options
 * @property {import('./jobs.js').Jobs} jobs
 * @property {import('./graphics.js').Graphics} graphics
 * @property {() => number} threads that compute
 * @property {() => boolean} isBusy the page waits for something
 * @property {(error: unknown) => void} onbreakdown
 */

export class Measuring {
  #options;
  /** @type {WeakSet<Place>} */
  #begun = new WeakSet();
  /** One model at a time. @type {Promise<void>} */
  #queue = Promise.resolve();
  #abort = new AbortController();

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * Sees to it that a choice is made for this model, some time.
   * @param {Place} place
   * @param {{ language: string, identity?: string }} model `identity`: under which it is remembered
   */
  want(place, model) {
    if (this.#begun.has(place)) return;
    this.#begun.add(place);
    this.#queue = this.#queue
      .then(() => this.#decide(place, model))
      .catch(this.#options.onbreakdown);
  }

  /** The page wants something: what is being measured has to wait, and begins anew. */
  interrupt() {
    this.#abort.abort(failure('AbortError', 'The page goes first.'));
  }

  /** @param {Place} place @param {{ language: string, identity?: string }} model */
  async #decide(place, { language, identity }) {
    const texts = samplesOf(language);
    const trials = { short: trial(texts.short), long: trial(texts.long) };
    for (let rest = REST_MS; ; rest *= 2) {
      do await new Promise((resolve) => setTimeout(resolve, rest));
      while (this.#options.isBusy());
      if (place.closed || this.#options.graphics.lost) return;
      const { signal } = (this.#abort = new AbortController());
      try {
        const { vendor, architecture, device, description } = (await findAdapter()).info ?? {};
        const circumstances = [
          ...[BUILD, navigator.userAgent, this.#options.threads()],
          ...[vendor, architecture, device, description],
        ].join(' | ');
        const known = identity === undefined ? undefined : await recall(identity, circumstances);
        const measured = known ?? (await this.#measure(place, trials, signal));
        if (measured === undefined) return;
        if (!known && identity !== undefined) await remember(identity, circumstances, measured);
        if (!gpuIsOfUse(measured)) place.release();
        else if (known) await this.#prepare(place, trials, signal);
        place.learn(measured);
        return;
      } catch (error) {
        if (place.closed || this.#options.graphics.lost) return;
        if (signal.aborted) continue;
        place.decline(reasonOf(error));
        return;
      }
    }
  }

  /**
   * @param {Place} place
   * @param {Trials} trials what is known from before an interruption stays
   * @param {AbortSignal} signal
   * @returns {Promise<Measurement | undefined>} undefined if there is no GPU
   */
  async #measure(place, trials, signal) {
    const { short, long } = trials;
    short.cpu_ms ??= await this.#best(place, short, { runs: RUNS.short, gpu: false, signal });
    long.cpu_ms ??= await this.#best(place, long, { runs: RUNS.long, gpu: false, signal });
    const most = MOST_TIMES * /** @type {number} */ (long.cpu_ms);
    await place.attach();
    if (!place.onGpu) return undefined;
    if (await this.#compile(place, short, signal)) {
      const budget = Math.min(MOST_MS, most);
      short.gpu_ms ??= await this.#best(place, short, { runs: RUNS.short, gpu: true, budget, signal });
    }
    if (short.gpu_ms !== undefined && (await this.#compile(place, long, signal)))
      long.gpu_ms ??= await this.#best(place, long, { runs: RUNS.long, gpu: true, budget: most, signal });
    return { short: sampleOf(short), long: sampleOf(long) };
  }

  /**
   * What the GPU has to do before it is fast, when it is known to be that.
   * @param {Place} place
   * @param {Trials} trials
   * @param {AbortSignal} signal
   */
  async #prepare(place, trials, signal) {
    await place.attach();
    if (!place.onGpu) return;
    await this.#compile(place, trials.short, signal);
    await this.#compile(place, trials.long, signal);
  }

  /**
   * A run that does not count.
   * @param {Place} place
   * @param {Trial} trial
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} whether it came to an end in time
   */
  async #compile(place, trial, signal) {
    return (await this.#time(place, trial, true, COMPILE_MS, signal)) !== undefined;
  }

  /**
   * @param {Place} place
   * @param {Trial} trial
   * @param {{ runs: number, gpu: boolean, budget?: number, signal: AbortSignal }} options
   * @returns {Promise<number | undefined>} undefined if it takes longer than the budget
   */
  async #best(place, trial, { runs, gpu, budget, signal }) {
    /** @type {number | undefined} */
    let best;
    for (let run = 0; run < runs; run++) {
      const time = await this.#time(place, trial, gpu, budget, signal);
      if (time === undefined) return undefined;
      best = Math.min(time, best ?? time);
    }
    return best;
  }

  /**
   * @param {Place} place
   * @param {Trial} trial
   * @param {boolean} gpu
   * @param {number | undefined} budget
   * @param {AbortSignal} signal
   * @returns {Promise<number | undefined>} milliseconds; undefined if the budget was not enough
   */
  async #time({ engine }, { texts, sentences }, gpu, budget, signal) {
    signal.throwIfAborted();
    const stopped = new AbortController();
    const stop = () => stopped.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const timer = budget === undefined ? undefined : setTimeout(stop, budget);
    const started = performance.now();
    try {
      const options = { interactive: sentences === 1, gpu, signal: stopped.signal };
      const { backend } = await this.#options.jobs.run(engine, texts, options);
      if (gpu && backend === 'wasm') throw failure('OperationError', 'The GPU stopped while it was measured.');
      return performance.now() - started;
    } catch (error) {
      if (stopped.signal.aborted && !signal.aborted) return undefined;
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }
}

/** @param {string[]} texts @returns {Trial} */
function trial(texts) {
  return { texts, sentences: texts.length, length: lengthOf(texts) };
}

/** UTF-16 units in all. @param {string[]} texts */
export function lengthOf(texts) {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** @param {Trial} trial @returns {import('./protocol.js').Sample} */
function sampleOf({ sentences, length, cpu_ms = 0, gpu_ms }) {
  return gpu_ms === undefined
    ? { sentences, length, cpu_ms }
    : { sentences, length, cpu_ms, gpu_ms };
}
