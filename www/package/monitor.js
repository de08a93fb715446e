// Download progress as the Translator API reports it.

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

/** What `Translator.create` hands to its `monitor` function. */
export class CreateMonitor extends EventTarget {
  /** @type {((event: DownloadProgressEvent) => void) | null} */
  ondownloadprogress = null;
  #fraction = -1;
  #signal;

  /** @param {AbortSignal} signal after its abort no event is sent */
  constructor(signal) {
    super();
    this.#signal = signal;
    // Dispatched like any listener: what it throws is reported and disturbs nobody.
    this.addEventListener('downloadprogress', (event) =>
      this.ondownloadprogress?.(/** @type {DownloadProgressEvent} */ (event)),
    );
  }

  /** @param {number} fraction @param {DownloadProgress} [bytes] */
  #send(fraction, bytes) {
    if (this.#signal.aborted) return;
    this.#fraction = fraction;
    this.dispatchEvent(new DownloadProgressEvent(fraction, bytes));
  }

  /** The first event says 0, also when the model is already here. */
  begin() {
    if (this.#fraction < 0) this.#send(0);
  }

  /** @param {DownloadProgress} bytes */
  report(bytes) {
    const fraction = bytes.total ? Math.min(bytes.loaded / bytes.total, 1) : 0;
    this.begin();
    // 1 is said once, when the model is ready.
    this.#send(Math.min(fraction, 0.9999), bytes);
  }

  /** @param {DownloadProgress} [last] */
  end(last) {
    this.begin();
    this.#send(1, last);
  }
}
