// Gzip, recognised by its first two bytes; anything else is passed on as it is.

import { failure, megabytes } from './errors.js';

/** What an unpacked model may take if nobody says how large it is. */
const MAX_UNPACKED = 2 ** 30;

/**
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {number} [size] the unpacked length, if it is known
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function unpack(packed, size) {
  if (!isGzip(packed)) {
    if (size !== undefined && packed.length !== size) throw wrongSize(packed.length, size);
    return packed;
  }
  const limit = size ?? MAX_UNPACKED;
  const reader = new Blob([packed])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'))
    .getReader();
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const chunks = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > limit) break;
      chunks.push(value);
    }
  } catch {
    throw failure('DataError', 'The model file is damaged: its gzip data cannot be unpacked.');
  }
  if (length > limit) {
    await reader.cancel();
    throw failure(
      'DataError',
      `The model file unpacks to more than the expected ${megabytes(limit)} MB.`,
    );
  }
  if (size !== undefined && length !== size) throw wrongSize(length, size);
  return concatenate(chunks, length);
}

/** @param {Uint8Array} bytes the beginning of a file */
export function isGzip(bytes) {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** @param {number} length @param {number} size */
function wrongSize(length, size) {
  return failure(
    'DataError',
    `The model file holds ${length} bytes when unpacked, expected were ${size}.`,
  );
}

/**
 * @param {Uint8Array[]} chunks
 * @param {number} length their lengths' sum
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function concatenate(chunks, length) {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
