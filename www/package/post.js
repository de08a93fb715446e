// From the worker to its page.

import { toPlain } from './errors.js';

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @param {import('./protocol.js').FromWorker} message */
export function post(message) {
  scope.postMessage(message);
}

/**
 * After a trap or a failed start nothing can be trusted: the page replaces this worker.
 * @param {unknown} error
 * @param {{ isLasting?: boolean }} [options] whether the next worker would fail as well, as far as one knows
 */
export function die(error, { isLasting = false } = {}) {
  post({ type: 'dead', error: toPlain(error), isLasting });
}
