// Care for JavaScript strings before they reach the engine.

/**
 * Lone surrogates have no UTF-8 form: each becomes U+FFFD, as `String.prototype.toWellFormed` does.
 * @param {string} text
 */
export function wellFormed(text) {
  const string = /** @type {string & { toWellFormed?: () => string }} */ (text);
  return string.toWellFormed ? string.toWellFormed() : text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/**
 * Nothing but white space and characters that nobody sees, such as control characters: there is nothing
 * to translate.
 * @param {string} text
 */
export function isBlank(text) {
  return /^[\s\p{Cc}\p{Cf}]*$/u.test(text);
}
