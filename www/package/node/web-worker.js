// The web's Worker over Node's worker threads: as much of it as this package uses. An idle one lets the
// process end; one that owes an answer keeps it.

import { Worker as Thread } from 'node:worker_threads';

/** Both the page's side and the workers are joined into scripts that stand beside this one. */
const BOOTSTRAP = new URL('./node-worker.js', import.meta.url);

/** @typedef {{ message: string, preventDefault: () => void }} Failure */

export class Worker {
  /** @type {((event: { data: any }) => void) | null} */
  onmessage = null;
  /** @type {((event: Failure) => void) | null} */
  onerror = null;
  /** @type {(() => void) | null} */
  onmessageerror = null;
  #thread;
  /** Requests that wait for their answer. */
  #unanswered = 0;
  #failed = false;
  #terminated = false;

  /** @param {URL | string} script @param {{ name?: string }} [options] */
  constructor(script, { name } = {}) {
    // Options of the user's command line, such as hooks or --input-type, are not meant for our scripts.
    this.#thread = new Thread(BOOTSTRAP, { name, workerData: { script: String(script) }, execArgv: [] });
    this.#thread.unref();
    this.#thread.on('message', (data) => this.#receive(data));
    this.#thread.on('messageerror', () => this.onmessageerror?.());
    this.#thread.on('error', (error) => this.#fail(error.message));
    this.#thread.on('exit', (code) => {
      if (code !== 0 || this.#unanswered > 0) this.#fail(`it ended with status ${code}`);
    });
  }

  /** @param {any} message @param {import('node:worker_threads').TransferListItem[]} [transfer] */
  postMessage(message, transfer) {
    this.#thread.postMessage(message, transfer);
    if (isRequest(message) && this.#unanswered++ === 0) this.#thread.ref();
  }

  terminate() {
    this.#terminated = true;
    void this.#thread.terminate();
  }

  /** @param {any} data */
  #receive(data) {
    // A browser delivers nothing any more either.
    if (this.#terminated) return;
    // After the listener: it may ask for something else, which keeps the process as well.
    this.onmessage?.({ data });
    if (isAnswer(data) && --this.#unanswered === 0) this.#thread.unref();
  }

  /** An error is followed by the exit that it causes, and told once. @param {string} message */
  #fail(message) {
    if (this.#terminated || this.#failed) return;
    this.#failed = true;
    this.onerror?.({ message, preventDefault() {} });
  }
}

/** Of protocol.js and lab-protocol.js. @param {any} message */
const isRequest = (message) => typeof message?.method === 'string';
/** @param {any} message */
const isAnswer = (message) => message?.type === 'result' || message?.type === 'error';
