// From the worker to its page.

import { toPlain } from './errors.js';

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @param {import('./protocol.js').FromWorker} message */
export function post(message) {
  scope.postMessage(message);
}

/** After a trap or a failed start nothing can be trusted: the page replaces this worker. @param {unknown} error */
export function die(error) {
  post({ type: 'dead', error: toPlain(error) });
}
