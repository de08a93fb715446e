// What a server's answer to a request for a model file means: whether it is the file at all, and
// whether it is the rest of the one that has begun to arrive.

import { failure } from './errors.js';
import { isGzip } from './unpack.js';

/** @typedef {import('./download.js').ModelFile} ModelFile */
/** @typedef {import('./parts.js').Edition} Edition */

/** @param {number} status @param {string} url */
export function refusal(status, url) {
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
export function unpackedOnTheWay(response, start) {
  // Servers of other origins don't show us this header.
  const mayBe = response.type === 'cors' || response.headers.has('Content-Encoding');
  return mayBe && !isGzip(start);
}

/**
 * The length of the body, checked against the registry before anything is downloaded in vain.
 * @param {Response} response
 * @param {ModelFile} file
 */
export function expectedLength(response, { url, bytes }) {
  if (response.headers.get('Content-Type')?.startsWith('text/html')) {
    throw failure('NetworkError', `The server sent a web page instead of the model file: ${url}`);
  }
  // With a content encoding the header counts bytes on the wire, not those that the browser hands us.
  if (response.headers.has('Content-Encoding')) return bytes;
  const length = contentLength(response);
  if (bytes !== undefined && length !== undefined && length !== bytes) {
    throw failure(
      'NetworkError',
      `The model file on the server has ${length} bytes, the list of models says ${bytes}: ${url}`,
    );
  }
  return bytes ?? length;
}

/** @param {Response} response */
function contentLength({ headers }) {
  const header = headers.get('Content-Length');
  return header === null ? undefined : Number(header);
}

/**
 * What tells this file from what the server may have at the same address another day.
 * @param {Response} response
 * @returns {Edition}
 */
export function editionOf({ headers }) {
  const etag = headers.get('ETag') ?? undefined;
  const modified = headers.get('Last-Modified') ?? undefined;
  // A weak one is the same for files that differ a little.
  return { etag: etag?.startsWith('W/') ? undefined : etag, modified };
}

/**
 * The headers of a request for the rest of a file.
 * @param {string} url
 * @param {number} from
 * @param {Edition} edition
 * @returns {Record<string, string>}
 */
export function rangeHeaders(url, from, { etag, modified }) {
  const range = { Range: `bytes=${from}-` };
  const condition = etag ?? modified;
  // Asked of another origin, this header would need that server's consent; what it answers is compared
  // in any case.
  const isForeign = globalThis.origin !== undefined && new URL(url).origin !== globalThis.origin;
  return condition === undefined || isForeign ? range : { ...range, 'If-Range': condition };
}

/**
 * Whether an answer is the rest of the file from there on. Servers of other origins may show neither
 * the range nor the ETag; then the length must be right, and in the end the hash.
 * @param {Response} response
 * @param {number} from
 * @param {Edition} edition of what has arrived
 * @param {boolean} isHashed whether there will be a hash to compare with
 */
export function isRest(response, from, edition, isHashed) {
  const { status, headers } = response;
  if (status !== 206 || headers.has('Content-Encoding')) return false;
  const { total } = edition;
  const range = headers.get('Content-Range');
  if (range !== null) {
    const [, start, , length] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range) ?? [];
    if (Number(start) !== from) return false;
    if (total !== undefined && length !== '*' && Number(length) !== total) return false;
  } else {
    const length = contentLength(response);
    if (total !== undefined && length !== undefined && from + length !== total) return false;
  }
  const now = editionOf(response);
  const compared = [
    [edition.etag, now.etag],
    [edition.modified, now.modified],
  ].filter(([before, after]) => before !== undefined && after !== undefined);
  if (compared.some(([before, after]) => before !== after)) return false;
  return isHashed || compared.length > 0;
}
