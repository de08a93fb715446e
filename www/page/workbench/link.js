// A link that carries a recipe: after the languages in the address, with the fingerprints of the model
// and of the text that it was calibrated with.

import { nameOf } from '../languages.js';

/** @typedef {import('../languages.js').Pair} Pair */
/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */

/**
 * @typedef {object} Link
 * @property {Recipe} recipe
 * @property {string} [model] the fingerprint of the model's file
 * @property {string} [calibration] that of the calibration text, where the recipe needs one
 */

/** Hexadecimal digits of a SHA-256: enough to tell files apart. */
const DIGITS = 16;

/** @param {Blob} file */
export async function fingerprint(file) {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0'));
  return hex.join('').slice(0, DIGITS);
}

/** @param {Pair} pair @param {Link} link @returns {string} an address */
export function addressOf(pair, { recipe, model, calibration }) {
  const carried = new URLSearchParams({ recipe: JSON.stringify(recipe) });
  if (model) carried.set('model', model);
  if (calibration) carried.set('calibration', calibration);
  const url = new URL(location.href);
  url.search = '';
  url.hash = `${nameOf(pair)}?${carried}`;
  return url.href;
}

/**
 * What an address carries. Whether the recipe is one is the laboratory's to say.
 * @param {string} hash of the address
 * @returns {Link | 'broken' | undefined}
 */
export function readLink(hash) {
  const query = hash.split('?').slice(1).join('?');
  const carried = new URLSearchParams(query);
  const text = carried.get('recipe');
  if (text === null) return undefined;
  try {
    const recipe = JSON.parse(text);
    if (!Array.isArray(recipe?.step) || recipe.step.length === 0 || !recipe.step.every(isStep)) return 'broken';
    const [model, calibration] = ['model', 'calibration'].map((key) => carried.get(key) ?? undefined);
    return { recipe: { step: recipe.step }, model, calibration };
  } catch {
    return 'broken';
  }
}

/** Whether it has a step's form; the laboratory knows which there are. @param {unknown} step */
function isStep(step) {
  if (typeof step !== 'object' || step === null) return false;
  if (!('method' in step) || typeof step.method !== 'string') return false;
  const isPlain = (/** @type {unknown} */ value) => ['string', 'number', 'boolean'].includes(typeof value);
  return Object.values(step).every((value) => isPlain(value) || (Array.isArray(value) && value.every(isPlain)));
}
