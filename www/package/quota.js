// How much one call may translate. The draft leaves that to the implementation; ours is a matter of
// memory: sentences wait there, prepared, until their turn comes.

/** UTF-16 units of a text, about 500 pages: while it is translated as a whole, the engine takes 90 MB more. */
export const INPUT_QUOTA = 2 ** 20;

/** A text's length, in UTF-16 units; the least is 1. @param {string} text */
export function usageOf(text) {
  return Math.max(text.length, 1);
}

/** @typedef {{ quota: number, requested: number }} Excess */

/**
 * The class of the web where the browser has it.
 * @returns {new (message: string, options: Excess) => DOMException}
 */
export function quotaExceededError() {
  return /** @type {any} */ (globalThis).QuotaExceededError ?? QuotaExceededError;
}

/** For browsers that have no class for it yet. */
class QuotaExceededError extends DOMException {
  #excess;

  /** @param {string} message @param {Excess} excess */
  constructor(message, { quota, requested }) {
    super(message, 'QuotaExceededError');
    this.#excess = { quota, requested };
  }

  /** What may be used. */
  get quota() {
    return this.#excess.quota;
  }

  /** What would have been. */
  get requested() {
    return this.#excess.requested;
  }
}

/** Throws QuotaExceededError if it is too long. @param {string} text */
export function expectWithinQuota(text) {
  const requested = usageOf(text);
  if (requested <= INPUT_QUOTA) return;
  throw new (quotaExceededError())(
    `The text has ${requested} UTF-16 units; one call translates at most ${INPUT_QUOTA}. Translate it in parts.`,
    { quota: INPUT_QUOTA, requested },
  );
}
