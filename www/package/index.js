// The public face of the package.

import { client } from './models.js';
import { registryOf } from './pair.js';
import { describe, toRequest } from './request.js';
import { useWorkerURL } from './spawn.js';

export { Model } from './model.js';
export { CreateMonitor, DownloadProgressEvent } from './monitor.js';
export { installPolyfill } from './polyfill.js';
export { Healing } from './training.js';
export { Translator } from './translator.js';

/** @typedef {import('./protocol.js').ModelInfo} ModelInfo */
/** @typedef {import('./protocol.js').ModelDescription} ModelDescription */
/** @typedef {import('./protocol.js').TranslationProgress} TranslationProgress */
/** @typedef {import('./protocol.js').BackendOption} BackendOption */
/** @typedef {import('./protocol.js').BackendInfo} BackendInfo */
/** @typedef {import('./protocol.js').Facts} Facts */
/** @typedef {import('./request.js').Availability} Availability */
/** @typedef {import('./request.js').Description} Description */
/** @typedef {import('./request.js').TranslatorOptions} TranslatorOptions */
/** @typedef {import('./translator.js').CreateOptions} CreateOptions */
/** @typedef {import('./translator.js').TranslateOptions} TranslateOptions */
/** @typedef {import('./polyfill.js').PolyfillOptions} PolyfillOptions */

/**
 * Ours: what a translator would need before it is created: the size of the download, the model's
 * licence and credit.
 * @param {TranslatorOptions} options
 * @returns {Promise<Description>}
 */
export async function describeModel(options) {
  const { identity: _, ...description } = await describe(toRequest(options));
  return description;
}

/**
 * Ours: the models that a registry lists, with the size of their downloads.
 * @param {{ registry?: import('./pair.js').LanguagePair['registry'] } & import('./request.js').WorkerOption} [options]
 * @returns {Promise<import('./protocol.js').ListedModel[]>}
 */
export async function listModels(options = {}) {
  useWorkerURL(options);
  return client.call('list', { registry: registryOf(options) });
}
