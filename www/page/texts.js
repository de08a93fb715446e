// The texts in the language of the page. Modules read `texts` when they draw, so that another language
// is there with the next drawing.

import { texts as page } from './texts.en.js';

/** @typedef {import('./texts.en.js').Texts} Texts */
/** @typedef {keyof typeof others | 'en'} PageLanguage */

const KEY = 'pocketglot.language';

/** Loaded by who reads them. */
const others = {
  'zh-Hant': () => import('./texts.zh-Hant.js'),
};

/** Nobody reads those of the laboratory before they are there: they come with its code. */
let english = /** @type {Texts} */ (page);

export let texts = english;

/** The one that was chosen before, else the first of the visitor's own that the page has. */
export function preferredLanguage() {
  return readLanguage() ?? navigator.languages.map(known).find((language) => language) ?? 'en';
}

/**
 * @param {PageLanguage} language
 * @param {() => boolean} isWanted still, when it has arrived
 */
export async function loadTexts(language, isWanted) {
  const loaded = language === 'en' ? english : (await others[language]()).texts;
  if (isWanted()) texts = loaded;
}

/** @param {typeof import('./texts.en.js').laboratory} more in English; other languages have all in one */
export function addTexts(more) {
  const isEnglish = texts === english;
  english = { ...english, ...more };
  if (isEnglish) texts = english;
}

/** @param {string} tag such as "zh-TW" @returns {PageLanguage | undefined} */
function known(tag) {
  let locale;
  try {
    locale = new Intl.Locale(tag).maximize();
  } catch {
    return undefined;
  }
  if (locale.language === 'en') return 'en';
  return locale.language === 'zh' && locale.script === 'Hant' ? 'zh-Hant' : undefined;
}

/** @returns {PageLanguage | undefined} */
function readLanguage() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'en' || kept === 'zh-Hant' ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** @param {PageLanguage} language */
export function keepLanguage(language) {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Storage is forbidden or full: the choice holds until the page is left.
  }
}
