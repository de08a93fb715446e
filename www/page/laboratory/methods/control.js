// What a key of a step may be, for those who draw it. A control is a value with a way to a new step:
// steps are plain objects and are never changed in place.

/** @typedef {{ method: string } & Record<string, unknown>} Step */

/**
 * @typedef {object} Control
 * @property {string} id names its texts: `texts.methods.METHOD.fields.ID`
 * @property {string[]} keys of the recipe that it sets
 * @property {'choice' | 'number' | 'share' | 'switch' | 'layers'} kind
 * @property {unknown} value as the step has it, else what the recipe format takes in its place
 * @property {(value: any) => Step} set the step with another value
 * @property {string[]} [options] of a choice
 * @property {string[]} [closed] those that can't be chosen now
 * @property {number} [least] of a number
 * @property {number} [most]
 * @property {boolean} [whole] a number without a fraction
 */

/** @param {Step} step @param {string[]} keys @returns {Step} */
export function without(step, ...keys) {
  const kept = Object.entries(step).filter(([key]) => key === 'method' || !keys.includes(key));
  return { method: step.method, ...Object.fromEntries(kept) };
}

/** @param {Step} step @param {string} key */
const setter = (step, key) => (/** @type {unknown} */ value) => ({ ...step, [key]: value });

/** @param {Step} step @param {string} key @param {string[]} options @param {string} fallback @returns {Control} */
export function choice(step, key, options, fallback) {
  const value = step[key] ?? fallback;
  return { id: key, keys: [key], kind: 'choice', options, value, set: setter(step, key) };
}

/**
 * @param {Step} step @param {string} key
 * @param {{ least: number, most: number, whole: boolean }} range
 * @param {number} [fallback] none where the key must be there
 * @returns {Control}
 */
export function number(step, key, range, fallback) {
  const value = step[key] ?? fallback;
  return { id: key, keys: [key], kind: 'number', ...range, value, set: setter(step, key) };
}

/** Above 0 and below 1, drawn in per cent. @param {Step} step @param {string} key @returns {Control} */
export function share(step, key) {
  return { id: key, keys: [key], kind: 'share', value: step[key], set: setter(step, key) };
}

/** @param {Step} step @param {string} key @param {boolean} fallback @returns {Control} */
export function toggle(step, key, fallback) {
  const value = step[key] ?? fallback;
  return { id: key, keys: [key], kind: 'switch', value, set: setter(step, key) };
}

/**
 * Which one of several keys a step has, as a choice of its own.
 * @param {Step} step @param {string} id
 * @param {Record<string, unknown>} alternatives with the value that each begins with
 * @returns {Control}
 */
export function either(step, id, alternatives) {
  const options = Object.keys(alternatives);
  const value = options.find((key) => key in step) ?? options[0];
  return {
    id,
    keys: [],
    kind: 'choice',
    options,
    value,
    set: (key) => ({ ...without(step, ...options), [key]: alternatives[key] }),
  };
}

/** As far as the recipe format goes in counting. */
export const MOST = 2 ** 32 - 1;
/** From 1 on. */
export const COUNT = { least: 1, most: MOST, whole: true };
