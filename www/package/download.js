// A model file from the browser's storage, else from the network: streamed with progress, unpacked
// while it arrives, and compared with the length and the SHA-256 that the registry gives before
// anything of it is given out.

import { failure } from './errors.js';
import { Parts, removeOver } from './parts.js';
import * as storage from './storage.js';
import { Transfer } from './transfer.js';
import { Unpacker } from './unpack.js';

/**
 * @typedef {object} ModelFile
 * @property {string} url absolute
 * @property {number} [bytes] length as downloaded
 * @property {string} [sha256] of the file as downloaded
 * @property {number} [size] unpacked length
 * @property {string} [place] where a registry lists it
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
    if (fetched) {
      // Nobody waits for that.
      void storage.claim(file).then(() => removeOver(file));
      return fetched;
    }
    await storage.remove(file);
  }
  try {
    return await download(file, signal, onprogress, maker);
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
 * Downloads a file, from where an earlier download stopped if one did. If what was put together so is
 * not the expected file, it is fetched once more from the start.
 * @template {import('./unpack.js').Sink} S
 * @template {{ free: () => void }} M
 * @param {ModelFile} file
 * @param {AbortSignal} signal
 * @param {OnProgress} onprogress
 * @param {Maker<S, M>} maker
 * @returns {Promise<Fetched<M>>}
 */
async function download(file, signal, onprogress, maker) {
  // Where bytes are fetched again, the bar waits until that has caught up.
  let shown = -1;
  /** @type {OnProgress} */
  const forward = (progress) => {
    if (progress.loaded <= shown || signal.aborted) return;
    shown = progress.loaded;
    onprogress(progress);
  };
  const parts = await Parts.open(file);
  try {
    for (;;) {
      signal.throwIfAborted();
      const receiver = new Receiver(file, maker);
      const transfer = new Transfer(file, parts, { signal, onprogress: forward, receiver });
      let packed;
      try {
        packed = await transfer.run();
      } catch (error) {
        receiver.abort();
        throw error;
      }
      try {
        return await receiver.finish(packed);
      } catch (error) {
        if (!isWrongFile(error)) throw error;
        parts.discard();
        if (!transfer.isPieced) throw error;
      }
    }
  } finally {
    parts.close();
  }
}

/** Whether it is the bytes that are wrong, and not this engine or this device. @param {unknown} error */
function isWrongFile(error) {
  return error instanceof DOMException && ['NetworkError', 'DataError', 'NotSupportedError'].includes(error.name);
}

/**
 * Unpacks a file while it arrives, and makes a model of it while the hash is computed elsewhere.
 * @template {import('./unpack.js').Sink} S
 * @template {{ free: () => void }} M
 */
class Receiver {
  #file;
  #maker;
  /** @type {Unpacker<S>} */
  #unpacker;

  /** @param {ModelFile} file @param {Maker<S, M>} maker */
  constructor(file, maker) {
    this.#file = file;
    this.#maker = maker;
    this.#unpacker = new Unpacker(maker.open, file.size);
  }

  /** @param {Uint8Array<ArrayBuffer>} chunk */
  take(chunk) {
    this.#unpacker.write(chunk);
  }

  restart() {
    this.#unpacker.abort();
    this.#unpacker = new Unpacker(this.#maker.open, this.#file.size);
  }

  /**
   * Gives nothing out before the hash is right.
   * @param {Uint8Array<ArrayBuffer>} packed
   * @returns {Promise<Fetched<M>>}
   */
  async finish(packed) {
    const making = this.#unpacker.end().then(this.#maker.make);
    const [made, verified] = await Promise.allSettled([making, verify(packed, this.#file)]);
    // Of a file that is not the expected one, this is what is to be said, whatever else is wrong.
    if (verified.status === 'rejected') {
      if (made.status === 'fulfilled') made.value.free();
      throw verified.reason;
    }
    if (made.status === 'rejected') throw made.reason;
    const wireBytes = this.#file.bytes ?? packed.length;
    return { model: made.value, wireBytes, verified: verified.value, packed };
  }

  /** Instead of `finish`. */
  abort() {
    this.#unpacker.abort();
  }
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
