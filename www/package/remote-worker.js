// A worker that another worker needs, and that the page starts for it. Firefox can hang for good where a
// worker starts one itself: version 153 does so about once in a hundred times, and no worker of that page
// starts any more.

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));

/**
 * What the page is asked for. By `port` the new worker speaks with the one that asks; by `control` the
 * page tells of a failure, and hears when the worker is to end.
 * @typedef {{ type: 'start', what: 'thread' | 'gunzip', port: MessagePort, control: MessagePort }} Wanted
 */

export class RemoteWorker {
  #port;
  #control;

  /** @type {(message: any) => void} */
  onmessage = () => {};
  /** It could not be started, or has failed. @type {(reason: string) => void} */
  onfailure = () => {};

  /** @param {Wanted['what']} what */
  constructor(what) {
    const speech = new MessageChannel();
    const control = new MessageChannel();
    this.#port = speech.port1;
    this.#control = control.port1;
    this.#port.onmessage = ({ data }) => this.onmessage(data);
    this.#port.onmessageerror = () => this.onfailure('a message could not be read');
    this.#control.onmessage = ({ data }) => this.onfailure(data);
    /** @type {Wanted} */
    const wanted = { type: 'start', what, port: speech.port2, control: control.port2 };
    scope.postMessage(wanted, [wanted.port, wanted.control]);
  }

  /** @param {unknown} message @param {Transferable[]} [transfer] */
  postMessage(message, transfer = []) {
    this.#port.postMessage(message, transfer);
  }

  terminate() {
    this.#control.postMessage('end');
    this.#port.close();
    this.#control.close();
  }
}
