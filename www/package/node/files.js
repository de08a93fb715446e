// The web's fetch with files of this machine: Node's own knows only the network.

import { open, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** So much is read at a time. */
const PIECE_BYTES = 2 ** 20;

const fetchFromNetwork = globalThis.fetch;

/**
 * @param {URL | string | Request} input
 * @param {RequestInit} [init]
 */
export async function fetchAny(input, init) {
  const url = new URL(input instanceof Request ? input.url : input);
  return url.protocol === 'file:' ? fetchFile(url, init?.signal) : fetchFromNetwork(input, init);
}

/** @param {URL} url @param {AbortSignal | null} [signal] */
async function fetchFile(url, signal) {
  const size = await sizeOf(url);
  signal?.throwIfAborted();
  let at = 0;
  /** @type {ReadableStream<Uint8Array>} */
  const body = new ReadableStream({
    async pull(controller) {
      const piece = await read(url, at, Math.min(PIECE_BYTES, size - at));
      signal?.throwIfAborted();
      at += piece.length;
      if (piece.length > 0) controller.enqueue(piece);
      else controller.close();
    },
  });
  const type = url.pathname.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream';
  return new Response(body, { headers: { 'Content-Length': String(size), 'Content-Type': type } });
}

/** @param {URL} url */
async function sizeOf(url) {
  let status;
  try {
    status = await stat(fileURLToPath(url));
  } catch (error) {
    throw unreadable(url, error);
  }
  if (!status.isFile()) throw new DOMException(`${url} is not a file.`, 'NetworkError');
  return status.size;
}

/**
 * Opens the file each time: whoever loses interest in a stream need not say so, and nothing stays open.
 * @param {URL} url
 * @param {number} at
 * @param {number} length
 */
async function read(url, at, length) {
  // New memory, too: the reader may pass it on to another thread.
  const piece = new Uint8Array(length);
  try {
    const file = await open(fileURLToPath(url));
    try {
      const { bytesRead } = await file.read(piece, 0, length, at);
      return piece.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(url, error);
  }
}

/** Named as a download that failed: to callers it makes no difference. @param {URL} url @param {unknown} error */
function unreadable(url, error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  const reason = code === 'ENOENT' ? 'there is no such file' : message;
  return new DOMException(`${url} could not be read: ${reason}.`, 'NetworkError');
}
