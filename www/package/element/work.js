// The work behind an element, without anything that can be seen: its translator, which is made when it
// is first needed, and the latest translation. A new text takes the place of the one before.

/** @typedef {import('../index.js').Translator} Translator */
/** @typedef {import('../index.js').CreateOptions} CreateOptions */
/** @typedef {import('../index.js').DownloadProgressEvent} DownloadProgressEvent */

/**
 * `idle`: no translator; `loading`: it is being made; `ready`, `translating`; `cancelled`: the user did
 * not want to wait; `error`: see there.
 * @typedef {'idle' | 'loading' | 'ready' | 'translating' | 'cancelled' | 'error'} State
 */

/**
 * How far a download is, in bytes, or a translation, in sentences.
 * @typedef {{ loaded: number, total: number }} Progress
 */

/**
 * @typedef {object} Listener
 * @property {() => CreateOptions} options of a translator that is about to be made
 * @property {() => void} onchange
 * @property {(event: DownloadProgressEvent) => void} ondownload is given an event to dispatch
 * @property {(error: Error) => void} onerror
 */

/** A text of fewer sentences is there before its progress could be read. */
const LONG = 20;

/** @param {string} message */
const aborted = (message) => new DOMException(message, 'AbortError');

/** An error, whatever was thrown. @param {unknown} thrown */
const toError = (thrown) => (thrown instanceof Error ? thrown : new Error(String(thrown)));

export class Work {
  /** @type {State} */
  state = 'idle';
  /** @type {Error | undefined} */
  error;
  /** @type {Progress | undefined} */
  progress;
  /** There is a translator, whatever has become of its latest text. */
  isLoaded = false;
  /** The translator's, from its beginning to its end. */
  #life = new AbortController();
  /** @type {Promise<Translator> | undefined} */
  #translator;
  /** That of the latest text. */
  #call = new AbortController();
  #listener;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** @param {State} state @param {{ error?: Error, progress?: Progress }} [more] */
  #set(state, { error, progress } = {}) {
    this.state = state;
    this.error = error;
    this.progress = progress;
    this.#listener.onchange();
  }

  /** Makes the translator unless there is one. @returns {Promise<Translator>} */
  load() {
    if (this.#translator) return this.#translator;
    const life = (this.#life = new AbortController());
    const creating = (this.#translator = this.#create(life.signal));
    this.isLoaded = false;
    this.#set('loading');
    creating.then(
      () => {
        if (life.signal.aborted) return;
        this.isLoaded = true;
        this.#set('ready');
      },
      (error) => {
        if (life.signal.aborted) return;
        this.#translator = undefined;
        this.#fail(error);
      },
    );
    return creating;
  }

  /** @param {AbortSignal} signal */
  async #create(signal) {
    // Not before it is needed: a page that nobody translates on loads no more than the element.
    const { Translator, DownloadProgressEvent } = await import('../index.js').catch(() => {
      // Firefox does not try a script again that it could not load.
      const message = 'The translator could not be loaded. Is the device offline? If trying again does not help, reload the page.';
      throw new DOMException(message, 'NetworkError');
    });
    signal.throwIfAborted();
    return Translator.create({
      ...this.#listener.options(),
      signal,
      monitor: (monitor) => {
        monitor.ondownloadprogress = ({ loaded, loadedBytes, totalBytes }) => {
          const bytes = loadedBytes === undefined ? undefined : { loaded: loadedBytes, total: totalBytes };
          if (bytes?.total && this.state === 'loading')
            this.#set('loading', { progress: { loaded: bytes.loaded, total: bytes.total } });
          this.#listener.ondownload(new DownloadProgressEvent(loaded, bytes));
        };
      },
    });
  }

  /**
   * @param {string} text
   * @returns {Promise<string>}
   * @throws AbortError: another text has come, or it was cancelled; else what the translator throws
   */
  async translate(text) {
    this.#call.abort(aborted('Another text has come.'));
    const call = (this.#call = new AbortController());
    const translator = await this.load();
    const life = this.#life;
    call.signal.throwIfAborted();
    this.#set('translating');
    try {
      const translation = await translator.translate(text, {
        signal: call.signal,
        onprogress: ({ done, total }) => {
          if (total >= LONG && !call.signal.aborted && this.state === 'translating')
            this.#set('translating', { progress: { loaded: done, total } });
        },
      });
      call.signal.throwIfAborted();
      this.#set('ready');
      return translation;
    } catch (error) {
      if (!call.signal.aborted && !life.signal.aborted) this.#fail(error);
      throw error;
    }
  }

  /** @param {unknown} thrown */
  #fail(thrown) {
    const error = toError(thrown);
    this.#set('error', { error });
    this.#listener.onerror(error);
  }

  /** The latest text is wanted no more; the translator stays. */
  drop() {
    this.#call.abort(aborted('The text is wanted no more.'));
    if (this.state === 'translating') this.#set('ready');
  }

  /**
   * Gives the translator back, also one that is still being made.
   * @param {'idle' | 'cancelled'} state
   */
  end(state) {
    const reason = aborted(state === 'cancelled' ? 'It was cancelled.' : 'The translator was given back.');
    this.#call.abort(reason);
    this.#life.abort(reason);
    this.#translator = undefined;
    this.isLoaded = false;
    if (this.state !== state) this.#set(state);
  }
}
