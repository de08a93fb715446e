// The web's Worker over Node's worker threads: as much of it as this package uses. An idle one lets the
// process end; one that owes an answer keeps it.

import { Worker as Thread } from 'node:worker_threads';

/** Both the page's side and the workers are joined into scripts that stand beside this one. */
const BOOTSTRAP = new URL('./node-worker.js', import.meta.url);

/** @typedef {Event & { message: string }} Failure */

export class Worker extends EventTarget {
  /** @type {((event: MessageEvent) => void) | null} */
  onmessage = null;
  /** @type {((event: Failure) => void) | null} */
  onerror = null;
  /** @type {((event: Event) => void) | null} */
  onmessageerror = null;
  /** Why it ended, if it did so by itself. @type {string | undefined} */
  failure;
  #thread;
  /** Requests that wait for their answer. */
  #unanswered = 0;
  #terminated = false;

  /** @param {URL | string} script @param {{ name?: string }} [options] */
  constructor(script, { name } = {}) {
    super();
    const workerData = { script: String(script), name };
    // Options of the user's command line, such as hooks or --input-type, are not meant for our scripts.
    this.#thread = new Thread(BOOTSTRAP, { name, workerData, execArgv: [] });
    this.#thread.unref();
    this.#thread.on('message', (data) => this.#receive(data));
    this.#thread.on('messageerror', () => this.#tell(new Event('messageerror')));
    this.#thread.on('error', (error) => this.#fail(error.message));
    this.#thread.on('exit', (code) => {
      if (code !== 0 || this.#unanswered > 0) this.#fail(`it ended with status ${code}`);
    });
  }

  /** @param {any} message @param {import('node:worker_threads').TransferListItem[]} [transfer] */
  postMessage(message, transfer) {
    try {
      this.#thread.postMessage(message, transfer);
    } catch (error) {
      throw /** @type {NodeJS.ErrnoException} */ (error).code === 'ERR_INVALID_STATE'
        ? new TypeError('A Blob made by openAsBlob cannot be read by another thread: give the URL of its file, or a Blob of its bytes.')
        : error;
    }
    if (isRequest(message) && this.#unanswered++ === 0) this.#thread.ref();
  }

  terminate() {
    this.#terminated = true;
    void this.#thread.terminate();
  }

  /** @param {any} data */
  #receive(data) {
    // After the listeners: they may ask for something else, which keeps the process as well.
    this.#tell(new MessageEvent('message', { data }));
    if (isAnswer(data) && --this.#unanswered === 0) this.#thread.unref();
  }

  /** An error is followed by the exit that it causes, and told once. @param {string} message */
  #fail(message) {
    if (this.failure !== undefined) return;
    this.failure = message;
    this.#tell(Object.assign(new Event('error', { cancelable: true }), { message }));
  }

  /** @param {any} event */
  #tell(event) {
    // A browser delivers nothing after that either.
    if (this.#terminated) return;
    this[/** @type {'onmessage' | 'onerror' | 'onmessageerror'} */ (`on${event.type}`)]?.(event);
    this.dispatchEvent(event);
  }
}

/** Of protocol.js and lab-protocol.js. @param {any} message */
const isRequest = (message) => typeof message?.method === 'string';
/** @param {any} message */
const isAnswer = (message) => message?.type === 'result' || message?.type === 'error';
