// Pieces of downloads that have not come to their end, kept in the Cache API so that a later visit goes
// on where this one stopped. A piece says in its key what it is part of. Pieces go when the file is
// whole, when the registry names another version, and in any case after two weeks. Every failure here
// means only that a download begins again.

const CACHE = 'pocketglot-parts-v1';
const PART = 'pocketglot-part';
const LIFETIME_MS = 14 * 24 * 3600 * 1000;
/** A piece is written when so much has arrived and so much time has passed: fast downloads write none. */
const PIECE = { bytes: 1 << 18, ms: 2000 };

/** @typedef {import('./storage.js').Identity} Identity */

/**
 * What the server said of the file that the bytes belong to.
 * @typedef {object} Edition
 * @property {string} [etag] a strong one
 * @property {string} [modified]
 * @property {number} [total] length of the file
 */

/** @typedef {Edition & { from: number, to: number, time: number, sha256?: string, place?: string }} Label */
/** @typedef {{ key: string, url: string, label: Label }} Piece */

/** @param {string} url @param {string} [label] */
function keyOf(url, label = '') {
  const key = new URL(url);
  key.hash = '';
  key.searchParams.set(PART, label);
  return key.href;
}

/** @param {Cache} cache @returns {Promise<Piece[]>} */
async function list(cache) {
  return (await cache.keys()).map(({ url: key }) => ({ key, url: keyOf(key), label: labelOf(key) }));
}

/** @param {string} key @returns {Label} of what can't be read, one that is long over */
function labelOf(key) {
  try {
    return JSON.parse(new URL(key).searchParams.get(PART) ?? '');
  } catch {
    return { from: 0, to: 0, time: 0 };
  }
}

/** @param {Piece} piece @param {Identity} file */
function belongs({ url, label }, file) {
  return label.sha256 === file.sha256 && (file.sha256 !== undefined || url === keyOf(file.url));
}

/** @param {Piece} piece @param {Identity} file of which the registry speaks now */
function isOver(piece, file) {
  const { url, label } = piece;
  if (Date.now() - label.time > LIFETIME_MS) return true;
  const listed = url === keyOf(file.url) || (file.place !== undefined && label.place === file.place);
  return listed && !belongs(piece, file);
}

/**
 * @template T
 * @param {(cache: Cache) => Promise<T>} use
 * @returns {Promise<T | undefined>} undefined if storage fails
 */
async function withCache(use) {
  try {
    return await use(await caches.open(CACHE));
  } catch {
    return undefined;
  }
}

/** @param {(piece: Piece) => boolean} which */
async function removeWhere(which) {
  await withCache(async (cache) => {
    for (const piece of await list(cache)) if (which(piece)) await cache.delete(piece.key);
  });
}

/** Lets go all that is kept of a file, and what nobody will ask for. @param {Identity} file */
export function removeParts(file) {
  return removeWhere((piece) => belongs(piece, file) || isOver(piece, file));
}

/** Lets go what nobody will ask for. @param {Identity} file that is kept as a whole */
export function removeOver(file) {
  return removeWhere((piece) => isOver(piece, file));
}

/** Held while a file is downloaded, so that other tabs know. @param {Identity} file */
function lockOf({ url, sha256 }) {
  return `pocketglot-download ${sha256 ?? url}`;
}

/** Whether some tab of this site is downloading a file now. @param {Identity} file */
export async function isDownloading(file) {
  try {
    const { held } = await navigator.locks.query();
    return held?.some(({ name }) => name === lockOf(file)) ?? false;
  } catch {
    return false;
  }
}

/**
 * @param {Identity} file
 * @returns {Promise<(() => void) | undefined>} ends it; undefined if another tab holds it
 */
function lock(file) {
  return new Promise((resolve) => {
    /** @type {() => void} */
    let end = () => {};
    const ended = new Promise((done) => (end = () => done(undefined)));
    const locks = /** @type {LockManager | undefined} */ (globalThis.navigator?.locks);
    if (!locks) return resolve(end);
    const taken = (/** @type {Lock | null} */ held) => {
      resolve(held ? end : undefined);
      return held ? ended : undefined;
    };
    // Some documents may not have any: it is as if nobody else were there.
    locks.request(lockOf(file), { ifAvailable: true }, taken).catch(() => resolve(end));
  });
}

/** The pieces of one file while it is downloaded. */
export class Parts {
  #file;
  #unlock;
  /** Two who write would mix their pieces. */
  #mayWrite;
  #saved = 0;
  #last = performance.now();
  #isWriting = false;
  /** @type {Promise<unknown>} */
  #written = Promise.resolve();

  /** What an earlier download has left, from the beginning. @type {{ chunks: Uint8Array<ArrayBuffer>[], edition: Edition }} */
  found = { chunks: [], edition: {} };

  /** @param {Identity} file @param {(() => void) | undefined} unlock */
  constructor(file, unlock) {
    this.#file = file;
    this.#unlock = unlock;
    this.#mayWrite = unlock !== undefined && typeof caches !== 'undefined';
  }

  /** Must be closed. @param {Identity} file */
  static async open(file) {
    const parts = new Parts(file, await lock(file));
    const found = await withCache((cache) => parts.#read(cache));
    if (found) {
      parts.found = found;
      parts.#saved = found.chunks.reduce((sum, { length }) => sum + length, 0);
    }
    return parts;
  }

  /** @param {Cache} cache */
  async #read(cache) {
    const chunks = [];
    /** @type {Edition} */
    let edition = {};
    let at = 0;
    const all = await list(cache);
    const mine = all.filter((piece) => belongs(piece, this.#file) && !isOver(piece, this.#file));
    for (;;) {
      const next = mine.find(({ label }) => label.from === at && (at === 0 || this.#goTogether(label, edition)));
      const bytes = next && (await (await cache.match(next.key))?.arrayBuffer());
      if (!next || bytes?.byteLength !== next.label.to - at || bytes.byteLength === 0) break;
      chunks.push(new Uint8Array(bytes));
      ({ to: at } = next.label);
      // Another server has words of its own for the same file.
      edition = next.url === keyOf(this.#file.url) ? next.label : { total: next.label.total };
      all.splice(all.indexOf(next), 1);
    }
    const useless = all.filter((piece) => belongs(piece, this.#file) || isOver(piece, this.#file));
    if (this.#mayWrite) for (const { key } of useless) await cache.delete(key);
    return { chunks, edition };
  }

  /** @param {Edition} one @param {Edition} other */
  #goTogether(one, other) {
    return this.#file.sha256 !== undefined || (one.etag === other.etag && one.modified === other.modified);
  }

  /**
   * Writes what is new when that is worth it; nobody waits.
   * @param {Uint8Array<ArrayBuffer>} bytes all that have arrived
   * @param {Edition} edition
   */
  note(bytes, edition) {
    const isDue = performance.now() - this.#last >= PIECE.ms && bytes.length - this.#saved >= PIECE.bytes;
    if (isDue && !this.#isWriting) void this.flush(bytes, edition);
  }

  /**
   * Writes all that is new.
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {Edition} edition
   */
  flush(bytes, { etag, modified, total }) {
    const [from, to] = [this.#saved, bytes.length];
    if (!this.#mayWrite || from >= to) return this.#written;
    const { url, sha256, place } = this.#file;
    const label = { from, to, time: Date.now(), sha256, place, etag, modified, total };
    const piece = new Response(bytes.subarray(from));
    this.#saved = to;
    this.#isWriting = true;
    return this.#queue(async () => {
      const put = async (/** @type {Cache} */ cache) => {
        await cache.put(keyOf(url, JSON.stringify(label)), piece);
        return true;
      };
      // After a gap the rest would be of no use.
      if (!(await withCache(put))) this.#mayWrite = false;
      this.#last = performance.now();
      this.#isWriting = false;
    });
  }

  /** What has arrived is of no use. */
  discard() {
    this.found = { chunks: [], edition: {} };
    this.#saved = 0;
    if (this.#mayWrite) void this.#queue(() => removeParts(this.#file));
  }

  /** @param {() => Promise<void>} act */
  #queue(act) {
    this.#written = this.#written.then(act);
    return this.#written;
  }

  /** Lets others download; what is being written still will be. */
  close() {
    void this.#written.then(() => this.#unlock?.());
  }
}
