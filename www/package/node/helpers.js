// In Node a worker starts the helpers that it needs itself, where a browser's page does that for it: what
// they would say by the ports that it gives them goes through this thread.

import { Worker } from './web-worker.js';

/** @typedef {import('./message-channel.js').Port} Port */
/** @typedef {{ type: 'start', what: 'thread' | 'gunzip', port: Port, control: Port }} Wanted */

/** @param {any} message @returns {message is Wanted} */
export function isWanted(message) {
  return message?.type === 'start';
}

/** Whether a worker of this name is a helper, which hears nothing but what its port says. @param {string} name */
export function isHelper(name) {
  return /^pocketglot (thread|gunzip)$/.test(name);
}

/** In the worker that asks for a helper. @param {Wanted} wanted */
export function startHelper({ what, port, control }) {
  const script = new URL(what === 'thread' ? './thread.js' : './gunzip.js', import.meta.url);
  const worker = new Worker(script, { name: `pocketglot ${what}` });
  worker.onmessage = ({ data }) => {
    // That it is there is what a page would wait for.
    if (data !== 'here') port.postMessage(data);
  };
  worker.onerror = ({ message }) => control.postMessage(message);
  worker.onmessageerror = () => control.postMessage('a message could not be read');
  port.onmessage = ({ data }) => worker.postMessage(data);
  control.onmessage = () => worker.terminate();
}

/**
 * In the helper: the port by which it speaks with the worker that wants it.
 * @param {import('node:worker_threads').MessagePort} parent
 * @returns {Port & { onmessageerror: ((event: Event) => void) | null }}
 */
export function portTo(parent) {
  return {
    onmessage: null,
    onmessageerror: null,
    postMessage: (data) => parent.postMessage(data),
    close: () => parent.close(),
  };
}
