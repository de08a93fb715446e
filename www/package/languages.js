// BCP 47 language tags: checked, put in canonical form, and matched from the special to the general.

import { failure } from './errors.js';

/**
 * @param {unknown} tag
 * @param {string} option the option's name, for the error
 * @returns {string} the canonical tag, such as `pt-BR` for `PT-br`
 */
export function canonicalTag(tag, option) {
  if (typeof tag !== 'string') {
    throw new TypeError(`${option} must be a language tag such as "en", not ${describe(tag)}.`);
  }
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    throw new RangeError(`${option}: "${tag}" is not a language tag such as "en" or "pt-BR".`);
  }
}

/**
 * The tags that may stand for `tag`, most special first: `zh-Hant-TW`, `zh-Hant`, `zh`.
 * @param {string} tag
 */
export function fallbacks(tag) {
  const parts = tag.toLowerCase().split('-');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('-'));
}

/**
 * Whether a model made for `offered` serves someone who asks for `wanted`.
 * @param {string} wanted
 * @param {string} offered
 */
export function serves(offered, wanted) {
  return fallbacks(wanted).includes(offered.toLowerCase());
}

/**
 * Throws NotSupportedError unless a model serves someone who asks for a language pair.
 * @param {{ source: string, target: string }} model
 * @param {{ sourceLanguage: string, targetLanguage: string }} wanted
 */
export function expectServes({ source, target }, { sourceLanguage, targetLanguage }) {
  if (serves(source, sourceLanguage) && serves(target, targetLanguage)) return;
  throw failure(
    'NotSupportedError',
    `The model translates from ${source} to ${target}, not from ${sourceLanguage} to ${targetLanguage}.`,
  );
}

/** @param {unknown} value */
function describe(value) {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
