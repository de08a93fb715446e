// What modules of the page's side find global in a browser and Node has not, or has otherwise. The build
// puts these in their place, inside our own script alone: the globals of the process stay as they are.

import { setMaxListeners } from 'node:events';
import { pathToFileURL } from 'node:url';

/** URLs are relative to the working directory. */
export const document = {
  get baseURI() {
    return pathToFileURL(`${process.cwd()}/`).href;
  },
};

export const ProgressEvent =
  globalThis.ProgressEvent ??
  class ProgressEvent extends Event {
    /** @param {string} type @param {ProgressEventInit} [init] */
    constructor(type, { lengthComputable = false, loaded = 0, total = 0, ...init } = {}) {
      super(type, init);
      Object.defineProperties(this, {
        lengthComputable: { value: lengthComputable, enumerable: true },
        loaded: { value: loaded, enumerable: true, configurable: true },
        total: { value: total, enumerable: true },
      });
    }
  };

/** Each call in progress listens to its translator's end, and Node warns of more than ten listeners. */
export class AbortController extends globalThis.AbortController {
  constructor() {
    super();
    setMaxListeners(0, this.signal);
  }
}

/**
 * A timer that lets the process end. Calls in progress keep it by their worker.
 * @param {() => void} callback
 * @param {number} [ms]
 */
export function setTimeout(callback, ms) {
  return globalThis.setTimeout(callback, ms).unref();
}
