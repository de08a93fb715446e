// A model file from the browser's storage, else from the network: streamed with progress, unpacked
// while it arrives, and compared with the length and the SHA-256 that the registry gives before
// anything is made of it.

import { failure, megabytes } from './errors.js';
import * as storage from './storage.js';
import { Unpacker, concatenate, isGzip } from './unpack.js';

/**
 * @typedef {object} ModelFile
 * @property {string} url absolute
 * @property {number} [bytes] length as downloaded
 * @property {string} [sha256] of the file as downloaded
 * @property {number} [size] unpacked length
 */

/**
 * @template S
 * @typedef {object} Fetched
 * @property {S} sink what the unpacked package was put into
 * @property {number} wireBytes
 * @property {boolean} verified
 * @property {Uint8Array<ArrayBuffer>} [packed] the file, if storage has none yet
 */

/** @typedef {(progress: import('./protocol.js').DownloadProgress) => void} OnProgress */

/**
 * @template S
 * @typedef {(size: number | undefined) => Promise<S>} Open
 */

/** Events come no more often than this. */
const PROGRESS_INTERVAL_MS = 50;
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
 * @param {ModelFile} file
 * @param {{ signal: AbortSignal, onprogress: OnProgress, open: Open<S> }} options
 * @returns {Promise<Fetched<S>>}
 */
export async function fetchModel(file, { signal, onprogress, open }) {
  const stored = await storage.read(file);
  signal.throwIfAborted();
  if (stored) {
    try {
      const { sink, length } = await unpackStored(stored, file.size, open);
      const verified = file.sha256 !== undefined && length === file.bytes;
      return { sink, wireBytes: file.bytes ?? length, verified };
    } catch (error) {
      if (!isDamage(error)) throw error;
      await storage.remove(file);
    }
  }
  try {
    return await downloadTwice(file, signal, onprogress, open);
  } catch (error) {
    signal.throwIfAborted();
    const former = await readFormer(file, error, open);
    if (!former) throw error;
    return former;
  }
}

/** @param {unknown} error */
function isDamage(error) {
  return error instanceof DOMException && error.name === 'DataError';
}

/**
 * @template {import('./unpack.js').Sink} S
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stored
 * @param {number | undefined} size
 * @param {Open<S>} open
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
 * @param {ModelFile} file
 * @param {unknown} error why the wanted version is not there
 * @param {Open<S>} open
 * @returns {Promise<Fetched<S> | undefined>}
 */
async function readFormer(file, error, open) {
  if (!(error instanceof DOMException) || error.name !== 'NetworkError') return undefined;
  const stored = await storage.readOther(file);
  if (!stored) return undefined;
  const { sink, length } = await unpackStored(stored, undefined, open);
  return { sink, wireBytes: length, verified: false };
}

/**
 * @template {import('./unpack.js').Sink} S
 * @param {ModelFile} file
 * @param {AbortSignal} signal
 * @param {OnProgress} onprogress
 * @param {Open<S>} open
 */
async function downloadTwice(file, signal, onprogress, open) {
  // The second attempt starts again; the bar waits until it has caught up.
  let shown = -1;
  /** @type {OnProgress} */
  const forward = (progress) => {
    if (progress.loaded <= shown || signal.aborted) return;
    shown = progress.loaded;
    onprogress(progress);
  };
  try {
    return await download(file, signal, forward, open);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    await pause(RETRY_DELAY_MS, signal);
  }
  try {
    return await download(file, signal, forward, open);
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
 * One attempt: downloads and unpacks at the same time, and gives out nothing before the hash is right.
 * @template {import('./unpack.js').Sink} S
 * @param {ModelFile} file
 * @param {AbortSignal} signal
 * @param {OnProgress} onprogress
 * @param {Open<S>} open
 * @returns {Promise<Fetched<S>>}
 */
async function download(file, signal, onprogress, open) {
  const unpacker = new Unpacker(open, file.size);
  try {
    const packed = await transfer(file, signal, onprogress, (chunk) => unpacker.write(chunk));
    const unpacked = unpacker.end();
    // Of a file that is not the expected one, this is what is to be said, whatever else is wrong.
    const verified = await verify(packed, file);
    const sink = await unpacked;
    return { sink, wireBytes: file.bytes ?? packed.length, verified, packed };
  } catch (error) {
    unpacker.abort();
    throw error;
  }
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
    /** @type {Uint8Array[]} */
    const chunks = [];
    const body = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body);
    const reader = body.getReader();
    let shown = performance.now();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (loaded === 0 && unpackedOnTheWay(response, value)) total = file.size;
      chunks.push(value);
      loaded += value.length;
      if (total !== undefined && loaded > total) {
        await reader.cancel();
        throw failure(
          'NetworkError',
          `The model file is longer than the ${megabytes(total)} MB that were announced: ${file.url}`,
        );
      }
      onchunk(value);
      if (performance.now() - shown >= PROGRESS_INTERVAL_MS) {
        shown = performance.now();
        onprogress({ loaded, total });
      }
    }
    if (total !== undefined && loaded < total) throw new Interrupted(loaded, total);
    onprogress({ loaded, total: loaded });
    return concatenate(chunks);
  } catch (error) {
    signal.throwIfAborted();
    // fetch and read report every network failure as a TypeError.
    if (error instanceof TypeError) throw new Interrupted(loaded, total);
    throw error;
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
