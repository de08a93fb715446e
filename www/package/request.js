// What callers ask for, as the worker is asked for it, and what is known of that before it is loaded.

import { isIdentity } from './languages.js';
import { Model, fileOf } from './model.js';
import { SharedModel, client } from './models.js';
import { toPair } from './pair.js';
import { useWorkerURL } from './spawn.js';
import { absolute } from './url.js';

/** @typedef {import('./protocol.js').ModelRequest} ModelRequest */
/** @typedef {'unavailable' | 'downloadable' | 'downloading' | 'available'} Availability */

/**
 * @typedef {object} ModelOption
 * @property {URL | string | Blob | Model} [model] a package file (`*.safetensors`, plain or gzip), or a
 *   model of the laboratory, instead of the registry's; a file at the same URL is taken to stay the same
 */

/** @typedef {import('./spawn.js').WorkerOption} WorkerOption */
/** @typedef {import('./pair.js').LanguagePair & ModelOption & WorkerOption} TranslatorOptions */

/** @typedef {import('./protocol.js').ModelDescription} ModelDescription */
/** @typedef {Omit<ModelDescription, 'availability' | 'source' | 'target'> & { availability: Availability }} Description */

/** @param {unknown} options @returns {ModelRequest} */
export function toRequest(options) {
  const given = /** @type {TranslatorOptions} */ (options);
  const request = { ...toPair(given), model: toFile(given.model) };
  useWorkerURL(given);
  return request;
}

/** @param {TranslatorOptions['model']} model */
function toFile(model) {
  if (model instanceof Model) return fileOf(model);
  return model === undefined || model instanceof Blob ? model : absolute(model, 'model');
}

/**
 * `identity` says that there is no model because none is needed.
 * @param {ModelRequest} request
 * @param {AbortSignal} [signal]
 * @returns {Promise<Description & { identity: boolean }>}
 */
export async function describe(request, signal) {
  const { source: _, target: __, ...description } = await client.call('describe', request, { signal });
  const identity = description.availability === 'unavailable' && isIdentity(request);
  return { ...description, identity, availability: availabilityOf() };

  /** @returns {Availability} */
  function availabilityOf() {
    if (identity) return 'available';
    // The worker knows only what is stored.
    const state = SharedModel.stateOf(request);
    return state ?? description.availability;
  }
}

/**
 * The model in use that serves a request, or a new one. Counts one more user, as `SharedModel.acquire`.
 * @param {ModelRequest} request
 * @param {AbortSignal} signal
 */
export async function acquire(request, signal) {
  if (!SharedModel.mayBeHere(request)) return SharedModel.acquire(request);
  const { source, target } = await client.call('describe', request, { signal });
  const listed = source === undefined || target === undefined ? undefined : { source, target };
  return SharedModel.acquire(request, listed);
}
