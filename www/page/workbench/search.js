// A search for recipes: what was asked for, how far it is, and what it has found, which stays for the
// visit. Whatever is asked of the workbench meanwhile ends it.

import { keepSearch, keptSearch } from './keep.js';

/** @typedef {import('./workbench.js').Workbench} Workbench */
/** @typedef {import('../direction.js').Direction} Direction */
/** @typedef {import('../../package/lab-protocol.js').Candidate} Candidate */
/** @typedef {import('../../package/lab-protocol.js').SearchProgress} SearchProgress */

/** @typedef {{ budget: number, evaluations: number, structure: boolean }} Wanted */

/**
 * Plain values.
 * @typedef {object} Found
 * @property {string} pair such as "en-pt"
 * @property {Wanted} wanted
 * @property {Candidate[]} points in the order in which they were found
 * @property {number[]} front places of the best, from the smallest up
 * @property {boolean} whole the search came to its end
 */

/** Of the text: half of ours, which tells what loses little from what loses less, in minutes. */
const LINES = 100;
/** Of what was measured last, so that estimates follow a machine that others use, too. */
const RECENT = 8;

export class RecipeSearch {
  /** Of this visit, the last. @type {Found | undefined} */
  found = keptSearch();
  /** `undefined` when none is running; `null` until the first news. @type {SearchProgress | null | undefined} */
  progress;
  /** @type {Error | undefined} */
  error;

  #workbench;
  #onchange;
  /** When news of one kind came, the last of them last. @type {number[]} */
  #times = [];
  /** How many single choices there were to measure. */
  #choices = 0;

  /** @param {Workbench} workbench @param {() => void} onchange */
  constructor(workbench, onchange) {
    this.#workbench = workbench;
    this.#onchange = onchange;
  }

  get isRunning() {
    return this.progress !== undefined;
  }

  /** From 0 to 1. */
  get done() {
    const { progress, found } = this;
    if (!progress || !found) return 0;
    const left = this.#left(progress, found.wanted.evaluations);
    const all = progress.what === 'choices' ? progress.all + found.wanted.evaluations : progress.all + this.#choices;
    return 1 - left / all;
  }

  /** Seconds until it is done, about; undefined while nothing can be said. */
  get secondsLeft() {
    const { progress, found } = this;
    const [first, last] = [this.#times[0], this.#times.at(-1)];
    if (!progress || !found || first === undefined || last === undefined || this.#times.length < 3) return undefined;
    const each = (last - first) / (this.#times.length - 1);
    const since = performance.now() - last;
    return Math.max(0, each * this.#left(progress, found.wanted.evaluations) - since) / 1000;
  }

  /** Measurements that are left. @param {SearchProgress} progress @param {number} evaluations */
  #left({ what, done, all }, evaluations) {
    return all - done + (what === 'choices' ? evaluations : 0);
  }

  /** @param {Direction} direction whose model is ready @param {Wanted} wanted */
  async start(direction, wanted) {
    /** @type {Found} */
    const found = { pair: direction.name, wanted, points: [], front: [], whole: false };
    this.found = found;
    this.progress = null;
    this.error = undefined;
    try {
      await this.#workbench.lend(direction, async ({ model }, signal, tell) => {
        const onprogress = (/** @type {SearchProgress} */ progress) => {
          this.#hear(found, progress);
          tell(this.done);
        };
        tell(0);
        const calibration = this.#workbench.calibration?.texts;
        await model.search({ ...wanted, calibration, lines: LINES, signal, onprogress });
        found.whole = true;
      });
    } catch (error) {
      if (this.found === found) this.error = /** @type {Error} */ (error);
    }
    // Another may have begun, which ended this one.
    if (this.found !== found) return;
    this.progress = undefined;
    keepSearch(found);
    this.#onchange();
  }

  /** What was found stays. */
  stop() {
    if (this.isRunning) this.#workbench.stop();
  }

  /** @param {Found} found @param {SearchProgress} progress */
  #hear(found, progress) {
    if (progress.what === 'candidates') {
      found.points.push(progress.found);
      found.front = progress.front;
      keepSearch(found);
    } else {
      this.#choices = progress.all;
    }
    if (this.progress?.what !== progress.what) this.#times = [];
    this.progress = progress;
    this.#times = [...this.#times, performance.now()].slice(-RECENT);
  }
}
