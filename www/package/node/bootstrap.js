// The first script of a worker thread: makes the thread look like a web worker, as far as the package's
// workers look, and runs one of them. Nobody else's code is in this thread, so its globals are ours.

import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { fetchAny } from './files.js';
import { isHelper, isWanted, portTo, startHelper } from './helpers.js';
import { MessageChannel } from './message-channel.js';
import { Worker } from './web-worker.js';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
/** @type {{ [handler in 'onmessage' | 'onmessageerror']: ((event: Event) => void) | null }} */
const scope = Object.defineProperties(/** @type {any} */ (globalThis), {
  self: value(globalThis),
  name: value(workerData.name ?? ''),
  onmessage: value(null),
  onmessageerror: value(null),
  // Without what is to be transferred: pieces of unpacked files lie in memory that zlib goes on using.
  postMessage: value((/** @type {unknown} */ message) =>
    isWanted(message) ? startHelper(message) : port.postMessage(message),
  ),
  close: value(() => process.exit()),
  fetch: value(fetchAny),
  Worker: value(Worker),
  MessageChannel: value(MessageChannel),
  // Threads of one process may always share memory.
  crossOriginIsolated: value(true),
  navigator: value({
    hardwareConcurrency: availableParallelism(),
    onLine: true,
    userAgent: `Node.js/${process.versions.node}`,
    gpu: { requestAdapter },
  }),
});

/** @param {unknown} it */
function value(it) {
  return { value: it, writable: true, configurable: true };
}

async function requestAdapter() {
  throw new DOMException('There is no WebGPU in Node.js: the CPU computes.', 'NotSupportedError');
}

await import(workerData.script);
/** Who hears what this thread is told. */
let hearer = scope;
if (isHelper(workerData.name)) {
  const own = portTo(port);
  scope.onmessage?.(new MessageEvent('message', { data: own }));
  hearer = /** @type {typeof scope} */ (own);
}
// As in a browser, what was sent in the meantime has waited.
port.on('message', (data) => hearer.onmessage?.(new MessageEvent('message', { data })));
port.on('messageerror', () => hearer.onmessageerror?.(new Event('messageerror')));
