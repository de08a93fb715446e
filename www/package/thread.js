// A helper's worker: joins the engine's memory and takes work from its queue until that is closed. It
// hears one message, the first.

import { holdLock } from './alive.js';
import { toPlain } from './errors.js';
import { join } from './start.js';

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @param {import('./threads.js').FromThread} message */
function post(message) {
  scope.postMessage(message);
}

scope.onmessage = async ({ data }) => {
  /** @type {ReturnType<typeof join>} */
  let engine;
  try {
    engine = join(data);
  } catch {
    post({ type: 'failed' });
    return;
  }
  // From here on it hears nothing.
  post({ type: 'started', lock: await holdLock() });
  try {
    engine.help();
    post({ type: 'ended' });
  } catch (error) {
    engine.break_down();
    post({ type: 'broken', message: toPlain(error).message });
  }
};
scope.onmessageerror = () => post({ type: 'failed' });
