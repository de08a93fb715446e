// The web's own `Translator` for browsers that have none: the interface of the draft and nothing else,
// with what a browser asks of a page before it downloads something.

import { failure } from './errors.js';
import {
  TRANSLATOR,
  declareInterface,
  expectActiveDocument,
  expectValues,
  toDictionary,
} from './idl.js';
import { CreateMonitor } from './monitor.js';
import { quotaExceededError } from './quota.js';
import { describe, toRequest } from './request.js';
import { Translator as Ours, create } from './translator.js';

/**
 * @typedef {object} Defaults what callers of the web's API can't say
 * @property {import('./pair.js').LanguagePair['registry']} [registry] the list of models, or its
 *   address; `models/registry.json` beside the page if nothing is said
 * @property {URL | string} [workerURL] as in `Translator.create`
 * @property {number} [threads] as in `Translator.create`
 * @property {import('./protocol.js').BackendOption} [backend] as in `Translator.create`
 */

/** @typedef {Defaults & { force?: boolean }} PolyfillOptions `force`: also where the browser has one */

/** The draft's permission, with which a page allows or forbids its frames to translate. */
const FEATURE = 'translator';

/**
 * Defines `globalThis.Translator` where there is none, and `CreateMonitor` and `QuotaExceededError`,
 * which belong to it. Nothing is fetched and no worker starts before it is used.
 * @param {PolyfillOptions} [options]
 * @returns {boolean} whether `Translator` is ours now
 */
export function installPolyfill(options) {
  const { force, ...defaults } = /** @type {PolyfillOptions} */ (
    toDictionary(options, 'The options')
  );
  if ('Translator' in globalThis && !force) return false;
  define('Translator', polyfill(defaults));
  if (force || !('CreateMonitor' in globalThis)) define('CreateMonitor', CreateMonitor);
  if (!('QuotaExceededError' in globalThis)) define('QuotaExceededError', quotaExceededError());
  return true;
}

/** As interfaces of the web are. @param {string} name @param {unknown} value */
function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

/** @param {Defaults} defaults */
function polyfill(defaults) {
  const construct = Symbol('construct');

  class Translator {
    /** @type {Ours} */
    #inner;

    /** @param {unknown[]} values */
    constructor(...values) {
      if (values[0] !== construct) throw new TypeError('Illegal constructor');
      this.#inner = /** @type {Ours} */ (values[1]);
    }

    /** @param {unknown} options */
    static async create(options) {
      expectValues(arguments.length, 1, 'create');
      return new Translator(construct, await create(withDefaults(options), gate));
    }

    /** @param {unknown} options */
    static async availability(options) {
      expectValues(arguments.length, 1, 'availability');
      expectActiveDocument();
      const request = toRequest(withDefaults(options));
      return isAllowed() ? (await describe(request)).availability : 'unavailable';
    }

    get sourceLanguage() {
      return this.#inner.sourceLanguage;
    }

    get targetLanguage() {
      return this.#inner.targetLanguage;
    }

    get inputQuota() {
      return this.#inner.inputQuota;
    }

    /** @param {string} input @param {unknown} options */
    async translate(input, options = undefined) {
      expectValues(arguments.length, 1, 'translate');
      return this.#inner.translate(input, onlySignal(options));
    }

    /** @param {string} input @param {unknown} options */
    translateStreaming(input, options = undefined) {
      const inner = this.#inner;
      expectValues(arguments.length, 1, 'translateStreaming');
      return inner.translateStreaming(input, onlySignal(options));
    }

    /** @param {string} input @param {unknown} options */
    async measureInputUsage(input, options = undefined) {
      expectValues(arguments.length, 1, 'measureInputUsage');
      return this.#inner.measureInputUsage(input, onlySignal(options));
    }

    destroy() {
      this.#inner.destroy();
    }
  }

  declareInterface(Translator, 'Translator', TRANSLATOR);
  return Translator;

  /** @param {unknown} options */
  function withDefaults(options) {
    const { sourceLanguage, targetLanguage, monitor, signal } = toDictionary(options, 'The options');
    return { ...defaults, sourceLanguage, targetLanguage, monitor, signal };
  }
}

/** @param {unknown} options */
function onlySignal(options) {
  const { signal } = toDictionary(options, 'The options');
  return { signal: /** @type {AbortSignal | undefined} */ (signal) };
}

/**
 * What a browser asks of a page before it creates a translator.
 * @type {import('./translator.js').Gate}
 */
function gate() {
  if (!isAllowed())
    throw failure('NotAllowedError', `This page is not allowed to use the feature "${FEATURE}".`);
  const active = hasUserActivation();
  return async (request, signal) => {
    // What the browser notices meanwhile counts as well.
    if (active) return;
    const { availability } = await describe(request, signal);
    if (availability !== 'downloadable' || hasUserActivation()) return;
    throw failure(
      'NotAllowedError',
      'The model must be downloaded first, which may begin only after a click or a key press.',
    );
  };
}

/** Whether the user has just done something. Scripts can't use that up, as a browser's own API does. */
function hasUserActivation() {
  // Browsers without this can't be asked.
  return typeof navigator === 'undefined' || (navigator.userActivation?.isActive ?? true);
}

/** Whether the permissions policy lets this page translate, where the browser knows of such a feature. */
function isAllowed() {
  if (typeof document === 'undefined') return true;
  const { permissionsPolicy, featurePolicy } = /** @type {any} */ (document);
  const policy = permissionsPolicy ?? featurePolicy;
  return !policy?.features().includes(FEATURE) || policy.allowsFeature(FEATURE);
}
