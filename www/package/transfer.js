// One file over the network, however often that is cut: what has arrived stays, and each request asks
// for the rest. Pieces of an earlier visit count as arrived.

import { editionOf, expectedLength, isRest, rangeHeaders, refusal, unpackedOnTheWay } from './answers.js';
import { Collector } from './collector.js';
import { failure, megabytes } from './errors.js';
import { isAvailable } from './storage.js';

/** @typedef {import('./download.js').ModelFile} ModelFile */
/** @typedef {import('./download.js').OnProgress} OnProgress */

/**
 * Where bytes go as they come.
 * @typedef {object} Receiver
 * @property {(chunk: Uint8Array<ArrayBuffer>) => void} take the next ones
 * @property {() => void} restart the file begins again
 */

/** Events come no more often than this. */
const PROGRESS_INTERVAL_MS = 50;
/** So many attempts in a row may bring nothing new. */
const MAX_BARREN = 3;
/** A short cut of the network is often over after this; each further pause is twice as long, up to a limit. */
const PAUSE = { firstMs: 400, maxMs: 3200 };

/** The transfer ended early; another attempt may go on. */
class Cut extends Error {}

export class Transfer {
  #file;
  #parts;
  #signal;
  #onprogress;
  /** @type {Receiver} */
  #receiver;
  #whole = new Collector(0);
  /** Of what has arrived. @type {import('./parts.js').Edition} */
  #edition = {};
  /** Whether the rest can be asked for: bytes that were unpacked on the way can't be counted. */
  #canResume = true;
  /** The most that had arrived. */
  #furthest = 0;
  /** Whether the server has sent anything. */
  #isReached = false;

  /** Whether the file is put together from several answers. */
  isPieced = false;

  /**
   * @param {ModelFile} file
   * @param {import('./parts.js').Parts} parts
   * @param {{ signal: AbortSignal, onprogress: OnProgress, receiver: Receiver }} options
   */
  constructor(file, parts, { signal, onprogress, receiver }) {
    this.#file = file;
    this.#parts = parts;
    this.#signal = signal;
    this.#onprogress = onprogress;
    this.#receiver = receiver;
  }

  /** @returns {Promise<Uint8Array<ArrayBuffer>>} the whole file */
  async run() {
    this.#recall();
    try {
      for (let cuts = 0, barren = 0, isWhole = this.#isWhole(); !isWhole; cuts++) {
        const before = this.#furthest;
        try {
          // Perhaps it is being asked for the rest that something on the way does not bear.
          await this.#attempt(barren === MAX_BARREN - 1 ? 0 : this.#whole.length);
          isWhole = true;
        } catch (error) {
          this.#signal.throwIfAborted();
          if (!(error instanceof Cut)) throw error;
          barren = this.#furthest > before ? 0 : barren + 1;
          if (barren === MAX_BARREN) throw failure('NetworkError', this.#interruption());
          await pause(Math.min(PAUSE.firstMs * 2 ** cuts, PAUSE.maxMs), this.#signal);
        }
      }
    } catch (error) {
      if (this.#canResume) await this.#parts.flush(this.#whole.bytes, this.#edition);
      throw error;
    }
    const loaded = this.#whole.length;
    this.#onprogress({ loaded, total: loaded });
    return this.#whole.bytes;
  }

  #isWhole() {
    return this.#whole.length > 0 && this.#whole.length === this.#edition.total;
  }

  /** Takes up what an earlier visit has left. */
  #recall() {
    const { chunks, edition } = this.#parts.found;
    const total = this.#file.bytes ?? edition.total;
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (length === 0) return;
    if (total !== undefined && length > total) return this.#parts.discard();
    this.#edition = { ...edition, total };
    this.#whole = new Collector(total);
    this.isPieced = true;
    for (const chunk of chunks) this.#push(chunk);
  }

  /** @param {Uint8Array<ArrayBuffer>} chunk */
  #push(chunk) {
    this.#whole.push(chunk);
    this.#furthest = Math.max(this.#furthest, this.#whole.length);
    this.#receiver.take(chunk);
  }

  /** @param {number} from what has arrived, or 0 to ask for the whole */
  async #attempt(from) {
    try {
      await this.#read(await this.#request(this.#canResume ? from : 0));
    } catch (error) {
      this.#signal.throwIfAborted();
      // fetch and read report every network failure as a TypeError.
      throw error instanceof TypeError ? new Cut() : error;
    }
  }

  /** @param {number} from @returns {Promise<Response>} of which everything is new */
  async #request(from) {
    const { url, sha256 } = this.#file;
    let response = await this.#fetch(from > 0 ? rangeHeaders(url, from, this.#edition) : {});
    if (from > 0) {
      if (isRest(response, from, this.#edition, sha256 !== undefined)) {
        this.isPieced = true;
        const { etag = this.#edition.etag, modified = this.#edition.modified } = editionOf(response);
        this.#edition = { etag, modified, total: this.#edition.total };
        return response;
      }
      // Another range than that asked for, or of another file, or none at all.
      if (response.status === 206 || response.status === 416) {
        await response.body?.cancel();
        response = await this.#fetch({});
      }
    }
    if (!response.ok) throw failure('NetworkError', refusal(response.status, url));
    this.#restart({ ...editionOf(response), total: expectedLength(response, this.#file) });
    return response;
  }

  /** @param {Record<string, string>} headers */
  #fetch(headers) {
    // What our own storage keeps need not be in the HTTP cache a second time.
    const cache = isAvailable() ? 'no-store' : 'default';
    return fetch(this.#file.url, { signal: this.#signal, cache, headers });
  }

  /** @param {import('./parts.js').Edition} edition */
  #restart(edition) {
    if (this.#whole.length > 0) {
      this.#receiver.restart();
      this.#parts.discard();
    }
    this.#edition = edition;
    this.#whole = new Collector(edition.total);
    this.isPieced = false;
  }

  /** @param {Response} response */
  async #read(response) {
    let loaded = this.#whole.length;
    let { total } = this.#edition;
    this.#canResume = !response.headers.has('Content-Encoding');
    this.#onprogress({ loaded, total });
    const body = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body);
    const reader = body.getReader();
    let shown = performance.now();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (loaded === 0 && unpackedOnTheWay(response, value)) {
        total = this.#edition.total = this.#file.size;
        this.#canResume = total !== undefined && total === this.#file.bytes;
      }
      this.#isReached = true;
      loaded += value.length;
      if (total !== undefined && loaded > total) {
        await reader.cancel();
        throw failure(
          'NetworkError',
          `The model file is longer than the ${megabytes(total)} MB that were announced: ${this.#file.url}`,
        );
      }
      this.#push(value);
      if (this.#canResume) this.#parts.note(this.#whole.bytes, this.#edition);
      // That the transfer is over is told only a while after its last byte.
      if (loaded === total) break;
      if (performance.now() - shown >= PROGRESS_INTERVAL_MS) {
        shown = performance.now();
        this.#onprogress({ loaded, total });
      }
    }
    if (total !== undefined && loaded < total) throw new Cut();
    this.#edition.total = loaded;
  }

  #interruption() {
    if (!this.#isReached)
      return 'The model could not be downloaded: the server cannot be reached. Is the device offline?';
    const total = this.#edition.total ?? this.#file.bytes;
    const of = total === undefined ? '' : ` of ${megabytes(total)}`;
    return `The download stopped after ${megabytes(this.#furthest)}${of} MB.`;
  }
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}
