// A language pair and the registry that lists its model, as callers give them.

import { toDictionary } from './idl.js';
import { canonicalTag } from './languages.js';
import { absolute } from './url.js';

/**
 * @typedef {object} LanguagePair
 * @property {string} sourceLanguage BCP 47 tag of the texts, such as "en" or "en-US"
 * @property {string} targetLanguage BCP 47 tag of the translations, such as "pt-BR"
 * @property {URL | string | Registry} [registry] the list of models, or its address;
 *   `models/registry.json` beside the page if nothing is said. URLs are relative to the page, in Node.js
 *   to the working directory
 */

/**
 * The list itself, as the packages of models have it.
 * @typedef {object} Registry
 * @property {number} format
 * @property {object[]} models as in the file; URLs are relative to the page
 */

/** Relative to the page. */
const REGISTRY = 'models/registry.json';

/**
 * The registry's address, or what it holds.
 * @param {{ registry?: URL | string | Registry }} options
 * @returns {string | import('./registry.js').Given}
 */
export function registryOf({ registry = REGISTRY }) {
  if (typeof registry === 'object' && registry !== null && !('href' in registry)) {
    // The folder, since what is listed there takes the place of what was before, whatever the page's query.
    return { text: JSON.stringify(registry), base: absolute('.', 'registry') };
  }
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
