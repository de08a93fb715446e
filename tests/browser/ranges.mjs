// How a static server answers requests for a part of a file, and how one may answer them badly.

import { createHash } from 'node:crypto';

/** Long enough for what was written to be on its way. */
const BEFORE_A_CUT_MS = 150;

/**
 * @param {Buffer} body
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {object} [how]
 * @param {number} [how.cutAfter] breaks the connection after so many bytes of the answer
 * @param {number} [how.bytesPerSecond]
 * @param {number} [how.shift] answers with another range than was asked for, so far from it
 * @param {boolean} [how.ignoresRange] has only whole files
 * @param {string} [how.etag] instead of the hash
 * @param {Buffer} [how.content] instead of the file, with the same ETag
 */
export function answerRange(body, request, response, how = {}) {
  const { cutAfter = Infinity, bytesPerSecond, shift = 0, ignoresRange, content = body } = how;
  const etag = how.etag ?? etagOf(body);
  response.setHeader('ETag', etag);
  response.setHeader('Accept-Ranges', 'bytes');
  const condition = request.headers['if-range'];
  const isSame = condition === undefined || condition === etag;
  const asked = !ignoresRange && isSame && /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const from = asked ? Number(asked[1]) + shift : 0;
  if (from > 0 && from >= content.length) {
    return response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end();
  }
  const part = content.subarray(from);
  response.setHeader('Content-Length', part.length);
  const range = `bytes ${from}-${content.length - 1}/${content.length}`;
  if (asked) response.writeHead(206, { 'Content-Range': range });
  else response.writeHead(200);
  if (bytesPerSecond) return dribble(part.subarray(0, cutAfter), bytesPerSecond, response);
  if (cutAfter >= part.length) return response.end(part);
  response.write(part.subarray(0, cutAfter), () => {
    setTimeout(() => response.destroy(), BEFORE_A_CUT_MS);
  });
}

/** The end of a file tells enough: that of gzip holds a checksum. @param {Buffer} body */
function etagOf(body) {
  const digest = createHash('md5').update(body.subarray(-65536)).digest('hex');
  return `"${body.length}-${digest}"`;
}

/** Sends so much a second, in small pieces; the end of less than the whole is a cut. */
function dribble(bytes, bytesPerSecond, response) {
  const step = Math.ceil(bytesPerSecond / 20);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, (sent += step)));
    if (sent < bytes.length) return;
    clearInterval(timer);
    if (bytes.length === response.getHeader('Content-Length')) response.end();
    else setTimeout(() => response.destroy(), BEFORE_A_CUT_MS);
  }, 50);
  response.on('close', () => clearInterval(timer));
}
