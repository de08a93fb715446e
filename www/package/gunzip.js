// A worker that only unpacks gzip, so that the engine's own thread is free meanwhile. By the port that its
// page gives it, it says "started", is sent pieces of a file and then "end", and sends back pieces of what
// they hold, and then "end" or "damaged". At some time it names the lock by which one sees that it is there.

import { holdLock } from './alive.js';

const worker = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const { readable, writable } = new DecompressionStream('gzip');
const writer = writable.getWriter();

/** @param {MessagePort} port */
async function pump(port) {
  const reader = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      port.postMessage(value, [value.buffer]);
    }
    port.postMessage('end');
  } catch {
    port.postMessage('damaged');
  }
}

worker.onmessage = ({ data }) => {
  const port = /** @type {MessagePort} */ (data);
  port.onmessage = ({ data }) => {
    // Failures show at the other end.
    if (data === 'end') writer.close().catch(() => {});
    else writer.write(data).catch(() => {});
  };
  void pump(port);
  port.postMessage('started');
  void holdLock().then((lock) => lock && port.postMessage({ lock }));
};
// Whoever started it waits for a sign that it is there.
worker.postMessage('here');
