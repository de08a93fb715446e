// The registry: a small JSON file that lists models, their places, lengths and hashes.

import { failure } from './errors.js';
import { fit } from './languages.js';
import * as storage from './storage.js';

/**
 * One model: `bytes` and `sha256` mean the file as downloaded, `size` the unpacked package.
 * @typedef {object} RegistryEntry
 * @property {string} source
 * @property {string} target
 * @property {string} url absolute
 * @property {number} bytes
 * @property {string} sha256 64 hexadecimal digits
 * @property {string} place in this registry, whatever version is listed there
 * @property {number} size
 * @property {string} [licence]
 * @property {string} [credit]
 * @property {string} [sourceUrl] where the weights come from
 */

/**
 * A registry that the page gives itself.
 * @typedef {object} Given
 * @property {string} text
 * @property {string} base what its URLs are relative to
 */

/** With a copy at hand, a slow network is not waited for longer than this. */
const PATIENCE_MS = 3000;
/** No model of this engine comes near; a larger figure is a mistake and is never allocated. */
const MAX_BYTES = 2 ** 30;
const LANGUAGE_TAG = /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i;

/**
 * The newest registry that can be had: from the network, else the copy kept at the last visit.
 * @param {string | Given} registry its URL, or itself
 * @param {AbortSignal} signal
 * @returns {Promise<RegistryEntry[]>}
 */
export async function fetchRegistry(registry, signal) {
  if (typeof registry !== 'string') return parseRegistry(registry.text, registry.base, 'given as "registry"');
  const url = registry;
  const reading = storage.readText(url);
  try {
    const text = await fetchText(url, signal, reading);
    const entries = parseRegistry(text, url);
    // Nobody waits for that.
    void reading.then((kept) => (text === kept ? undefined : storage.keepText(url, text)));
    return entries;
  } catch (error) {
    const kept = await reading;
    const unreachable = error instanceof DOMException && error.name === 'NetworkError';
    if (signal.aborted || kept === undefined || !unreachable) throw error;
    return parseRegistry(kept, url);
  }
}

/** @typedef {{ registry: string | Given, sourceLanguage: string, targetLanguage: string }} Pair */

/**
 * The entry for a language pair.
 * @param {Pair} pair
 * @param {AbortSignal} signal
 */
export async function locatePair({ registry, sourceLanguage, targetLanguage }, signal) {
  return findPair(await fetchRegistry(registry, signal), sourceLanguage, targetLanguage);
}

/** What to say where there is none. @param {Pair} pair */
export function noModel({ sourceLanguage, targetLanguage }) {
  return failure('NotSupportedError', `There is no model from ${sourceLanguage} to ${targetLanguage}.`);
}

/**
 * The entry that serves best: first by the source language, then by the target.
 * @param {RegistryEntry[]} entries
 * @param {string} sourceLanguage
 * @param {string} targetLanguage
 * @returns {RegistryEntry | undefined}
 */
export function findPair(entries, sourceLanguage, targetLanguage) {
  const fits = entries.flatMap((entry) => {
    const [source, target] = [fit(entry.source, sourceLanguage), fit(entry.target, targetLanguage)];
    return source === undefined || target === undefined ? [] : [{ entry, source, target }];
  });
  fits.sort((a, b) => a.source - b.source || a.target - b.target);
  return fits[0]?.entry;
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 * @param {Promise<string | undefined>} reading a copy at hand, if there is one
 */
async function fetchText(url, signal, reading) {
  const controller = new AbortController();
  const stop = () => controller.abort();
  signal.addEventListener('abort', stop, { once: true });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let settled = false;
  void reading.then((kept) => {
    if (kept !== undefined && !settled) timer = setTimeout(stop, PATIENCE_MS);
  });
  try {
    signal.throwIfAborted();
    const response = await fetch(url, { cache: 'no-cache', signal: controller.signal });
    if (!response.ok) {
      throw failure(
        'NetworkError',
        `The list of models could not be had: the server answered ${response.status} for ${url}.`,
      );
    }
    return await response.text();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DOMException && error.name === 'NetworkError') throw error;
    throw failure(
      'NetworkError',
      'The list of models could not be reached. Is the device offline?',
    );
  } finally {
    settled = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/**
 * What it accepts, `registry.schema.json` describes.
 * @param {string} text
 * @param {string} url of the registry; the models' URLs are relative to it
 * @param {string} where it is, for people
 * @returns {RegistryEntry[]}
 */
export function parseRegistry(text, url, where = `at ${url}`) {
  /** @param {string} what @returns {never} */
  const reject = (what) => {
    throw failure('DataError', `The list of models ${where} is not understood: ${what}.`);
  };
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    reject('it is not JSON');
  }
  if (json?.format !== 1) reject(`"format" must be 1, not ${JSON.stringify(json?.format)}`);
  if (!Array.isArray(json.models)) reject('"models" must be an array');
  return json.models.map((/** @type {any} */ model, /** @type {number} */ i) => {
    /** @param {string} key @param {boolean} valid @param {string} expected */
    const check = (key, valid, expected) => {
      if (!valid) reject(`models[${i}].${key} must be ${expected}`);
    };
    for (const key of ['source', 'target']) {
      const valid = typeof model?.[key] === 'string' && LANGUAGE_TAG.test(model[key]);
      check(key, valid, 'a language tag such as "en"');
    }
    check('url', typeof model.url === 'string' && model.url !== '', 'a URL');
    for (const key of ['bytes', 'size']) {
      const valid = Number.isInteger(model[key]) && model[key] > 0 && model[key] <= MAX_BYTES;
      check(key, valid, `a whole number of bytes up to ${MAX_BYTES}`);
    }
    check('sha256', /^[0-9a-f]{64}$/i.test(model.sha256), '64 hexadecimal digits');
    for (const key of ['licence', 'credit', 'sourceUrl']) {
      check(key, model[key] === undefined || typeof model[key] === 'string', 'a string');
    }
    let address = '';
    try {
      address = new URL(model.url, url).href;
    } catch {
      check('url', false, 'a URL');
    }
    return {
      source: model.source.toLowerCase(),
      target: model.target.toLowerCase(),
      url: address,
      bytes: model.bytes,
      sha256: model.sha256.toLowerCase(),
      place: storage.placeOf(url, model.source.toLowerCase(), model.target.toLowerCase()),
      size: model.size,
      licence: model.licence,
      credit: model.credit,
      sourceUrl: model.sourceUrl,
    };
  });
}
