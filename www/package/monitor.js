// Download progress as the Translator API reports it.

import { declareInterface } from './idl.js';

/** @typedef {import('./protocol.js').DownloadProgress} DownloadProgress */

/**
 * A `downloadprogress` event: `loaded` goes from 0 to 1, `total` is 1. Ours: `loadedBytes` and
 * `totalBytes`, undefined where nothing is downloaded or the server doesn't tell.
 */
export class DownloadProgressEvent extends ProgressEvent {
  #fraction;
  /** @readonly @type {number | undefined} */
  loadedBytes;
  /** @readonly @type {number | undefined} */
  totalBytes;

  /** @param {number} fraction @param {DownloadProgress} [bytes] */
  constructor(fraction, bytes) {
    super('downloadprogress', { lengthComputable: true, loaded: fraction, total: 1 });
    this.#fraction = fraction;
    this.loadedBytes = bytes?.loaded;
    this.totalBytes = bytes?.total;
  }

  /**
   * Browsers before this API keep only whole numbers in a ProgressEvent.
   * @override
   */
  get loaded() {
    return this.#fraction;
  }
}

/** Fractions are told to one part in so many. */
const PARTS = 2 ** 16;

/** Only this module may construct. */
const internal = Symbol('internal');

/** @typedef {((this: CreateMonitor, event: DownloadProgressEvent) => void) | null} DownloadHandler */

/** What `Translator.create` hands to its `monitor` function. */
export class CreateMonitor extends EventTarget {
  /** @type {DownloadHandler} */
  #handler = null;
  #handles = false;

  /** @param {unknown[]} values */
  constructor(...values) {
    if (values[0] !== internal) throw new TypeError('Illegal constructor');
    super();
  }

  /** @type {DownloadHandler} */
  get ondownloadprogress() {
    return this.#handler;
  }

  set ondownloadprogress(handler) {
    this.#handler = typeof handler === 'function' ? handler : null;
    if (this.#handles || !this.#handler) return;
    // Among other listeners its place is that of the first handler, also when it is replaced.
    this.#handles = true;
    this.addEventListener('downloadprogress', (event) =>
      this.#handler?.(/** @type {DownloadProgressEvent} */ (event)),
    );
  }
}

declareInterface(CreateMonitor, 'CreateMonitor', { members: ['ondownloadprogress'] });

/**
 * What a class written in JavaScript can't say of itself: of which kind its events are.
 * @typedef {object} ProgressEvents
 * @property {(type: 'downloadprogress', listener: (event: DownloadProgressEvent) => void, options?: boolean | AddEventListenerOptions) => void} addEventListener
 */
/** @typedef {ProgressEvents & CreateMonitor} Monitor */

/** Tells a monitor how a download goes on. */
export class Progress {
  monitor = /** @type {Monitor} */ (new CreateMonitor(internal));
  #fraction = -1;
  #signal;

  /** @param {AbortSignal} signal after its abort no event is sent */
  constructor(signal) {
    this.#signal = signal;
  }

  /** @param {number} fraction @param {DownloadProgress} [bytes] */
  #send(fraction, bytes) {
    if (this.#signal.aborted || fraction <= this.#fraction) return;
    this.#fraction = fraction;
    this.monitor.dispatchEvent(new DownloadProgressEvent(fraction, bytes));
  }

  /** @param {DownloadProgress} bytes */
  report(bytes) {
    const fraction = bytes.total ? bytes.loaded / bytes.total : 0;
    // The first event says 0, also when the model is already here; 1 is said once, when it is ready.
    this.#send(0);
    this.#send(Math.floor(Math.min(fraction * PARTS, PARTS - 1)) / PARTS, bytes);
  }

  /** @param {DownloadProgress} [last] */
  end(last) {
    this.#send(0);
    this.#send(1, last);
  }
}
