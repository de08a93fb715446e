// URLs as callers give them.

/**
 * @param {URL | string} url perhaps relative to the page
 * @param {string} option what it was given for, for the error
 */
export function absolute(url, option) {
  try {
    return new URL(url, document.baseURI).href;
  } catch {
    throw new TypeError(`${option}: "${url}" is not a URL.`);
  }
}
