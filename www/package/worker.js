// The worker: holds the WebAssembly module and the models, does everything heavy.

import { holdLock } from './alive.js';
import { engineError, failure, toPlain } from './errors.js';
import { Graphics } from './graphics.js';
import { Jobs } from './jobs.js';
import { expectServes } from './languages.js';
import { Measuring, lengthOf } from './measure.js';
import { locate, obtain } from './obtain.js';
import { isDownloading } from './parts.js';
import { Place } from './place.js';
import { die, post } from './post.js';
import { fetchRegistry } from './registry.js';
import * as storage from './storage.js';
import { start } from './start.js';
import { isBlank, wellFormed } from './text.js';
import { Threads } from './threads.js';
import { prepare } from './unpack.js';
import { warmUp } from './warm-up.js';

/** @typedef {import('./protocol.js').ToWorker} ToWorker */
/** @typedef {import('./protocol.js').Method} Method */
/** @typedef {import('./download.js').ModelFile} ModelFile */
/** @typedef {import('./engine.js').Engine} Engine */

/**
 * @template {Method} M
 * @typedef {import('./protocol.js').Methods[M]['params']} Params
 */
/** @typedef {{ signal: AbortSignal, onprogress: (value: any) => void }} Options */

/** Chromium hangs for seconds over a worker that ends while workers of its own are ending. */
const GRACE_MS = 100;

/**
 * A model in use.
 * @typedef {object} Model
 * @property {Engine} engine
 * @property {Place} place
 * @property {string} language of the texts that go in
 * @property {string} [identity] of its file, if it has one
 */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** @type {Map<string, Model>} */
const models = new Map();
/** @type {Map<number, AbortController>} */
const requests = new Map();
/** The same, until all is done that belongs to them. @type {Set<Promise<void>>} */
const answers = new Set();

const jobs = new Jobs({ onbreakdown: breakDown, ongpulost: loseGpu });

const graphics = new Graphics(startEngine, tellAll);
const measuring = new Measuring({
  jobs,
  graphics,
  threads: () => threads.running,
  isBusy: () => requests.size > 0,
  onbreakdown: breakDown,
});

const threads = new Threads({
  onnews: () => jobs.news(),
  onchange: (count) => post({ type: 'threads', count }),
  onbreakdown: (message) => breakDown(new Error(message)),
});
/** Models on their way into storage, by key. @type {Map<string, Promise<boolean>>} */
const keeping = new Map();

/** @type {Promise<import('./start.js').Host> | undefined} */
let host;

/** Begins at once, beside the model's download; the first model waits for it. */
function startEngine() {
  if (!host) {
    host = start();
    host.then((started) => {
      started.engine.on_news(() => jobs.news());
      if (navigator.hardwareConcurrency > 2) threads.open(started);
    }, (error) => die(error, { isLasting: true }));
  }
  return host;
}

/** Said of one engine, it is true of all. @param {Engine} _ @param {string} message */
function loseGpu(_, message) {
  const reason = graphics.fail(message);
  for (const { place } of models.values()) place.lose(reason);
}

function tellAll() {
  for (const { place } of models.values()) place.tell();
}

/** @type {{ [M in Method]: (params: Params<M>, options: Options) => Promise<unknown> }} */
const methods = { list, describe, load, attach, stored, translate, stream, unload };

/**
 * @param {Params<'list'>} params
 * @param {Options} options
 * @returns {Promise<import('./protocol.js').ListedModel[]>}
 */
async function list({ registry }, { signal }) {
  return (await fetchRegistry(registry, signal)).map((entry) => ({
    sourceLanguage: entry.source,
    targetLanguage: entry.target,
    wire_bytes: entry.bytes,
    licence: entry.licence,
    credit: entry.credit,
    source_url: entry.sourceUrl,
  }));
}

/**
 * @param {Params<'describe'>} request
 * @param {Options} options
 * @returns {Promise<import('./protocol.js').ModelDescription>}
 */
async function describe(request, { signal }) {
  if (request.model instanceof Blob)
    return { availability: 'available', wire_bytes: request.model.size };
  const file = await locate(request, signal);
  if (!file) return { availability: 'unavailable' };
  const here =
    // Only Node.js reads files of the machine, which need no download.
    file.url.startsWith('file:') ||
    (await storage.has(file)) ||
    (!navigator.onLine && (await storage.hasOther(file)));
  const absent = (await isDownloading(file)) ? 'downloading' : 'downloadable';
  return {
    availability: here ? 'available' : absent,
    wire_bytes: file.bytes,
    licence: file.licence,
    credit: file.credit,
    source_url: file.sourceUrl,
    source: file.source,
    target: file.target,
  };
}

/** @param {Params<'load'>} request @param {Options} options */
async function load(request, { signal, onprogress }) {
  measuring.interrupt();
  prepare();
  const started = startEngine();
  threads.want(request.threads);
  const obtained = obtain(request, { start: startEngine, signal, onprogress });
  warmUp(started, obtained).catch(die);
  const { fetched, file } = await obtained.catch((error) => {
    throw named(error);
  });
  const engineHost = await started;
  const engine = fetched.model;
  if (signal.aborted) engine.free();
  signal.throwIfAborted();
  // On two cores the download and its unpacking have taken both until now.
  threads.open(engineHost);
  const info = engine.info();
  try {
    expectServes(info, request);
  } catch (error) {
    engine.free();
    throw error;
  }
  const { key } = request;
  const former = models.get(key);
  const place = new Place(engine, graphics, (facts) => post({ type: 'backend', key, facts }));
  const identity = file && `${file.url} ${file.sha256}`;
  models.set(key, { engine, place, language: info.source, identity });
  if (former) await close(former);
  return {
    ...info,
    wire_bytes: fetched.wireBytes,
    kept: file === undefined ? false : keep(request.key, file, fetched.packed),
    verified: fetched.verified,
    engine: engineHost.build,
    threads: threads.running,
  };
}

/** A translator is created that is to compute on the GPU. @param {Params<'attach'>} params */
async function attach({ key }) {
  measuring.interrupt();
  try {
    await models.get(key)?.place.attach({ asked: true, again: true });
  } catch (error) {
    throw named(error);
  }
}

/**
 * Puts a new file into storage, after what is urgent.
 * @param {string} key
 * @param {ModelFile} file
 * @param {Uint8Array<ArrayBuffer>} [packed]
 * @returns {boolean | undefined} undefined if it takes a while
 */
function keep(key, file, packed) {
  if (!packed) return true;
  if (!storage.isAvailable()) return false;
  keeping.set(
    key,
    jobs.rest().then(() => storage.keep(file, packed)),
  );
  return undefined;
}

/** @param {Params<'stored'>} params */
async function stored({ key }) {
  try {
    return (await keeping.get(key)) ?? false;
  } finally {
    keeping.delete(key);
  }
}

/** Nothing that the engine computes can be relied on any more. @param {unknown} error */
function breakDown(error) {
  const broken = failure(
    'OperationError',
    `The translation engine stopped: ${toPlain(error).message}`,
  );
  die(broken);
  return broken;
}

/** An error of the engine's as the package names it. @param {unknown} error */
function named(error) {
  const known = engineError(error);
  if (known) return known;
  return error instanceof WebAssembly.RuntimeError ? breakDown(error) : error;
}

/**
 * @param {Params<'translate'>} params
 * @param {Options} options
 * @returns {Promise<import('./protocol.js').Translated>}
 */
async function translate(params, { signal, onprogress }) {
  return run(params.texts, params, { signal, onprogress });
}

/**
 * @param {Params<'stream'>} params
 * @param {Options} options
 * @returns {Promise<import('./protocol.js').Translated>}
 */
async function stream({ text, ...params }, { signal, onprogress }) {
  return run([text], params, { signal, onprogress, ontext: onprogress });
}

/**
 * @param {string[]} asGiven
 * @param {Omit<Params<'translate'>, 'texts'>} params
 * @param {Options & { ontext?: (part: import('./protocol.js').Part) => void }} options
 * @returns {Promise<import('./protocol.js').Translated>}
 */
async function run(asGiven, params, { signal, onprogress, ontext }) {
  const { key, interactive, backend: wish } = params;
  measuring.interrupt();
  threads.want(params.threads);
  const model = models.get(key);
  const texts = asGiven.map(wellFormed);
  const work = texts.flatMap((text, i) => (isBlank(text) ? [] : [i]));
  if (work.length === 0) return { texts };
  try {
    if (wish === 'webgpu') await model?.place.attach({ asked: true });
    if (!model || model.place.closed) throw failure('OperationError', 'The model is not loaded.');
    const { engine, place } = model;
    const wanted = work.map((i) => texts[i]);
    const gpu = place.takes(wish, lengthOf(wanted));
    const done = await jobs.run(engine, wanted, {
      ...{ interactive, gpu, signal, onprogress, ontext },
    });
    work.forEach((i, n) => (texts[i] = done.texts[n]));
    if (gpu) {
      graphics.worked();
      tellAll();
    }
    if (wish === 'auto') measuring.want(place, model);
    return { texts, backend: done.backend };
  } catch (error) {
    if (error instanceof DOMException) throw error;
    const known = engineError(error);
    if (known) throw known;
    throw breakDown(error);
  }
}

/** @param {Params<'unload'>} params */
async function unload({ key }) {
  const model = models.get(key);
  models.delete(key);
  if (model) await close(model);
}

/** @param {Model} model */
async function close({ engine, place }) {
  place.close();
  await jobs.close(engine);
  tellAll();
}

/** @param {Extract<ToWorker, { type: 'request' }>} request */
async function answer({ id, method, params }) {
  const controller = new AbortController();
  const { signal } = controller;
  requests.set(id, controller);
  const onprogress = (/** @type {unknown} */ value) => {
    if (!signal.aborted) post({ type: 'progress', id, value });
  };
  try {
    const value = await methods[method](/** @type {any} */ (params), { signal, onprogress });
    post({ type: 'result', id, value });
  } catch (error) {
    post({ type: 'error', id, error: toPlain(error) });
  } finally {
    requests.delete(id);
  }
}

scope.onmessage = ({ data }) => {
  const message = /** @type {ToWorker} */ (data);
  if (message.type === 'request') {
    const answered = answer(message).finally(() => answers.delete(answered));
    answers.add(answered);
  } else if (message.type === 'cancel') requests.get(message.id)?.abort();
  else void end();
};

/** A download that was given up still writes down what had arrived. */
async function end() {
  await Promise.all([threads.dismiss(), ...answers]);
  setTimeout(() => scope.close(), GRACE_MS);
}

scope.onmessageerror = () => die(failure('OperationError', 'A request could not be read by the translation worker.'));

post({ type: 'ready' });
void holdLock().then((lock) => lock && post({ type: 'alive', lock }));
