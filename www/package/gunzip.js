// A worker that only unpacks gzip, so that the engine's own thread is free meanwhile. It says "started",
// is sent pieces of a file and then "end", and sends back pieces of what they hold, and then "end" or
// "damaged". At some time it names the lock by which one sees that it is there.

import { holdLock } from './alive.js';

const worker = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const { readable, writable } = new DecompressionStream('gzip');
const writer = writable.getWriter();

worker.onmessage = ({ data }) => {
  // Failures show at the other end.
  if (data === 'end') writer.close().catch(() => {});
  else writer.write(data).catch(() => {});
};

async function pump() {
  const reader = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      worker.postMessage(value, [value.buffer]);
    }
    worker.postMessage('end');
  } catch {
    worker.postMessage('damaged');
  }
}

void pump();
worker.postMessage('started');
void holdLock().then((lock) => lock && worker.postMessage({ lock }));
