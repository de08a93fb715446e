// What is made of the model that translates: one recipe at a time becomes a model, a translator and a
// score. The original stays beside it.

import { Model, Translator, describeModel } from '../../package/index.js';
import { LineMemory } from '../lines.js';
import { keptExperiments, keepExperiments } from './keep.js';
import { ownFingerprint } from './calibration.js';
import { isSame } from './experiment.js';
import { addressOf, fingerprint } from './link.js';
import { ownTestSet } from './test-set.js';

/** @typedef {import('../direction.js').Direction} Direction */
/** @typedef {import('./experiment.js').Experiment} Experiment */
/** @typedef {import('./experiment.js').Score} Score */
/** @typedef {import('./experiment.js').Wanted} Wanted */
/** @typedef {import('./dial-recipes.js').Plan} Plan */
/** @typedef {import('./test-set.js').TestSet} TestSet */
/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */
/** @typedef {import('../../package/lab-protocol.js').CompressionReport} CompressionReport */
/** @typedef {import('../../package/lab-protocol.js').WorkProgress} WorkProgress */
/** @typedef {import('../../package/lab-protocol.js').Info} Info */

/**
 * A model made smaller, which translates.
 * @typedef {object} Made
 * @property {Experiment} experiment
 * @property {Model} model
 * @property {Info} info
 * @property {Translator} translator
 * @property {CompressionReport} [report] missing where the model has learned since it was compressed
 * @property {LineMemory} lines
 * @property {boolean} rough the one that is meant is still being made
 * @property {boolean} calibrated it depends on the calibration text
 * @property {string[]} [translations] of the test set
 */

/**
 * @typedef {object} Base
 * @property {Direction} direction
 * @property {Model} model
 * @property {Info} info
 * @property {Experiment} experiment
 * @property {string[]} [translations] of the test set
 * @property {Map<number, Score>} scores of its first so many sentences, for scores that are not final
 */

/** @typedef {{ what: 'opening' } | { what: 'fetching', loaded: number, total?: number } | { what: 'compressing', progress: WorkProgress | undefined } | { what: 'measuring' } | { what: 'scoring', whose: Experiment } | { what: 'searching', done: number }} Work */

/** No more are kept: whoever tries so many has seen the first. */
const MOST_EXPERIMENTS = 200;

export class Workbench {
  /** The original of the direction that is worked on. @type {Base | undefined} */
  base;
  /** @type {Made | undefined} */
  made;
  /** What goes on now. @type {Work | undefined} */
  work;
  /** What is being made, or was made last. @type {Recipe | undefined} */
  wanted;
  /** @type {Error | undefined} */
  error;
  /** Scoring was stopped by hand. */
  stopped = false;
  /** Of the whole visit. */
  experiments = keptExperiments();
  /** Of the visitor, instead of ours. @type {TestSet | undefined} */
  ownSet;
  /** What `base` and `made` were scored with. @type {TestSet | undefined} */
  testSet;
  /** Of the visitor, instead of ours. @type {import('./calibration.js').Calibration | undefined} */
  calibration;
  /** That the page was opened with, until something else is made. @type {import('./link.js').Link | undefined} */
  link;
  /** What the link was made with and is not here. @type {('model' | 'calibration')[]} */
  missing = [];
  /** Of models that have learned, the files, which no recipe makes again. @type {Map<Experiment, Blob>} */
  files = new Map();

  #onchange;
  #abort = new AbortController();

  /** @param {() => void} onchange */
  constructor(onchange) {
    this.#onchange = onchange;
  }

  /**
   * Makes what a plan means of a direction's model, the rough one first. Whatever was in progress ends;
   * what was made before stays until there is something new.
   * @param {Direction} direction whose model is ready
   * @param {Plan} plan
   */
  async apply(direction, { recipe, rough }) {
    await this.#during(async (signal) => {
      this.wanted = recipe;
      this.missing = [];
      if (this.base?.direction !== direction) this.#leave();
      if (recipe.step.length === 0) return this.#unmake();
      const base = await this.#open(direction, signal);
      if (rough) await this.#make(base, rough, true, signal);
      await this.#make(base, recipe, false, signal);
      await this.#checkLink(base, recipe);
      await this.#score(base, signal);
    });
  }

  /**
   * Takes in a model that has learned. It is an experiment from now on, whatever is translated in.
   * @param {Omit<Experiment, 'id' | 'bytes'>} fresh
   * @param {Model} model whose file is kept
   * @returns {Promise<Experiment>}
   */
  async adopt(fresh, model) {
    const experiment = this.#enter(fresh, model, await model.export());
    this.#keep();
    this.#onchange();
    return experiment;
  }

  /**
   * Whether there is a file of such a model for a direction: here, or beside the page. Models there were
   * made of the page's own, and not of one of the visitor's.
   * @param {Direction} direction
   * @param {Wanted} wanted
   */
  has(direction, wanted) {
    if (wanted.pair !== direction.name) return false;
    return this.#fileOf(wanted) !== undefined || (wanted.healed?.kind !== undefined && !direction.file);
  }

  /**
   * Translates with a model that was adopted, or that can be downloaded.
   * @param {Direction} direction whose model is ready
   * @param {Wanted} wanted which this workbench has for it
   * @param {boolean} mayDownload else it stays away where this browser does not keep it
   */
  async reuse(direction, wanted, mayDownload) {
    await this.#during(async (signal) => {
      this.wanted = wanted.recipe;
      this.missing = [];
      if (this.base?.direction !== direction) this.#leave();
      const base = await this.#open(direction, signal);
      this.#set({ what: 'opening' });
      const onprogress = (/** @type {{ loaded: number, total?: number }} */ progress) => {
        if (!signal.aborted) this.#set({ what: 'fetching', ...progress });
      };
      const source = this.#fileOf(wanted) ?? placeOf(direction, wanted);
      if (!mayDownload && !(source instanceof Blob)) {
        const { availability } = await describeModel(source);
        if (signal.aborted || availability !== 'available') return;
      }
      const model = await Model.load(source, { signal, onprogress });
      // As it came, which tells what a user downloads.
      const file = await model.export({ gzip: wanted.healed?.kind !== undefined });
      const enter = () => this.#enter(wanted, model, file);
      await this.#put(base, model, { rough: false, calibrated: false }, enter, signal);
      await this.#score(base, signal);
    });
  }

  /** Scores what is there, after a stop or with another test set. */
  async score() {
    const { base, made } = this;
    if (!base || !made || made.rough) return;
    await this.#during((signal) => this.#score(base, signal));
  }

  /**
   * Lends a direction's original to `use` until something else is asked for. Whatever was in progress
   * ends.
   * @param {Direction} direction whose model is ready
   * @param {(base: Base, signal: AbortSignal, tell: (done: number) => void) => Promise<void>} use
   */
  async lend(direction, use) {
    const { signal } = this.#begin();
    const tell = (/** @type {number} */ done) => this.#set({ what: 'searching', done });
    try {
      if (this.base?.direction !== direction) this.#leave();
      await use(await this.#open(direction, signal), signal, tell);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      if (!signal.aborted) this.#set(undefined);
    }
  }

  /** An address that makes the same model elsewhere. @returns {Promise<string | undefined>} */
  async address() {
    const { base, made } = this;
    if (!base || !made || made.experiment.healed) return undefined;
    const calibration = made.calibrated ? await this.#calibrationFingerprint() : undefined;
    const model = await fingerprint(await base.model.export());
    return addressOf(base.direction.pair, { recipe: made.experiment.recipe, model, calibration });
  }

  /** Ends what is in progress; what is there stays. */
  stop() {
    const scored = this.work?.what === 'scoring';
    this.#abort.abort();
    this.stopped = scored;
    this.#set(undefined);
  }

  /** Ends everything, and gives the memory back. */
  leave() {
    this.#begin();
    this.#leave();
    this.wanted = undefined;
    this.#set(undefined);
  }

  /** @param {TestSet | undefined} set the visitor's, or ours */
  useTestSet(set) {
    this.ownSet = set;
    void this.score();
  }

  /** Ends what is in progress, and begins something else. @param {(signal: AbortSignal) => Promise<void>} work */
  async #during(work) {
    const { signal } = this.#begin();
    try {
      await work(signal);
    } catch (error) {
      if (!signal.aborted) this.error = /** @type {Error} */ (error);
    }
    if (!signal.aborted) this.#set(undefined);
  }

  #begin() {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.error = undefined;
    this.stopped = false;
    return this.#abort;
  }

  /** @param {Work | undefined} work */
  #set(work) {
    this.work = work;
    this.#onchange();
  }

  #leave() {
    this.#unmake();
    this.base?.model.delete();
    this.base = undefined;
  }

  #unmake() {
    const { made } = this;
    this.made = undefined;
    made?.translator.destroy();
    made?.model.delete();
  }

  /** @param {Direction} direction @param {AbortSignal} signal @returns {Promise<Base>} */
  async #open(direction, signal) {
    if (this.base) return this.base;
    this.#set({ what: 'opening' });
    const model = await Model.load(direction.source, { signal });
    if (signal.aborted) {
      model.delete();
      signal.throwIfAborted();
    }
    const { info } = model;
    const { wire_bytes, file_bytes, memory_bytes } = info;
    const experiment = this.#add({
      pair: direction.name,
      recipe: { step: [] },
      bytes: { wire_bytes, file_bytes, memory_bytes },
      seconds: 0,
    });
    return (this.base = { direction, model, info, experiment, scores: new Map() });
  }

  /**
   * @param {Base} base
   * @param {Recipe} recipe
   * @param {boolean} rough
   * @param {AbortSignal} signal
   */
  async #make(base, recipe, rough, signal) {
    this.#set({ what: 'compressing', progress: undefined });
    const onprogress = (/** @type {WorkProgress} */ progress) => {
      if (!signal.aborted) this.#set({ what: 'compressing', progress });
    };
    const calibration = this.calibration?.texts;
    // The length of the file when gzipped can wait: the translation is what one waits for.
    const { model, report, calibrated } = await base.model.compress(recipe, { signal, onprogress, calibration, gzip: false });
    const { after: bytes, seconds } = report;
    const experiment = () => this.#add({ pair: base.direction.name, recipe, bytes, seconds });
    await this.#put(base, model, { report, rough, calibrated }, experiment, signal);
  }

  /**
   * Puts a model in the place of the one that translates; where that fails, it is gone.
   * @param {Base} base
   * @param {Model} model
   * @param {Pick<Made, 'report' | 'rough' | 'calibrated'>} known of it
   * @param {() => Experiment} enter called when it translates
   * @param {AbortSignal} signal
   */
  async #put({ direction }, model, known, enter, signal) {
    /** @type {Translator | undefined} */
    let translator;
    try {
      const { source: sourceLanguage, target: targetLanguage } = direction.pair;
      // Not with the signal, which would end the translator whenever it aborts later.
      translator = await Translator.create({ sourceLanguage, targetLanguage, model });
      signal.throwIfAborted();
    } catch (error) {
      translator?.destroy();
      model.delete();
      throw error;
    }
    const experiment = enter();
    this.#unmake();
    const { info } = model;
    this.made = { experiment, model, info, translator, lines: new LineMemory(), ...known };
    this.#set({ what: 'measuring' });
    experiment.bytes = await model.measure({ signal });
    this.#keep();
  }

  /** @param {Base} base @param {AbortSignal} signal */
  async #score(base, signal) {
    const made = /** @type {Made} */ (this.made);
    const set = this.ownSet ?? (await ownTestSet(base.direction.pair, signal));
    if (set?.name !== this.testSet?.name || set?.pairs.length !== this.testSet?.pairs.length) {
      base.translations = made.translations = undefined;
      base.scores.clear();
    }
    this.testSet = set;
    if (!set) return;
    for (const one of [base, made]) {
      if (one.translations) continue;
      const { experiment, model } = one;
      experiment.score = undefined;
      experiment.set = set.name;
      this.#set({ what: 'scoring', whose: experiment });
      const onprogress = (/** @type {import('../../package/lab-protocol.js').ScoreProgress} */ { chrf, bleu, sentences }) => {
        if (signal.aborted || sentences === 0) return;
        experiment.score = { chrf, bleu, sentences, total: set.pairs.length };
        if (one === base) base.scores.set(sentences, experiment.score);
        this.#onchange();
      };
      const result = await model.evaluate(set.pairs, { signal, onprogress, gzip: false });
      const { chrf, bleu, sentences, words_per_second, translations } = result;
      experiment.score = { chrf, bleu, sentences, total: sentences, words_per_second };
      if (one === base) base.scores.set(sentences, experiment.score);
      one.translations = translations;
      this.#keep();
    }
  }

  async #calibrationFingerprint() {
    return this.calibration?.fingerprint ?? ownFingerprint();
  }

  /** Whether what the link was made with is what is here. @param {Base} base @param {Recipe} recipe */
  async #checkLink(base, recipe) {
    this.missing = [];
    const { link, made } = this;
    if (link?.recipe !== recipe || !made) return;
    if (link.model && link.model !== (await fingerprint(await base.model.export()))) this.missing.push('model');
    if (made.calibrated && link.calibration && link.calibration !== (await this.#calibrationFingerprint()))
      this.missing.push('calibration');
    this.#onchange();
  }

  /** @param {Wanted} wanted @returns {Blob | undefined} */
  #fileOf(wanted) {
    return this.files.get(/** @type {Experiment} */ (wanted));
  }

  /** @param {Omit<Experiment, 'id' | 'bytes'>} fresh @param {Model} model @param {Blob} file of it */
  #enter(fresh, model, file) {
    const { wire_bytes, file_bytes, memory_bytes } = model.info;
    const known = this.experiments.find((experiment) => experiment === fresh);
    const experiment = known ?? this.#add({ ...fresh, bytes: { wire_bytes, file_bytes, memory_bytes } });
    this.files.set(experiment, file);
    return experiment;
  }

  /**
   * What is tried again takes its former place.
   * @param {Omit<Experiment, 'id'>} fresh
   * @returns {Experiment}
   */
  #add(fresh) {
    const former = this.experiments.find((experiment) => isSame(experiment, fresh));
    if (former) return Object.assign(former, fresh, { score: former.score, set: former.set });
    const id = 1 + Math.max(0, ...this.experiments.map((experiment) => experiment.id));
    const experiment = { id, ...fresh };
    this.experiments = [...this.experiments, experiment].slice(-MOST_EXPERIMENTS);
    return experiment;
  }

  #keep() {
    keepExperiments(this.experiments);
  }
}

/** Where a healed model stands beside the page. @param {Direction} direction @param {Wanted} wanted */
function placeOf({ pair }, { healed }) {
  const { source: sourceLanguage, target: targetLanguage } = pair;
  return { sourceLanguage, targetLanguage, registry: `models/${healed?.kind}/registry.json` };
}
