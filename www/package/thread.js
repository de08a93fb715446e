// A helper's worker: joins the engine's memory and takes work from its queue until that is closed. Its
// page gives it the port by which it speaks with the engine's worker, and that tells it one thing.

import { holdLock } from './alive.js';
import { toPlain } from './errors.js';
import { join } from './start.js';

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @type {MessagePort} */
let port;

/** @param {import('./threads.js').FromThread} message */
function post(message) {
  port.postMessage(message);
}

// Whoever started it waits for a sign that it is there.
scope.postMessage('here');
// The engine tells its news by this function.
scope.postMessage = post;

/** @param {MessageEvent} event */
async function help({ data }) {
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
}

scope.onmessage = ({ data }) => {
  port = data;
  port.onmessage = help;
  port.onmessageerror = () => post({ type: 'failed' });
};
