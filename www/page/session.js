// What must survive a reload: the text in session storage, the direction in the address.

import { firstPairs, nameOf } from './languages.js';

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

/** The pair that the address names, if it is one. @returns {Pair} */
export function readPair() {
  const [name] = location.hash.slice(1).split('?');
  const [, source, target] = /^([a-z]{2,3})-([a-z]{2,3})$/.exec(name) ?? [];
  return source ? { source, target } : firstPairs[0];
}

/** @param {Pair} pair */
export function keepPair(pair) {
  history.replaceState(null, '', `#${nameOf(pair)}`);
}
