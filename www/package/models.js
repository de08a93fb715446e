// Models in use: translators that ask for the same model share one copy in the worker, and the last one
// that is destroyed lets it go.

import { WorkerClient } from './client.js';
import { serves } from './languages.js';
import { Retries, onlyForward } from './retry.js';

/** @typedef {import('./protocol.js').ModelRequest} ModelRequest */
/** @typedef {import('./protocol.js').Wish} Wish */
/** @typedef {import('./protocol.js').LoadedInfo} LoadedInfo */
/** @typedef {import('./protocol.js').Facts} Facts */
/** @typedef {import('./protocol.js').BackendOption} BackendOption */
/** @typedef {import('./protocol.js').DownloadProgress} DownloadProgress */
/** @typedef {(progress: DownloadProgress) => void} OnDownload */

/** A language pair as a registry has it. @typedef {{ source: string, target: string }} Listed */

/** The one worker of this page. */
export const client = new WorkerClient();
const retries = new Retries();

/** @type {Map<string, SharedModel>} */
const models = new Map();
client.onbackend = (key, facts) => models.get(key)?.hear(facts);

/** @type {WeakMap<Blob, number>} */
const blobs = new WeakMap();
let lastBlob = 0;

/** @param {ModelRequest} request */
function keyOf({ model, registry, sourceLanguage, targetLanguage }) {
  if (!(model instanceof Blob))
    return JSON.stringify([model ?? registry, sourceLanguage, targetLanguage]);
  if (!blobs.has(model)) blobs.set(model, ++lastBlob);
  return JSON.stringify([blobs.get(model), sourceLanguage, targetLanguage]);
}

function endIfUnused() {
  if (models.size === 0) client.closeIfIdle();
}

/** A load in progress: it goes on as long as anyone waits for it. */
class Load {
  controller = new AbortController();
  waiting = 0;
  /** @type {Set<OnDownload>} */
  listeners = new Set();
  /** @type {DownloadProgress | undefined} */
  last;
  /** @type {Promise<LoadedInfo>} */
  promise;

  /** @param {ModelRequest & Wish & { key: string }} params */
  constructor(params) {
    const onprogress = (/** @type {DownloadProgress} */ progress) => {
      // A load that begins again is not news until it has come further.
      if (this.last && progress.loaded <= this.last.loaded) return;
      this.last = progress;
      for (const listener of [...this.listeners]) listener(progress);
    };
    this.promise = client.call('load', params, { signal: this.controller.signal, onprogress });
    this.promise.catch(() => {});
  }
}

export class SharedModel {
  #key;
  #request;
  #users = 0;
  #generation = -1;
  /** @type {LoadedInfo | undefined} */
  #info;
  /** Whether the file is kept in this browser, when that is known. @type {Promise<boolean>} */
  #kept = Promise.resolve(false);
  /** @type {Load | undefined} */
  #load;
  /** What it computes on, and why, by the worker's latest news. @type {Facts} */
  #facts = {};
  /** @type {Set<(facts: Facts) => void>} */
  #watchers = new Set();

  /** @param {string} key @param {ModelRequest} request */
  constructor(key, request) {
    this.#key = key;
    this.#request = request;
  }

  /**
   * Counts one more user, who must call `release` once.
   * @param {ModelRequest} request
   * @param {Listed} [listed] the languages of the model that the registry has for them, where
   *   `mayBeHere` says that it is worth knowing
   */
  static acquire(request, listed) {
    const key = keyOf(request);
    const here = listed && [...models.values()].find((other) => other.#is(request, listed));
    const model = models.get(key) ?? here ?? new SharedModel(key, request);
    models.set(model.#key, model);
    model.#users++;
    return model;
  }

  /**
   * Whether somebody has asked for the same model in other words, such as `en` for `en-US`, perhaps:
   * what the registry lists tells.
   * @param {ModelRequest} request
   */
  static mayBeHere(request) {
    const { sourceLanguage, targetLanguage } = request;
    if (models.has(keyOf(request))) return false;
    return [...models.values()].some(
      (other) =>
        other.#isListed(request) &&
        serves(other.#request.sourceLanguage, sourceLanguage) &&
        serves(other.#request.targetLanguage, targetLanguage),
    );
  }

  /** Of the same registry. @param {ModelRequest} request */
  #isListed({ registry, model }) {
    return model === undefined && this.#request.model === undefined && this.#request.registry === registry;
  }

  /** @param {ModelRequest} request @param {Listed} listed */
  #is(request, { source, target }) {
    if (!this.#isListed(request) || !this.#info || !this.#isLoaded()) return false;
    return this.#info.source.toLowerCase() === source && this.#info.target.toLowerCase() === target;
  }

  /**
   * What this page knows of a model by itself.
   * @param {ModelRequest} request
   * @returns {'downloading' | 'available' | undefined}
   */
  static stateOf(request) {
    const model = models.get(keyOf(request));
    if (!model) return undefined;
    if (model.#load) return 'downloading';
    return model.#info && model.#isLoaded() ? 'available' : undefined;
  }

  release() {
    if (--this.#users > 0) return;
    models.delete(this.#key);
    // Before the unloading below, so that the worker can't end the load after it.
    this.#load?.controller.abort();
    endIfUnused();
    // Also a load that was given up may have ended in the worker before it heard of that.
    if (client.generation !== 0)
      client.call('unload', { key: this.#key }).then(endIfUnused, () => {});
  }

  /** Settles when it is known whether the next visit finds the file in this browser. */
  get kept() {
    return this.#kept;
  }

  /** What is known of the model, as of now. @returns {LoadedInfo | undefined} */
  get info() {
    return this.#info && { ...this.#info, threads: client.threads };
  }

  /** What it computes on. @returns {Facts} */
  get facts() {
    return this.#isLoaded() ? this.#facts : {};
  }

  /** @param {Facts} facts */
  hear(facts) {
    this.#facts = { ...facts };
    // That it was lost is news only now.
    delete this.#facts.lost;
    for (const watcher of [...this.#watchers]) watcher(facts);
  }

  /**
   * @param {(facts: Facts) => void} watcher is called when that changes
   * @returns {() => void} ends it
   */
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #isLoaded() {
    return this.#generation === client.generation;
  }

  /**
   * Loads the model if the worker doesn't hold it: at first, or since the worker was replaced.
   * @param {Wish & { signal: AbortSignal, onprogress?: OnDownload }} options
   */
  async ready({ signal, onprogress, threads }) {
    signal.throwIfAborted();
    if (this.#info && this.#isLoaded()) return;
    const load = (this.#load ??= this.#start(threads));
    load.waiting++;
    if (onprogress) {
      load.listeners.add(onprogress);
      if (load.last) onprogress(load.last);
    }
    try {
      await unlessAborted(load.promise, signal);
    } finally {
      if (onprogress) load.listeners.delete(onprogress);
      if (--load.waiting === 0 && this.#load === load) {
        this.#load = undefined;
        load.controller.abort();
      }
    }
  }

  /** @param {number} [threads] */
  #start(threads) {
    const load = new Load({ ...this.#request, key: this.#key, threads });
    this.#facts = {};
    const finish = () => {
      if (this.#load === load) this.#load = undefined;
    };
    load.promise.then((info) => {
      this.#info = info;
      this.#generation = client.generation;
      this.#kept = this.#watchKeeping(info);
      finish();
    }, finish);
    return load;
  }

  /** @param {LoadedInfo} info */
  async #watchKeeping(info) {
    if (info.kept === undefined) {
      info.kept = await client.call('stored', { key: this.#key }).catch(() => false);
      // It kept the worker from ending.
      endIfUnused();
    }
    return info.kept;
  }

  /**
   * @param {string[]} texts
   * @param {Wish & { interactive: boolean, backend: BackendOption, signal: AbortSignal, onprogress?: (progress: import('./protocol.js').TranslationProgress) => void }} options
   * @returns {Promise<import('./protocol.js').Translated>}
   */
  async translate(texts, { interactive, threads, backend, signal, onprogress }) {
    const params = { key: this.#key, texts, interactive, threads, backend };
    const options = { signal, onprogress: onprogress && onlyForward(onprogress) };
    const attempt = async () => {
      await this.ready({ signal, threads });
      return client.call('translate', params, options);
    };
    return retries.run(attempt, { urgent: interactive, signal });
  }

  /**
   * A text whose translation is told as it comes.
   * @param {string} text
   * @param {Wish & { interactive: boolean, backend: BackendOption, signal: AbortSignal, ontext: (part: import('./protocol.js').Part) => void, onprogress?: (progress: import('./protocol.js').TranslationProgress) => void }} options
   * @returns {Promise<import('./protocol.js').Translated>}
   */
  async stream(text, { interactive, threads, backend, signal, ontext, onprogress }) {
    const params = { key: this.#key, text, interactive, threads, backend };
    const forward = onprogress && onlyForward(onprogress);
    const attempt = async () => {
      await this.ready({ signal, threads });
      return client.call('stream', params, {
        signal,
        onprogress: (told) => ('text' in told ? ontext(told) : forward?.(told)),
      });
    };
    return retries.run(attempt, { urgent: interactive, signal });
  }

  /** Takes the model to the GPU, or finds out why that can't be. @param {AbortSignal} signal */
  attach(signal) {
    const attempt = async () => {
      await this.ready({ signal });
      return client.call('attach', { key: this.#key }, { signal });
    };
    return retries.run(attempt, { urgent: true, signal });
  }
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
function unlessAborted(promise, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
