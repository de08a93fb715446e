// A local server for all sides: the same headers, and every file from memory, so that nobody waits
// for a disk.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
};
const PAGE = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>bench</title>';

export class Server {
  /** Put before the script of every worker, while it is set. @type {string} */
  workerPrefix = '';
  #server;
  /** @type {Map<string, string>} folders and files by the beginning of their address */
  #mounts;
  /** @type {Map<string, string | Buffer>} */
  #contents;

  /**
   * @param {Record<string, string>} mounts
   * @param {Record<string, string>} [generated] contents by address
   */
  constructor(mounts, generated = {}) {
    this.#mounts = new Map(Object.entries(mounts));
    this.#contents = new Map(Object.entries({ '/': PAGE, ...generated }));
  }

  async start() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(0, 'localhost', resolve);
    });
    return this;
  }

  get origin() {
    return `http://localhost:${this.#server.address().port}`;
  }

  async stop() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** @param {string} path */
  async #read(path) {
    const known = this.#contents.get(path);
    if (known !== undefined) return known;
    for (const [prefix, place] of this.#mounts) {
      if (!path.startsWith(prefix)) continue;
      const file = path === prefix ? place : join(place, path.slice(prefix.length));
      if (!file.startsWith(place)) return undefined;
      const body = await readFile(file);
      this.#contents.set(path, body);
      return body;
    }
    return undefined;
  }

  async #answer(request, response) {
    try {
      const path = decodeURIComponent(new URL(request.url, this.origin).pathname);
      let body = await this.#read(path);
      if (body === undefined) throw new Error(`nothing is served at ${path}`);
      if (this.workerPrefix && request.headers['sec-fetch-dest'] === 'worker')
        body = `${this.workerPrefix}\n${body}`;
      const type = TYPES[path === '/' ? '.html' : extname(path)] ?? 'application/octet-stream';
      response
        .writeHead(200, {
          'Content-Type': type,
          'Content-Length': Buffer.byteLength(body),
          'Cross-Origin-Opener-Policy': 'same-origin',
          'Cross-Origin-Embedder-Policy': 'require-corp',
          'Cache-Control': 'no-store',
        })
        .end(body);
    } catch (error) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end(String(error.message));
    }
  }
}
