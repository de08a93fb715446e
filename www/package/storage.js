// Files kept in this browser, in the Cache API. Every failure here (no such API in an insecure page,
// private windows, a full disk) means only that a file is not kept: translation works without.

import { removeParts } from './parts.js';

const CACHE = 'pocketglot-models-v1';
const VERSION = 'pocketglot-sha256';
const PLACE = 'pocketglot-pair';

/**
 * A file is known by its hash wherever it comes from; without one, by its URL.
 * @typedef {object} Identity
 * @property {string} url
 * @property {number} [bytes]
 * @property {string} [sha256]
 * @property {string} [place] see `placeOf`
 */

/** Versions of one file differ in a parameter that its server never sees. @param {Identity} file */
function keyOf({ url, sha256 }) {
  return withParameter(url, VERSION, sha256 ?? 'unknown');
}

/**
 * Where a registry lists a model: whatever is listed there later takes the place of what was before.
 * @param {string} registry
 * @param {string} source
 * @param {string} target
 */
export function placeOf(registry, source, target) {
  return withParameter(registry, PLACE, `${source} ${target}`);
}

/** @param {string} url @param {string} name @param {string} value */
function withParameter(url, name, value) {
  const key = new URL(url);
  key.hash = '';
  key.searchParams.set(name, value);
  return key.href;
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

/** Whether this page may keep files at all. */
export function isAvailable() {
  return typeof caches !== 'undefined';
}

/**
 * A kept copy: from this URL, else from any other.
 * @param {Cache} cache
 * @param {Identity} file
 */
async function find(cache, file) {
  const own = await cache.match(keyOf(file));
  if (own || file.sha256 === undefined) return own;
  for (const key of await versions(cache)) {
    if (key.version !== file.sha256) continue;
    const copy = await cache.match(key.url);
    // Of a copy that a server had unpacked on the way, the hash was not compared: its own URL may have
    // that, nobody else.
    if (copy?.headers.get('Content-Length') === String(file.bytes)) return copy;
  }
  return undefined;
}

/**
 * All files that are kept: the key, and what it says of the version.
 * @param {Cache} cache
 */
async function versions(cache) {
  return (await cache.keys()).flatMap(({ url }) => {
    const version = new URL(url).searchParams.get(VERSION);
    return version === null ? [] : [{ url, version }];
  });
}

/** @param {Identity} file @returns {Promise<boolean>} */
export async function has(file) {
  return (await withCache((cache) => find(cache, file))) !== undefined;
}

/** @typedef {ReadableStream<Uint8Array<ArrayBuffer>>} Bytes */

/** @param {Identity} file @returns {Promise<Bytes | undefined>} */
export async function read(file) {
  return withCache(async (cache) => bodyOf(await find(cache, file)));
}

/** The file as something that can be passed on unread. @param {Identity} file @returns {Promise<Blob | undefined>} */
export async function readBlob(file) {
  return withCache(async (cache) => (await find(cache, file))?.blob());
}

/** @param {Response | undefined} response */
function bodyOf(response) {
  return /** @type {Bytes | undefined} */ (response?.body ?? undefined);
}

/**
 * Keeps a whole file and lets go what it replaces: its pieces, and the version before it. A put either
 * succeeds as a whole or leaves nothing, so there is never half a file.
 * @param {Identity} file
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<boolean>} whether it is kept
 */
export async function keep(file, bytes) {
  const put = () =>
    withCache(async (cache) => {
      const headers = {
        'Content-Type': 'application/octet-stream',
        'Content-Length': String(bytes.length),
      };
      await cache.put(keyOf(file), new Response(bytes, { headers }));
      return true;
    });
  let kept = await put();
  await removeParts(file);
  if (!kept) {
    // Perhaps the old version takes the room that the new one needs.
    await withCache((cache) => removeFormer(cache, file));
    kept = await put();
  }
  if (kept) await claim(file);
  return kept ?? false;
}

/**
 * Notes that a kept file is what the registry lists now, and lets go what was listed before.
 * @param {Identity} file
 */
export async function claim(file) {
  await withCache(async (cache) => {
    await removeFormer(cache, file);
    const { place, sha256 } = file;
    if (place === undefined || (await textAt(cache, place)) === sha256) return;
    await cache.put(place, new Response(sha256));
  });
}

/** A copy that turned out to be of no use. @param {Identity} file */
export async function remove(file) {
  await withCache(async (cache) => {
    for (const { url, version } of await versions(cache))
      if (url === keyOf(file) || version === file.sha256) await cache.delete(url);
  });
}

/**
 * Keys of what is kept in versions other than this one: of the same place, or of the same URL.
 * @param {Cache} cache
 * @param {Identity} file
 */
async function former(cache, file) {
  const listed = file.place === undefined ? undefined : await textAt(cache, file.place);
  return (await versions(cache)).filter(({ url, version }) => {
    if (version === (file.sha256 ?? 'unknown')) return false;
    return version === listed || withParameter(url, VERSION, '') === withParameter(file.url, VERSION, '');
  });
}

/** Whether another version is kept, which serves while this one can't be had. @param {Identity} file */
export async function hasOther(file) {
  return ((await withCache((cache) => former(cache, file))) ?? []).length > 0;
}

/** Another version of the file. @param {Identity} file @returns {Promise<Bytes | undefined>} */
export async function readOther(file) {
  return withCache(async (cache) => {
    const [other] = await former(cache, file);
    return other && bodyOf(await cache.match(other.url));
  });
}

/** What another registry lists stays. @param {Cache} cache @param {Identity} file */
async function removeFormer(cache, file) {
  const others = await former(cache, file);
  if (others.length === 0) return;
  const inUse = new Set();
  for (const { url } of await cache.keys())
    if (url !== file.place && new URL(url).searchParams.has(PLACE)) inUse.add(await textAt(cache, url));
  for (const { url, version } of others) if (!inUse.has(version)) await cache.delete(url);
}

/** @param {Cache} cache @param {string} url */
async function textAt(cache, url) {
  return (await cache.match(url))?.text();
}

/** @param {string} url @returns {Promise<string | undefined>} */
export async function readText(url) {
  return withCache((cache) => textAt(cache, url));
}

/** @param {string} url @param {string} text */
export async function keepText(url, text) {
  await withCache((cache) => cache.put(url, new Response(text)));
}
