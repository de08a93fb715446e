// The worker: holds the WebAssembly module and the models, does everything heavy.

import { failure, toPlain } from './errors.js';
import { Jobs, engineError } from './jobs.js';
import { serves } from './languages.js';
import { locate, obtain } from './obtain.js';
import { die, post } from './post.js';
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

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** @type {Map<string, Engine>} */
const engines = new Map();
/** @type {Map<number, AbortController>} */
const requests = new Map();
const jobs = new Jobs((error) =>
  die(failure('OperationError', `The translation engine stopped: ${toPlain(error).message}`)),
);

const threads = new Threads({
  onnews: () => jobs.news(),
  onchange: (count) => post({ type: 'threads', count }),
  onbreakdown: (message) =>
    die(failure('OperationError', `The translation engine stopped: ${message}`)),
});
/** Models on their way into storage, by key. @type {Map<string, Promise<boolean>>} */
const keeping = new Map();

/** @type {Promise<import('./start.js').Host> | undefined} */
let host;

/** Begins at once, beside the model's download; the first model waits for it. */
function startEngine() {
  if (!host) {
    host = start();
    host.then((engine) => navigator.hardwareConcurrency > 2 && threads.open(engine), die);
  }
  return host;
}

/** @type {{ [M in Method]: (params: Params<M>, options: Options) => Promise<unknown> }} */
const methods = { describe, load, stored, translate, unload };

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
  const here = (await storage.has(file)) || (!navigator.onLine && (await storage.hasOther(file)));
  return {
    availability: here ? 'available' : 'downloadable',
    wire_bytes: file.bytes,
    licence: file.licence,
    credit: file.credit,
    source_url: file.sourceUrl,
  };
}

/** @param {Params<'load'>} request @param {Options} options */
async function load(request, { signal, onprogress }) {
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
  const { sourceLanguage, targetLanguage } = request;
  if (!serves(info.source, sourceLanguage) || !serves(info.target, targetLanguage)) {
    engine.free();
    throw failure(
      'NotSupportedError',
      `The model translates from ${info.source} to ${info.target}, not from ${sourceLanguage} to ${targetLanguage}.`,
    );
  }
  const former = engines.get(request.key);
  engines.set(request.key, engine);
  if (former) await jobs.close(former);
  return {
    ...info,
    wire_bytes: fetched.wireBytes,
    kept: file === undefined ? false : keep(request.key, file, fetched.packed),
    verified: fetched.verified,
    engine: engineHost.build,
    threads: threads.running,
  };
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

/** An error of the engine's as the package names it. @param {unknown} error */
function named(error) {
  const known = engineError(error);
  if (known) return known;
  if (!(error instanceof WebAssembly.RuntimeError)) return error;
  const broken = failure('OperationError', `The translation engine stopped: ${error.message}`);
  die(broken);
  return broken;
}

/** @param {Params<'translate'>} params @param {Options} options */
async function translate({ key, texts, interactive, threads: wish }, { signal, onprogress }) {
  threads.want(wish);
  const engine = engines.get(key);
  if (!engine) throw failure('OperationError', 'The model is not loaded.');
  const results = texts.map(wellFormed);
  const work = results.flatMap((text, i) => (isBlank(text) ? [] : [i]));
  if (work.length === 0) return results;
  /** @type {string[]} */
  let translated;
  try {
    translated = await jobs.run(
      engine,
      work.map((i) => results[i]),
      { interactive, signal, onprogress },
    );
  } catch (error) {
    if (error instanceof DOMException) throw error;
    const known = engineError(error);
    const plain =
      known ??
      failure('OperationError', `The translation engine stopped: ${toPlain(error).message}`);
    if (!known) die(plain);
    throw plain;
  }
  work.forEach((i, n) => (results[i] = translated[n]));
  return results;
}

/** @param {Params<'unload'>} params */
async function unload({ key }) {
  const engine = engines.get(key);
  engines.delete(key);
  if (engine) await jobs.close(engine);
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
  if (message.type === 'request') void answer(message);
  else if (message.type === 'cancel') requests.get(message.id)?.abort();
  else void threads.dismiss().then(() => setTimeout(() => scope.close(), GRACE_MS));
};

post({ type: 'ready' });
