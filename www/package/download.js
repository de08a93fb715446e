// A model file from the browser's storage, else from the network: streamed with progress, unpacked
// while it arrives, and compared with the length and the SHA-256 that the registry gives before
// anything of it is given out.

import { failure, megabytes } from './errors.js';
import * as storage from './storage.js';
import { Unpacker, isGzip } from './unpack.js';

/**
 * @typedef {object} ModelFile
 * @property {string} url absolute
 * @property {number} [bytes] length as downloaded
 * @property {string} [sha256] of the file as downloaded
 * @property {number} [size] unpacked length
 */

/**
 * @template M
 * @typedef {object} Fetched
 * @property {M} model what was made of the unpacked package
 * @property {number} wireBytes
 * @property {boolean} verified
 * @property {Uint8Array<ArrayBuffer>} [packed] the file, if storage has none yet
 */

/** @typedef {(progress: import('./protocol.js').DownloadProgress) => void} OnProgress */

/**
 * How unpacked bytes become a model.
 * @template {import('./unpack.js').Sink} S
 * @template {{ free: () => void }} M
 * @typedef {object} Maker
 * @property {(size: number | undefined) => Promise<S>} open makes what the bytes go into
 * @property {(sink: S) => M} make
 */

/** Events come no more often than this. */
const PROGRESS_INTERVAL_MS = 50;
/** What a file's announced length may take before there are so many bytes. */
const MAX_RESERVED = 2 ** 26;
/** A short cut of the network is often over after this. */
const RETRY_DELAY_MS = 400;

/** The transfer ended early; a second attempt may succeed. */
class Interrupted extends Error {
  /** @param {number} loaded @param {number} [total] */
  constructor(loaded, total) {
    super('interrupted');
    this.loaded = loaded;
    this.total = total;
  }
}

/**
 * @template {import('./unpack.js').Sink} S
 * @template {{ free: () => void }} M
 * @param {ModelFile} file
 * @param {{ signal: AbortSignal, onprogress: OnProgress, maker: Maker<S, M> }} options
 * @returns {Promise<Fetched<M>>}
 */
export async function fetchModel(file, { signal, onprogress, maker }) {
  const stored = await storage.read(file);
  signal.throwIfAborted();
  if (stored) {
    const fetched = await readStored(stored, file, maker);
    if (fetched) return fetched;
    await storage.remove(file);
  }
  try {
    return await downloadTwice(file, signal, onprogress, maker);
  } catch (error) {
    signal.throwIfAborted();
    const former = await readFormer(file, error, maker);
    if (!former) throw error;
    return former;
  }
}

/**
 * @template {import('./unpack.js').Sink} S
 * @template {{ free: () => void }} M
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stored
 * @param {ModelFile} file
 * @param {Maker<S, M>} maker
 * @returns {Promise<Fetched<M> | undefined>} undefined if the file is of no use: damaged, or of a kind
 *   that this engine does not know
 */
async function readStored(stored, file, maker) {
  const useless = (/** @type {unknown} */ error, /** @type {string[]} */ names) =>
    error instanceof DOMException && names.includes(error.name);
  let unpacked;
  try {
    unpacked = await unpackStored(stored, file.size, maker.open);
  } catch (error) {
    if (useless(error, ['DataError'])) return undefined;
    throw error;
  }
  const { sink, length } = unpacked;
  try {
    const verified = file.sha256 !== undefined && length === file.bytes;
    return { model: maker.make(sink), wireBytes: file.bytes ?? length, verified };
  } catch (error) {
    if (useless(error, ['DataError', 'NotSupportedError'])) return undefined;
    throw error;
  }
}

/**
 * @template {import('./unpack.js').Sink} S
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stored
 * @param {number | undefined} size
 * @param {Maker<S, any>['open']} open
 */
async function unpackStored(stored, size, open) {
  const unpacker = new Unpacker(open, size);
  let length = 0;
  const reader = stored.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      unpacker.write(value);
    }
  } catch {
    unpacker.abort();
    throw failure('DataError', 'The stored model cannot be read.');
  }
  return { sink: await unpacker.end(), length };
}

/**
 * The version of an earlier visit: better than nothing where the network fails.
 * @template {import('./unpack.js').Sink} S
 * @template {{ free: () => void }} M
 * @param {ModelFile} file
 * @param {unknown} error why the wanted version is not there
 * @param {Maker<S, M>} maker
 * @returns {Promise<Fetched<M> | undefined>}
 */
async function readFormer(file, error, maker) {
  if (!(error instanceof DOMException) || error.name !== 'NetworkError') return undefined;
  const stored = await storage.readOther(file);
  if (!stored) return undefined;
  // Nobody knows what that version should be: only its own checks tell whether it is whole.
  return readStored(stored, { url: file.url }, maker);
}

/**
 * @template {import('./unpack.js').Sink} S
 * @template {{ free: () => void }} M
 * @param {ModelFile} file
 * @param {AbortSignal} signal
 * @param {OnProgress} onprogress
 * @param {Maker<S, M>} maker
 */
async function downloadTwice(file, signal, onprogress, maker) {
  // The second attempt starts again; the bar waits until it has caught up.
  let shown = -1;
  /** @type {OnProgress} */
  const forward = (progress) => {
    if (progress.loaded <= shown || signal.aborted) return;
    shown = progress.loaded;
    onprogress(progress);
  };
  try {
    return await download(file, signal, forward, maker);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    await pause(RETRY_DELAY_MS, signal);
  }
  try {
    return await download(file, signal, forward, maker);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw failure(
      'NetworkError',
      interruption(Math.max(shown, error.loaded), error.total ?? file.bytes),
    );
  }
}

/** @param {number} loaded @param {number} [total] */
function interruption(loaded, total) {
  if (loaded <= 0)
    return 'The model could not be downloaded: the server cannot be reached. Is the device offline?';
  const of = total === undefined ? '' : ` of ${megabytes(total)}`;
  return `The download stopped after ${megabytes(loaded)}${of} MB.`;
}

/**
 * One attempt: downloads and unpacks at the same time, makes a model of it while the hash is computed
 * elsewhere, and gives nothing out before that is right.
 * @template {import('./unpack.js').Sink} S
 * @template {{ free: () => void }} M
 * @param {ModelFile} file
 * @param {AbortSignal} signal
 * @param {OnProgress} onprogress
 * @param {Maker<S, M>} maker
 * @returns {Promise<Fetched<M>>}
 */
async function download(file, signal, onprogress, maker) {
  const unpacker = new Unpacker(maker.open, file.size);
  let packed;
  try {
    packed = await transfer(file, signal, onprogress, (chunk) => unpacker.write(chunk));
  } catch (error) {
    unpacker.abort();
    throw error;
  }
  const unpacked = unpacker.end();
  const verifying = verify(packed, file);
  const [made, verified] = await Promise.allSettled([unpacked.then(maker.make), verifying]);
  // Of a file that is not the expected one, this is what is to be said, whatever else is wrong.
  if (verified.status === 'rejected') {
    if (made.status === 'fulfilled') made.value.free();
    throw verified.reason;
  }
  if (made.status === 'rejected') throw made.reason;
  const wireBytes = file.bytes ?? packed.length;
  return { model: made.value, wireBytes, verified: verified.value, packed };
}

/**
 * @param {ModelFile} file
 * @param {AbortSignal} signal
 * @param {OnProgress} onprogress
 * @param {(chunk: Uint8Array<ArrayBuffer>) => void} onchunk
 * @returns {Promise<Uint8Array<ArrayBuffer>>} the whole file
 */
async function transfer(file, signal, onprogress, onchunk) {
  let loaded = 0;
  let total = file.bytes;
  try {
    // What our own storage keeps need not be in the HTTP cache a second time.
    const cache = storage.isAvailable() ? 'no-store' : 'default';
    const response = await fetch(file.url, { signal, cache });
    if (!response.ok) throw failure('NetworkError', refusal(response.status, file.url));
    total = expectedLength(response, file);
    onprogress({ loaded, total });
    const whole = new Collector(total);
    const body = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body);
    const reader = body.getReader();
    let shown = performance.now();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (loaded === 0 && unpackedOnTheWay(response, value)) total = file.size;
      whole.push(value);
      loaded += value.length;
      if (total !== undefined && loaded > total) {
        await reader.cancel();
        throw failure(
          'NetworkError',
          `The model file is longer than the ${megabytes(total)} MB that were announced: ${file.url}`,
        );
      }
      onchunk(value);
      // That the transfer is over is told only a while after its last byte.
      if (loaded === total) break;
      if (performance.now() - shown >= PROGRESS_INTERVAL_MS) {
        shown = performance.now();
        onprogress({ loaded, total });
      }
    }
    if (total !== undefined && loaded < total) throw new Interrupted(loaded, total);
    onprogress({ loaded, total: loaded });
    return whole.bytes;
  } catch (error) {
    signal.throwIfAborted();
    // fetch and read report every network failure as a TypeError.
    if (error instanceof TypeError) throw new Interrupted(loaded, total);
    throw error;
  }
}

/** Pieces of a file, put together as they come: in the end everybody waits. */
class Collector {
  #memory;
  #length = 0;

  /** @param {number} [expected] bytes */
  constructor(expected = 1 << 20) {
    this.#memory = new Uint8Array(Math.min(expected, MAX_RESERVED));
  }

  /** @param {Uint8Array} chunk */
  push(chunk) {
    const length = this.#length + chunk.length;
    if (length > this.#memory.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#memory.length));
      larger.set(this.bytes);
      this.#memory = larger;
    }
    this.#memory.set(chunk, this.#length);
    this.#length = length;
  }

  get bytes() {
    return this.#memory.subarray(0, this.#length);
  }
}

/** @param {number} status @param {string} url */
function refusal(status, url) {
  if (status === 404 || status === 410)
    return `The model file was not found on the server (${status}): ${url}`;
  return `The server did not give the model file (status ${status}): ${url}`;
}

/**
 * Some servers, that of Vite among them, mark a .gz file as encoded, so that the browser hands us the
 * unpacked file: its length can still be checked, the hash of the .gz can't.
 * @param {Response} response
 * @param {Uint8Array} start
 */
function unpackedOnTheWay(response, start) {
  // Servers of other origins don't show us this header.
  const mayBe = response.type === 'cors' || response.headers.has('Content-Encoding');
  return mayBe && !isGzip(start);
}

/**
 * The length of the body, checked against the registry before anything is downloaded in vain.
 * @param {Response} response
 * @param {ModelFile} file
 */
function expectedLength(response, { url, bytes }) {
  if (response.headers.get('Content-Type')?.startsWith('text/html')) {
    throw failure('NetworkError', `The server sent a web page instead of the model file: ${url}`);
  }
  // With a content encoding the header counts bytes on the wire, not those that the browser hands us.
  if (response.headers.has('Content-Encoding')) return bytes;
  const header = response.headers.get('Content-Length');
  const length = header === null ? undefined : Number(header);
  if (bytes !== undefined && length !== undefined && length !== bytes) {
    throw failure(
      'NetworkError',
      `The model file on the server has ${length} bytes, the list of models says ${bytes}: ${url}`,
    );
  }
  return bytes ?? length;
}

/**
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {ModelFile} file
 * @returns {Promise<boolean>} false if there is nothing to compare with, or no means to do it
 */
async function verify(packed, { sha256, bytes }) {
  // crypto.subtle is missing in insecure pages; the length and gzip's own checksum were compared.
  if (sha256 === undefined || packed.length !== bytes || !globalThis.crypto?.subtle) return false;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', packed));
  const actual = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (actual !== sha256) {
    throw failure(
      'NetworkError',
      `The downloaded model is not the expected file and was thrown away: its SHA-256 is ${actual.slice(0, 8)}…, expected was ${sha256.slice(0, 8)}….`,
    );
  }
  return true;
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
