// What the element says, in English. Others give an object or JSON with the same keys.

/**
 * @typedef {object} Labels
 * @property {string} locale of these words: languages are named and numbers are written as it does
 * @property {string} source name of the field for the text, for screen readers
 * @property {string} target name of the translation, for screen readers
 * @property {string} placeholder in the field while it is empty; the attribute `placeholder` goes first
 * @property {string} swap
 * @property {string} copy
 * @property {string} copied
 * @property {string} copyFailed
 * @property {string} idle while there is nothing else to say
 * @property {string} loading
 * @property {string} loaded of a download: `{loaded}` and `{total}` are megabytes
 * @property {string} translating
 * @property {string} cancelled
 * @property {string} start a button: the text is there, and its translation was not asked for yet
 * @property {string} cancel a button
 * @property {string} retry a button
 * @property {Record<string, string>} errors by the `name` of the error, such as `NetworkError`; what is
 *   missing is said by the error's own message
 */

/** @type {Labels} */
export const ENGLISH = {
  locale: 'en',
  source: 'Text to translate',
  target: 'Translation',
  placeholder: 'Type or paste a text',
  swap: 'Swap languages',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The browser did not allow copying; the translation is selected instead.',
  idle: 'Translated on this device, without a server.',
  loading: 'Loading the model',
  loaded: '{loaded} of {total} MB',
  translating: 'Translating',
  cancelled: 'Cancelled. The text is still here.',
  start: 'Translate',
  cancel: 'Cancel',
  retry: 'Try again',
  errors: {},
};

/** A language in words, or its tag where there are none. @param {string} tag @param {string} locale */
export function languageName(tag, locale) {
  try {
    return new Intl.DisplayNames([locale], { type: 'language' }).of(tag) ?? tag;
  } catch {
    // It is no language tag: the translator says so when it is asked for.
    return tag;
  }
}

/** @param {Labels} labels @param {{ loaded: number, total: number }} bytes */
export function bytesLoaded({ loaded: template, locale }, bytes) {
  const one = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return template
    .replace('{loaded}', one.format(bytes.loaded / 1e6))
    .replace('{total}', one.format(bytes.total / 1e6));
}
