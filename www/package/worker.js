// The worker: holds the WebAssembly module and the models, does everything heavy.

import init, { Engine } from './engine-simd.js';
import { fetchModel } from './download.js';
import { failure, megabytes, toPlain } from './errors.js';
import { Jobs, engineError } from './jobs.js';
import { serves } from './languages.js';
import { fetchRegistry, findPair } from './registry.js';
import * as storage from './storage.js';
import { isBlank, wellFormed } from './text.js';
import { unpack } from './unpack.js';

/** @typedef {import('./protocol.js').ModelRequest} ModelRequest */
/** @typedef {import('./protocol.js').FromWorker} FromWorker */
/** @typedef {import('./protocol.js').ToWorker} ToWorker */
/** @typedef {import('./protocol.js').Method} Method */
/** @typedef {import('./download.js').ModelFile} ModelFile */
/** @typedef {import('./download.js').Fetched} Fetched */

/**
 * @template {Method} M
 * @typedef {import('./protocol.js').Methods[M]['params']} Params
 */
/** @typedef {{ signal: AbortSignal, onprogress: (value: any) => void }} Options */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** @type {Map<string, Engine>} */
const engines = new Map();
/** @type {Map<number, AbortController>} */
const requests = new Map();
const jobs = new Jobs((error) =>
  die(failure('OperationError', `The translation engine stopped: ${toPlain(error).message}`)),
);

/** @type {Promise<void> | undefined} */
let engineReady;

/** @param {FromWorker} message */
function post(message) {
  scope.postMessage(message);
}

/** After a trap or a failed start nothing can be trusted: the page replaces this worker. @param {unknown} error */
function die(error) {
  post({ type: 'dead', error: toPlain(error) });
}

/** `i8x16.popcnt(i8x16.splat(0))`: valid only where the browser has 128-bit SIMD. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // header
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // one type: () -> v128
  ...[3, 2, 1, 0], // one function
  ...[10, 10, 1, 8, 0, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x62, 0x0b], // its code
);

/** Begins at once, beside the model's download; the first model waits for it. */
function startEngine() {
  if (!engineReady) {
    // A file that was damaged on its way into a cache must not stay there for ever.
    engineReady = instantiate('default')
      .catch((error) => {
        if (error instanceof WebAssembly.CompileError) return instantiate('reload');
        throw error;
      })
      .catch((error) => {
        if (error instanceof DOMException) throw error;
        throw failure(
          'OperationError',
          `The translation engine could not be started: ${toPlain(error).message}`,
        );
      });
    engineReady.catch(die);
  }
  return engineReady;
}

/** @param {RequestCache} cache */
async function instantiate(cache) {
  if (!WebAssembly.validate(SIMD_PROBE)) {
    throw failure(
      'NotSupportedError',
      'This browser cannot run the translation engine: it has no WebAssembly SIMD.',
    );
  }
  const url = new URL('./engine-simd.wasm', import.meta.url);
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { cache });
  } catch {
    throw failure(
      'NetworkError',
      'The translation engine could not be downloaded. Is the device offline?',
    );
  }
  if (!response.ok) {
    throw failure(
      'NetworkError',
      `The translation engine could not be downloaded: the server answered ${response.status} for ${url}.`,
    );
  }
  await init({ module_or_path: response });
}

/** @type {{ [M in Method]: (params: Params<M>, options: Options) => Promise<unknown> }} */
const methods = { describe, load, translate, unload };

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
  const started = startEngine();
  const { fetched, file } = await obtain(request, signal, onprogress);
  await started;
  signal.throwIfAborted();
  const engine = await construct(fetched.data, file);
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
  return { ...info, wire_bytes: fetched.wireBytes, kept: fetched.kept, verified: fetched.verified };
}

/**
 * @param {Params<'load'>} request
 * @param {AbortSignal} signal
 * @param {Options['onprogress']} onprogress
 * @returns {Promise<{ fetched: Fetched, file?: ModelFile }>}
 */
async function obtain(request, signal, onprogress) {
  if (request.model instanceof Blob) {
    const packed = new Uint8Array(await request.model.arrayBuffer());
    const data = await unpack(packed);
    return { fetched: { data, wireBytes: packed.length, kept: false, verified: false } };
  }
  const file = await locate(request, signal);
  if (!file) {
    throw failure(
      'NotSupportedError',
      `There is no model from ${request.sourceLanguage} to ${request.targetLanguage}.`,
    );
  }
  return { fetched: await fetchModel(file, { signal, onprogress }), file };
}

/**
 * @param {ModelRequest} request
 * @param {AbortSignal} signal
 * @returns {Promise<(ModelFile & Partial<import('./registry.js').RegistryEntry>) | undefined>}
 */
async function locate({ model, registry, sourceLanguage, targetLanguage }, signal) {
  if (typeof model === 'string') return { url: model };
  return findPair(await fetchRegistry(registry, signal), sourceLanguage, targetLanguage);
}

/** @param {Uint8Array} data @param {ModelFile} [file] */
async function construct(data, file) {
  try {
    return new Engine(data);
  } catch (error) {
    const known = engineError(error);
    if (!known) {
      const broken = failure(
        'OperationError',
        `The translation engine stopped while it read a model of ${megabytes(data.length)} MB: ${toPlain(error).message}`,
      );
      die(broken);
      throw broken;
    }
    // Another file may stand there tomorrow; this one must not be tried again from storage.
    if (file) await storage.remove(file);
    throw failure(known.name, `The model file is not understood: ${known.message}`);
  }
}

/** @param {Params<'translate'>} params @param {Options} options */
async function translate({ key, texts, interactive }, { signal, onprogress }) {
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
  else requests.get(message.id)?.abort();
};

post({ type: 'ready' });
