// Where in a recipe a message of the compressor belongs: "step 2 (prune): key `sparsity`: expected …".

/** @typedef {{ step?: number, key?: string, text: string }} Problem */

const STEP = /\bstep (\d+)(?: \([a-z_]+\))?: (.*)/s;
const KEYS = [/^key `(\w+)`: (.*)/s, /^(?:missing|unknown) field `(\w+)`/];

/** @param {string} message @returns {Problem} its step, counted from 0, and its key, where it names them */
export function locate(message) {
  const found = STEP.exec(message);
  if (!found) return { text: message };
  const [, number, rest] = found;
  const key = KEYS.map((pattern) => pattern.exec(rest)).find((match) => match !== null);
  return { step: Number(number) - 1, key: key?.[1], text: key?.[2] ?? rest };
}
