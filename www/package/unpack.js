// Unpacking while the file arrives, straight into the engine's memory. Gzip is recognised by its first
// two bytes; anything else is passed on as it is.

import { watchLock } from './alive.js';
import { failure, megabytes } from './errors.js';
import { RemoteWorker } from './remote-worker.js';

/**
 * Where unpacked bytes go: the engine's loader.
 * @typedef {object} Sink
 * @property {(chunk: Uint8Array) => void} push
 * @property {() => void} free
 */

/** What an unpacked model may take if nobody says how large it is. */
const MAX_UNPACKED = 2 ** 30;

/** @template {Sink} S */
export class Unpacker {
  #open;
  #size;
  /** The beginning, until it is long enough to tell what it is. */
  #head = new Uint8Array();
  /** @type {WritableStreamDefaultWriter<BufferSource> | undefined} */
  #writer;
  /** @type {Promise<S> | undefined} */
  #unpacked;

  /**
   * @param {(size: number | undefined) => Promise<S>} open makes the sink; may take its time
   * @param {number} [size] the unpacked length, if it is known
   */
  constructor(open, size) {
    this.#open = open;
    this.#size = size;
  }

  /** Never waits: what can't be unpacked yet is queued. @param {Uint8Array<ArrayBuffer>} chunk */
  write(chunk) {
    if (this.#writer) return this.#queue(chunk);
    this.#head = this.#head.length === 0 ? chunk : concatenate([this.#head, chunk]);
    if (this.#head.length >= 2) this.#begin();
  }

  /** @param {Uint8Array<ArrayBuffer>} chunk */
  #queue(chunk) {
    // Failures show at the other end.
    this.#writer?.write(chunk).catch(() => {});
  }

  #begin() {
    // Whatever is written waits here until there is something that unpacks it.
    const queue = new TransformStream();
    this.#writer = queue.writable.getWriter();
    const stream = isGzip(this.#head) ? gunzip() : undefined;
    this.#queue(this.#head);
    this.#unpacked = this.#pump(queue.readable, stream);
    // It is looked at in the end.
    this.#unpacked.catch(() => {});
  }

  /**
   * @param {ReadableStream<Uint8Array>} packed
   * @param {Promise<ReadableWritablePair<Uint8Array, Uint8Array>>} [stream]
   */
  async #pump(packed, stream) {
    const limit = this.#size ?? MAX_UNPACKED;
    /** @type {S | undefined} */
    let sink;
    let reader;
    let length = 0;
    try {
      reader = (stream ? packed.pipeThrough(await stream) : packed).getReader();
      sink = await this.#open(this.#size);
      for (;;) {
        const { done, value } = await read(reader);
        if (done) break;
        length += value.length;
        if (length > limit) {
          throw failure(
            'DataError',
            `The model file unpacks to more than the expected ${megabytes(limit)} MB.`,
          );
        }
        sink.push(value);
      }
      if (this.#size !== undefined && length !== this.#size) {
        throw failure(
          'DataError',
          `The model file holds ${length} bytes when unpacked, expected were ${this.#size}.`,
        );
      }
      return sink;
    } catch (error) {
      reader?.cancel().catch(() => {});
      sink?.free();
      throw error;
    }
  }

  /**
   * After the last chunk.
   * @returns {Promise<S>} the sink, full; its owner frees it
   * @throws DataError: the file is damaged, or has another length
   */
  end() {
    if (!this.#unpacked) this.#begin();
    this.#writer?.close().catch(() => {});
    return /** @type {Promise<S>} */ (this.#unpacked);
  }

  /** Instead of `end`. */
  abort() {
    this.#writer?.abort().catch(() => {});
    this.#unpacked?.then((sink) => sink.free()).catch(() => {});
  }
}

/**
 * A worker that waits to unpack something.
 * @typedef {{ worker: RemoteWorker, started: Promise<boolean>, lock?: string }} Prepared
 */
/** @type {Prepared | undefined} */
let ready;

/** Starts the worker that the next gzip file is unpacked in, since a start takes a while. */
export function prepare() {
  if (typeof Worker === 'undefined' || ready) return;
  const worker = new RemoteWorker('gunzip');
  /** @type {Prepared} */
  const prepared = { worker, started: Promise.resolve(false) };
  prepared.started = new Promise((resolve) => {
    worker.onmessage = (data) => {
      if (data.lock) prepared.lock = data.lock;
      resolve(true);
    };
    worker.onfailure = () => resolve(false);
  });
  ready = prepared;
}

/**
 * As a DecompressionStream, in a worker of its own where one can be started.
 * @returns {Promise<ReadableWritablePair<Uint8Array, any>>}
 */
async function gunzip() {
  prepare();
  const prepared = ready;
  ready = undefined;
  if (!prepared || !(await prepared.started)) return new DecompressionStream('gzip');
  const { worker } = prepared;
  let unwatch = () => {};
  const end = () => {
    unwatch();
    worker.terminate();
  };
  /** @type {(error: unknown) => void} */
  let fail = () => {};
  const stopped = (/** @type {string} */ reason) =>
    fail(failure('OperationError', `The unpacking of the model stopped: ${reason}`));
  const watch = (/** @type {string} */ lock) => {
    unwatch = watchLock(lock, () => stopped('the browser has ended its worker.'));
  };
  const readable = new ReadableStream({
    start(controller) {
      fail = (error) => {
        end();
        controller.error(error);
      };
      worker.onmessage = (data) => {
        if (data instanceof Uint8Array) return controller.enqueue(data);
        if (data.lock) return watch(data.lock);
        if (data !== 'end') return fail(new TypeError(data));
        end();
        controller.close();
      };
      worker.onfailure = stopped;
      if (prepared.lock) watch(prepared.lock);
    },
    cancel: end,
  });
  const writable = new WritableStream({
    write(/** @type {Uint8Array<ArrayBuffer>} */ chunk) {
      // The file is still needed here, for its hash and for storage.
      const copy = chunk.slice();
      worker.postMessage(copy, [copy.buffer]);
    },
    close: () => worker.postMessage('end'),
    abort: (reason) => fail(reason ?? new TypeError('aborted')),
  });
  return { readable, writable };
}

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
async function read(reader) {
  try {
    return await reader.read();
  } catch (error) {
    if (error instanceof DOMException) throw error;
    throw failure('DataError', 'The model file is damaged: its gzip data cannot be unpacked.');
  }
}

/** @param {Uint8Array} bytes the beginning of a file */
export function isGzip(bytes) {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * @param {Uint8Array[]} chunks
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function concatenate(chunks) {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
