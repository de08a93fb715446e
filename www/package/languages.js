// BCP 47 language tags: checked, put in canonical form, and matched.

import { failure } from './errors.js';
import { toText } from './idl.js';

/**
 * @param {unknown} value
 * @param {string} option the option's name, for the error
 * @returns {string} the canonical tag, such as `pt-BR` for `PT-br`
 */
export function canonicalTag(value, option) {
  if (value === undefined) {
    throw new TypeError(`${option} is missing: give a language tag such as "en".`);
  }
  const tag = toText(value, option);
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

/** Worse than whatever `fallbacks` finds. */
const SAME_REGION = 100;
const SAME_SCRIPT = 101;

/**
 * How well a model made for `offered` serves someone who asks for `wanted`, smaller is better: the tag
 * itself, then what is more general (`pt` for `pt-BR`), then what is written in the same language and
 * script (`pt-BR` for `pt`, `zh-Hans` for `zh-CN`).
 * @param {string} offered
 * @param {string} wanted
 * @returns {number | undefined} undefined if it does not
 */
export function fit(offered, wanted) {
  const place = fallbacks(wanted).indexOf(offered.toLowerCase());
  if (place >= 0) return place;
  const [one, other] = [likely(offered), likely(wanted)];
  if (!one || !other || !areOneLanguage(one, other)) return undefined;
  return one.region === other.region ? SAME_REGION : SAME_SCRIPT;
}

/** @param {string} offered @param {string} wanted */
export function serves(offered, wanted) {
  return fit(offered, wanted) !== undefined;
}

/**
 * Whether a text in one language is a text in the other: `en-US` and `en-GB`, but neither `zh-Hans` and
 * `zh-Hant` nor `en` and `pt`.
 * @param {{ sourceLanguage: string, targetLanguage: string }} pair
 */
export function isIdentity({ sourceLanguage, targetLanguage }) {
  return serves(sourceLanguage, targetLanguage);
}

/** With the script and the region that most people mean. @param {string} tag */
function likely(tag) {
  try {
    return new Intl.Locale(tag).maximize();
  } catch {
    // A registry may hold any text.
    return undefined;
  }
}

/** @param {Intl.Locale} one @param {Intl.Locale} other */
function areOneLanguage(one, other) {
  return one.language === other.language && one.script === other.script;
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
