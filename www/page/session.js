// What must survive a reload: the text in session storage, the direction in the address.

import { pairs } from './languages.js';

/** @typedef {import('./languages.js').Pair} Pair */

const TEXT = 'pocketglot.text';

export function readText() {
  try {
    return sessionStorage.getItem(TEXT) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} text */
export function keepText(text) {
  try {
    sessionStorage.setItem(TEXT, text);
  } catch {
    // Storage is forbidden or full: the text lives on in the page itself.
  }
}

/** @returns {Pair} */
export function readPair() {
  const name = location.hash.slice(1);
  return pairs.find(({ source, target }) => `${source}-${target}` === name) ?? pairs[0];
}

/** @param {Pair} pair */
export function keepPair({ source, target }) {
  history.replaceState(null, '', `#${source}-${target}`);
}
