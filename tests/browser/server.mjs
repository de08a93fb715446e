// A static server for the tests: the built page with the headers that `make serve` sends, and faults
// that a network or a host may have, switched on and off by the tests.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { answerRange } from './ranges.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.gz': 'application/octet-stream',
};

/** Faults: each answers a request for a file in its own bad way. */
export const faults = {
  notFound: () => (body, response) => response.writeHead(404).end(),

  serverError: () => (body, response) => response.writeHead(503).end(),

  /** Sends a part of the file, then breaks the connection. */
  cut: (fraction) => (body, response) => {
    const part = body.subarray(0, Math.floor(body.length * fraction));
    response.writeHead(200, { 'Content-Length': body.length });
    // What is written may sit in buffers: break only when it is on its way.
    response.write(part, () => setTimeout(() => response.destroy(), 150));
  },

  /** The right length, but not the right bytes. */
  damaged: () => (body, response) => {
    const copy = Buffer.from(body);
    for (let i = Math.floor(copy.length / 2); i < copy.length; i += 997) copy[i] ^= 0x55;
    response.writeHead(200, { 'Content-Length': copy.length }).end(copy);
  },

  replaced:
    (content, type = 'application/octet-stream') =>
    (body, response) => {
      response
        .writeHead(200, { 'Content-Type': type, 'Content-Length': content.length })
        .end(content);
    },

  /** The file, with headers that spoil it. */
  headers: (headers) => (body, response) => response.writeHead(200, headers).end(body),

  /** Requests for the rest are answered, well or badly: see `answerRange`. */
  ranges: (how) => (body, response, request) => answerRange(body, request, response, how),

  /** One fault after another, one for each request; the last one stays. */
  inTurn: (...turns) => (...all) => (turns.length > 1 ? turns.shift() : turns[0])(...all),

  /** So much a second, in small pieces. */
  slow: (bytesPerSecond) => (body, response) => {
    response.writeHead(200, { 'Content-Length': body.length });
    const step = Math.ceil(bytesPerSecond / 20);
    let sent = 0;
    const timer = setInterval(() => {
      response.write(body.subarray(sent, (sent += step)));
      if (sent < body.length) return;
      clearInterval(timer);
      response.end();
    }, 50);
    response.on('close', () => clearInterval(timer));
  },
};

export class SiteServer {
  /** Paths, as `/models/registry.json`, to faults. */
  faults = new Map();
  /** Paths of the requests so far. */
  requests = [];
  /** The same requests: path, method, headers. */
  details = [];
  /** Whether pages are cross-origin isolated. */
  isolated = true;
  /** Headers that every answer has besides. */
  headers = {};
  /** What the server has besides its folder, or instead, by path. */
  files = new Map([
    // A page without code of its own, for tests of the package alone.
    ['/blank.html', '<!doctype html><link rel="icon" href="data:,"><title>blank</title>'],
  ]);
  /** Requests that the browser gave up before their end. */
  abandoned = [];
  #server;
  #root;
  #port = 0;

  constructor(root) {
    this.#root = root;
  }

  get origin() {
    return `http://localhost:${this.#port}`;
  }

  /** A stopped server may be started again at the same address. */
  async start() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#port, 'localhost', resolve);
    });
    this.#port = this.#server.address().port;
    return this;
  }

  async stop() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  count(path) {
    return this.requests.filter((request) => request === path).length;
  }

  async #answer(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    this.requests.push(path);
    this.details.push({ path, method: request.method, headers: request.headers });
    response.on('close', () => {
      if (!response.writableFinished) this.abandoned.push(path);
    });
    if (this.isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
    for (const [name, value] of Object.entries(this.headers)) response.setHeader(name, value);
    const own = this.files.get(path);
    let body;
    try {
      body = own !== undefined ? Buffer.from(own) : await readFile(join(this.#root, normalize(decodeURIComponent(path))));
    } catch {
      return response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
    }
    const fault = this.faults.get(path);
    if (fault) return fault(body, response, request);
    answerRange(body, request, response);
  }
}
