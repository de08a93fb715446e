// A model that was made smaller learns again: what was chosen for that, how far it is, what came of it. It
// goes on whatever else is tried meanwhile; what comes of it is an experiment.

import { linesOf } from '../text-file.js';

/** @typedef {import('./workbench.js').Workbench} Workbench */
/** @typedef {import('./experiment.js').Experiment} Experiment */
/** @typedef {import('../dials/dials.js').DialBoard} DialBoard */
/** @typedef {import('../../package/index.js').Healing} Healing */
/** @typedef {import('../../package/train-protocol.js').TrainingProgress} Progress */
/** @typedef {import('../../package/train-protocol.js').TrainingReport} Report */

/** Of the visitor. @typedef {{ name: string, lines: string[] }} OwnText */
/** What is drawn: losses of steps, and chrF where it was judged, each at a share of the time. @typedef {{ losses: [number, number][], chrf: [number, number][] }} Curve */

/**
 * What came of a training.
 * @typedef {object} Outcome
 * @property {'better' | 'same' | 'broken' | 'discarded'} kind `same`: never better than at first; `broken`: it
 *   failed
 * @property {Error} [error] why it failed
 * @property {Experiment} [experiment] the model, where it was better
 * @property {number} steps
 * @property {number} [before] chrF on the lines held out
 * @property {number} [after]
 */

export const MINUTES = [1, 5, 15, 60];
/** More points than a curve has pixels are of no use. */
const MOST_POINTS = 600;

export class Healer {
  minutes = MINUTES[1];
  /** @type {OwnText | undefined} */
  text;
  /** @type {'idle' | 'running' | 'pausing' | 'stopping'} */
  state = 'idle';
  /** @type {Progress | undefined} */
  progress;
  /** @type {Curve} */
  curve = { losses: [], chrf: [] };
  /** @type {Outcome | undefined} */
  outcome;
  /** The model that learns, or learned last. @type {Experiment | undefined} */
  subject;

  #workbench;
  #dials;
  #onchange;
  /** @type {Healing | undefined} */
  #healing;
  #abort = new AbortController();

  /** @param {{ workbench: Workbench, dials: DialBoard }} parts @param {() => void} onchange */
  constructor({ workbench, dials }, onchange) {
    this.#workbench = workbench;
    this.#dials = dials;
    this.#onchange = onchange;
  }

  /** Whether there is a model that may learn. */
  get ready() {
    const { base, made, work } = this.#workbench;
    const another = work !== undefined && ['opening', 'fetching', 'compressing'].includes(work.what);
    return base !== undefined && made !== undefined && !made.rough && !another;
  }

  /** @param {Partial<Pick<Healer, 'minutes' | 'text'>>} choice */
  choose(choice) {
    Object.assign(this, choice);
    this.#onchange();
  }

  /** @param {File} file a sentence a line */
  async useFile(file) {
    this.choose({ text: { name: file.name, lines: await linesOf(file) } });
  }

  /** Begins with the model that translates. */
  async start() {
    const { base, made } = this.#workbench;
    if (!base || !made || !this.ready || this.state !== 'idle') return;
    const { experiment } = made;
    this.state = 'running';
    this.subject = experiment;
    this.outcome = this.progress = undefined;
    this.curve = { losses: [], chrf: [] };
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    addEventListener('beforeunload', warn);
    this.#onchange();
    try {
      this.#healing = made.model.heal(base.model, {
        minutes: this.minutes,
        text: this.text?.lines,
        signal,
        onprogress: (progress) => this.#follow(progress),
      });
      const { model, report } = await this.#healing.finished;
      const { steps, seconds, chrf_before: before, chrf_after: after } = report;
      const kind = after > before ? 'better' : 'same';
      const kept = kind === 'better' ? await this.#adopt(experiment, model, { steps, seconds }) : undefined;
      model.delete();
      this.outcome = { kind, experiment: kept, steps, before, after };
    } catch (error) {
      this.outcome = signal.aborted ? { kind: 'discarded', steps: 0 } : await this.#broken(experiment, error);
    }
    removeEventListener('beforeunload', warn);
    this.#healing = undefined;
    this.state = 'idle';
    this.#onchange();
  }

  pause() {
    this.#healing?.pause();
    this.state = 'pausing';
    this.#onchange();
  }

  resume() {
    this.#healing?.resume();
    this.state = 'running';
    this.#onchange();
  }

  /** Ends it; the best is kept. */
  stop() {
    this.#healing?.stop();
    this.state = 'stopping';
    this.#onchange();
  }

  /** Ends it at once, and nothing is kept. */
  discard() {
    this.#abort.abort();
  }

  /** @param {Progress} progress */
  #follow(progress) {
    const before = this.progress;
    this.progress = progress;
    const { losses, chrf } = this.curve;
    const { done, step, loss, judgement } = progress;
    if (loss !== undefined && step !== before?.step) losses.push([done, loss]);
    if (losses.length > MOST_POINTS) this.curve.losses = losses.filter((_, n) => n % 2 === 1);
    if (judgement && judgement.step !== before?.judgement?.step) {
      if (chrf.length === 0) chrf.push([0, judgement.first]);
      chrf.push([done, judgement.chrf]);
    }
    this.#onchange();
  }

  /** What was reached before it failed is kept. @param {Experiment} subject @param {unknown} reason @returns {Promise<Outcome>} */
  async #broken(subject, reason) {
    const error = /** @type {Error} */ (reason);
    const { step: steps = 0, seconds = 0, judgement } = this.progress ?? {};
    const model = await this.#healing?.best().catch(() => undefined);
    if (!model) return { kind: 'broken', error, steps };
    const experiment = await this.#adopt(subject, model, { steps, seconds });
    model.delete();
    return { kind: 'broken', error, experiment, steps, before: judgement?.first, after: judgement?.best };
  }

  /**
   * @param {Experiment} subject
   * @param {import('../../package/index.js').Model} model
   * @param {import('./experiment.js').Healed} learned in this training
   */
  async #adopt({ id: _, bytes, score, set, ...subject }, model, { steps, seconds }) {
    const { healed } = subject;
    const inAll = { steps: steps + (healed?.steps ?? 0), seconds: (seconds ?? 0) + (healed?.seconds ?? 0) };
    const fresh = { ...subject, seconds: (subject.seconds ?? 0) + (seconds ?? 0), healed: inAll };
    const experiment = await this.#workbench.adopt(fresh, model);
    // Whoever has turned to something else is left there.
    if (this.#workbench.made?.experiment === this.subject) this.#dials.pick(experiment);
    return experiment;
  }
}

/** Minutes of work would be lost. @param {Event} event */
const warn = (event) => event.preventDefault();
