// A language pair and the registry that lists its model, as callers give them.

import { toDictionary } from './idl.js';
import { canonicalTag } from './languages.js';
import { absolute } from './url.js';

/**
 * @typedef {object} LanguagePair
 * @property {string} sourceLanguage BCP 47 tag of the texts, such as "en" or "en-US"
 * @property {string} targetLanguage BCP 47 tag of the translations, such as "pt-BR"
 * @property {URL | string} [registry] the list of models; `models/registry.json` beside the page if
 *   nothing is said. URLs are relative to the page, in Node.js to the working directory
 */

/** Relative to the page. */
const REGISTRY = 'models/registry.json';

/** The registry's address. @param {{ registry?: URL | string }} options */
export function registryOf({ registry = REGISTRY }) {
  return absolute(registry, 'registry');
}

/** The same, checked and in canonical form. @param {LanguagePair} options */
export function toPair(options) {
  toDictionary(options, 'The options');
  if (options === undefined || options === null)
    throw new TypeError('The languages are missing: give { sourceLanguage, targetLanguage }.');
  return {
    sourceLanguage: canonicalTag(options.sourceLanguage, 'sourceLanguage'),
    targetLanguage: canonicalTag(options.targetLanguage, 'targetLanguage'),
    registry: registryOf(options),
  };
}
