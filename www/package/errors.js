// Errors as the web platform names them: a DOMException, or TypeError and RangeError for wrong
// arguments. They cross the worker's border as { name, message }.

/** @typedef {{ name: string, message: string }} PlainError */

/**
 * @param {string} name one of the DOMException names of the Translator API
 * @param {string} message what happened, in words for people
 */
export function failure(name, message) {
  return new DOMException(message, name);
}

/** The error of a call that was given up without a reason of its own. */
export function abortError(message = 'The call was aborted.') {
  return failure('AbortError', message);
}

/**
 * @param {unknown} error
 * @returns {PlainError}
 */
export function toPlain(error) {
  if (error instanceof Error || error instanceof DOMException) {
    return { name: error.name, message: error.message };
  }
  return { name: 'OperationError', message: String(error) };
}

/**
 * @param {PlainError} plain
 * @returns {Error}
 */
export function fromPlain({ name, message }) {
  if (name === 'TypeError') return new TypeError(message);
  if (name === 'RangeError') return new RangeError(message);
  return failure(name, message);
}

/** Errors that the engine reports and survives; any other exception leaves it in an unknown state. */
const NAMES = new Map([
  ['Malformed', 'DataError'],
  ['Unsupported', 'NotSupportedError'],
  ['InvalidInput', 'OperationError'],
  ['Io', 'OperationError'],
  ['Device', 'OperationError'],
  ['Internal', 'OperationError'],
]);

/**
 * @param {unknown} error
 * @returns {DOMException | undefined} undefined if the engine broke down
 */
export function engineError(error) {
  const { name, message } = /** @type {{ name?: string, message?: string }} */ (Object(error));
  const known = NAMES.get(name ?? '');
  return known === undefined ? undefined : failure(known, message ?? '');
}

/**
 * Decimal megabytes with one digit, as download sizes are usually given.
 * @param {number} bytes
 */
export function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
