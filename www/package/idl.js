// Web IDL, as far as the Translator API needs it: how arguments are converted, and what an interface
// looks like from outside.

/** @param {unknown} value @param {string} what for the error @returns {string} */
export function toText(value, what) {
  if (typeof value === 'symbol') throw new TypeError(`${what} must be a string, not a symbol.`);
  return `${value}`;
}

/**
 * A dictionary of options: nothing at all is an empty one.
 * @param {unknown} value
 * @param {string} what for the error
 * @returns {Record<string, unknown>}
 */
export function toDictionary(value, what) {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' && typeof value !== 'function')
    throw new TypeError(`${what} must be an object, not ${typeof value}.`);
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {unknown} value @param {string} what @returns {((...values: any[]) => unknown) | undefined} */
export function toFunction(value, what) {
  if (value !== undefined && typeof value !== 'function')
    throw new TypeError(`${what} must be a function.`);
  return /** @type {((...values: any[]) => unknown) | undefined} */ (value);
}

/** @param {unknown} value @returns {AbortSignal | undefined} */
export function toSignal(value) {
  if (value !== undefined && !(value instanceof AbortSignal))
    throw new TypeError('signal must be an AbortSignal.');
  return value;
}

/** @param {number} count of arguments @param {number} least @param {string} method */
export function expectValues(count, least, method) {
  if (count >= least) return;
  throw new TypeError(`${method}: ${least} argument is required, but there are ${count}.`);
}

/** A frame that was taken out of its page, for example, has no use for anything. */
export function expectActiveDocument() {
  // Workers and Node.js have none, and need none.
  if (typeof document !== 'undefined' && document.defaultView === null)
    throw new DOMException('The page that this belongs to is no longer there.', 'InvalidStateError');
}

/** The interface of the draft. */
export const TRANSLATOR = {
  statics: ['create', 'availability'],
  members: [
    ...['sourceLanguage', 'targetLanguage', 'inputQuota'],
    ...['translate', 'translateStreaming', 'measureInputUsage', 'destroy'],
  ],
};

/**
 * Makes a class look like an interface of the web: its members are enumerable, it has a tag, and the
 * number of arguments that it says it takes.
 * @param {Function} type
 * @param {string} name
 * @param {{ statics?: string[], members?: string[] }} [parts]
 */
export function declareInterface(type, name, { statics = [], members = [] } = {}) {
  Object.defineProperty(type, 'name', { value: name });
  Object.defineProperty(type, 'length', { value: 0 });
  for (const member of statics) Object.defineProperty(type, member, { enumerable: true });
  for (const member of members) Object.defineProperty(type.prototype, member, { enumerable: true });
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
}
