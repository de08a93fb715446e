// What the workers of laboratory and training do alike: sentences of ours, and how they tell of an error.

import { engineError, toPlain } from './errors.js';
import { fetchModule } from './module.js';

// Both are sentences of ours, a column a language.

/** Few, so that it does not take long. */
export async function calibrationText() {
  const url = new URL('./calibration.en-pt.tsv', import.meta.url);
  return (await fetchModule(url, 'default', 'calibration text')).text();
}

/** All of them. */
export async function textToLearnFrom() {
  const url = new URL('./sentences.en-pt.tsv', import.meta.url);
  return (await fetchModule(url, 'default', 'text to learn from')).text();
}

/**
 * The message that tells of an error; after a `dead` one the module can do no more.
 * @param {unknown} error
 * @param {string} what the module is, for people
 * @param {() => number} missing bytes that it could not have, the module's own answer
 * @returns {{ type: 'error' | 'dead', error: import('./errors.js').PlainError }}
 */
export function trouble(error, what, missing) {
  if (!(error instanceof WebAssembly.RuntimeError)) return { type: 'error', error: toPlain(named(error)) };
  const message = `The ${what} ${whyStopped(error, missing())}`;
  return { type: 'dead', error: { name: 'OperationError', message } };
}

/** A module that has no more memory can only stop, but tells what it could not have. @param {Error} error @param {number} missing */
function whyStopped({ message }, missing) {
  if (missing === 0) return `stopped: ${message}`;
  return `ran out of memory: this browser had no ${Math.ceil(missing / 1e6)} MB more for it.`;
}

/** An error as the package names it, or what is left of a module that broke down. @param {unknown} error */
function named(error) {
  // Recipes, texts, options: what the caller gave.
  if (error instanceof Error && error.name === 'InvalidInput') return new TypeError(error.message);
  return engineError(error) ?? error;
}
