// The worker that trains: a model learns again, step by step, and between two steps the worker hears what
// the page wishes.

import { holdLock } from './alive.js';
import { failure } from './errors.js';
import { compile, fetchModule, startModule } from './module.js';
import { hasSimd } from './probes.js';
import { wellFormed } from './text.js';
import init, * as lab from './train.js';
import { textToLearnFrom, trouble } from './work.js';

/** @typedef {import('./train-protocol.js').Params} Params */
/** @typedef {import('./train-protocol.js').Judgement} Judgement */
/** @typedef {import('./train-protocol.js').TrainingProgress} TrainingProgress */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** For messages. */
const TRAINING = 'training';

/** Small steps, since whoever wishes something waits for one; and a rate that suits some dozens of them. */
const DEFAULTS = { batch: 300, warm_up: 5, rate: 3e-4 };
/** So many texts at most are held out, and one of so many. */
const HELD_OUT = { most: 200, oneOf: 5 };
/** Judgements in the whole of a training, about. */
const JUDGEMENTS = 10;
/** Of the time of a training, so much at most goes to judging, about. */
const JUDGING = 0.15;
/** Judgements without a better one after which it ends. */
const PATIENCE = 8;

/** @param {import('./train-protocol.js').FromTraining} message */
function post(message) {
  scope.postMessage(message);
}

/** What the page wishes. */
const wishes = { pause: false, stop: false };
/** Ends a pause. */
let wake = () => {};

/** Lets messages in that have come. */
const { port1, port2 } = new MessageChannel();
const hear = () =>
  new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(undefined);
  });

async function start() {
  if (!hasSimd()) {
    const message = `This browser cannot run the ${TRAINING}: it has no WebAssembly SIMD.`;
    throw failure('NotSupportedError', message);
  }
  await startModule(async (cache) => {
    const url = new URL('./train.wasm', import.meta.url);
    await init({ module_or_path: await compile(await fetchModule(url, cache, TRAINING)) });
  }, TRAINING);
}

/** @param {Blob} file of a package, not gzipped */
async function load(file) {
  const loader = new lab.Loader(file.size);
  loader.push(new Uint8Array(await file.arrayBuffer()));
  return loader;
}

/** @param {Params} params */
async function begin({ student, teacher, texts, pairs, choices }) {
  const learner = (await load(student)).learner();
  const lines = texts?.map(wellFormed) ?? learner.text_in(await textToLearnFrom());
  const held_out = Math.max(1, Math.min(HELD_OUT.most, Math.floor(lines.length / HELD_OUT.oneOf)));
  const [sources, references] = [pairs?.sources, pairs?.references].map((all) => all?.map(wellFormed) ?? []);
  const chosen = Object.entries(choices).filter(([, value]) => value !== undefined);
  const all = JSON.stringify({ ...DEFAULTS, held_out, ...Object.fromEntries(chosen) });
  return learner.train(await load(teacher), lines, sources, references, all);
}

class Run {
  #params;
  #training;
  /** @type {TrainingProgress} */
  #at = { phase: 'preparing', done: 0, step: 0, seconds: 0 };
  /** When the time began that is counted now. */
  #since = performance.now();
  /** Of the time before. */
  #before = 0;
  #judged = { step: 0, seconds: 0, took: 0, since: 0 };
  #best;

  /** @param {Params} params @param {lab.Training} training */
  constructor(params, training) {
    this.#params = params;
    this.#training = training;
    this.#best = training.first();
  }

  async train() {
    for (;;) {
      await hear();
      await this.#pause();
      if (wishes.stop || this.#done >= 1 || this.#judged.since >= PATIENCE) break;
      this.#tell({ phase: 'learning' });
      const { step, mean_loss: loss } = this.#training.step(this.#done);
      this.#tell({ step, loss });
      if (this.#isDue()) this.#judge();
    }
    if (this.#judged.step < this.#at.step) this.#judge();
    this.#tell({});
    const { step: steps, seconds, loss } = this.#at;
    return { steps, seconds, loss, chrf_before: this.#training.first(), chrf_after: this.#best };
  }

  get #seconds() {
    return this.#before + (performance.now() - this.#since) / 1000;
  }

  get #done() {
    const { minutes, steps } = this.#params;
    const done = minutes === undefined ? this.#at.step / (steps ?? 1) : this.#seconds / (60 * minutes);
    return Math.min(1, done);
  }

  async #pause() {
    if (!wishes.pause || wishes.stop) return;
    this.#before = this.#seconds;
    this.#since = performance.now();
    this.#tell({ phase: 'paused' });
    await new Promise((resolve) => (wake = () => resolve(undefined)));
    this.#since = performance.now();
  }

  #isDue() {
    const { minutes = 0, steps, judgeSteps } = this.#params;
    const { step } = this.#at;
    if (judgeSteps !== undefined) return step % judgeSteps === 0;
    if (steps !== undefined) return step % Math.ceil(steps / JUDGEMENTS) === 0;
    const least = Math.max((60 * minutes) / JUDGEMENTS, this.#judged.took / JUDGING);
    return this.#seconds - this.#judged.seconds >= least;
  }

  #judge() {
    this.#tell({ phase: 'judging' });
    const before = this.#seconds;
    const { since_best: since, ...judgement } = this.#training.judge();
    this.#judged = { step: judgement.step, seconds: this.#seconds, took: this.#seconds - before, since };
    if (judgement.best > this.#best) {
      this.#best = judgement.best;
      post({ type: 'best', file: new Blob([this.#training.model()], { type: 'application/octet-stream' }) });
    }
    this.#tell({ judgement });
  }

  /** @param {Partial<TrainingProgress>} change */
  #tell(change) {
    this.#at = { ...this.#at, ...change, seconds: this.#seconds };
    this.#at.done = this.#done;
    post({ type: 'progress', value: this.#at });
  }
}

/** @param {Params} params */
async function train(params) {
  try {
    post({ type: 'progress', value: { phase: 'preparing', done: 0, step: 0, seconds: 0 } });
    await start();
    const value = await new Run(params, await begin(params)).train();
    post({ type: 'result', value });
  } catch (error) {
    post(trouble(error, TRAINING, lab.missing_memory));
  }
}

scope.onmessage = ({ data }) => {
  const message = /** @type {import('./train-protocol.js').Request | { wish: import('./train-protocol.js').Wish }} */ (data);
  if ('method' in message) return void train(message.params);
  if (message.wish === 'stop') wishes.stop = true;
  wishes.pause = message.wish === 'pause';
  if (!wishes.pause) wake();
};

post({ type: 'ready' });
void holdLock().then((lock) => lock && post({ type: 'alive', lock }));
