// Files kept in this browser, in the Cache API. Every failure here (no such API in an insecure page,
// private windows, a full disk) means only that a file is not kept: translation works without.

const CACHE = 'pocketglot-models-v1';
const VERSION = 'pocketglot-sha256';

/** @typedef {{ url: string, sha256?: string }} Identity */

/** The versions of one file differ in a parameter that its server never sees. @param {Identity} file */
function keyOf({ url, sha256 }) {
  const key = new URL(url);
  key.hash = '';
  key.searchParams.set(VERSION, sha256 ?? 'unknown');
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

/** @param {Identity} file @returns {Promise<boolean>} */
export async function has(file) {
  return (await withCache((cache) => cache.match(keyOf(file)))) !== undefined;
}

/** @typedef {ReadableStream<Uint8Array<ArrayBuffer>>} Bytes */

/** @param {Identity} file @returns {Promise<Bytes | undefined>} */
export async function read(file) {
  return withCache(async (cache) => bodyOf(await cache.match(keyOf(file))));
}

/** The file as something that can be passed on unread. @param {Identity} file @returns {Promise<Blob | undefined>} */
export async function readBlob(file) {
  return withCache(async (cache) => (await cache.match(keyOf(file)))?.blob());
}

/** @param {Response | undefined} response */
function bodyOf(response) {
  return /** @type {Bytes | undefined} */ (response?.body ?? undefined);
}

/**
 * Keeps a whole file and lets its other versions go. A put either succeeds as a whole or leaves
 * nothing, so there is never half a file.
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
  if (await put()) {
    await removeOtherVersions(file);
    return true;
  }
  // Perhaps the old version takes the room that the new one needs.
  await removeOtherVersions(file);
  return (await put()) ?? false;
}

/** @param {Identity} file */
export async function remove(file) {
  await withCache((cache) => cache.delete(keyOf(file)));
}

/**
 * What is kept of a file in versions other than this one.
 * @param {Cache} cache
 * @param {Identity} file
 */
async function otherVersions(cache, file) {
  const own = keyOf(file);
  const plain = keyOf({ url: file.url });
  return (await cache.keys()).filter((request) => {
    const url = new URL(request.url);
    if (!url.searchParams.has(VERSION) || request.url === own) return false;
    url.searchParams.set(VERSION, 'unknown');
    return url.href === plain;
  });
}

/** Whether another version is kept, which serves while this one can't be had. @param {Identity} file */
export async function hasOther(file) {
  return ((await withCache((cache) => otherVersions(cache, file))) ?? []).length > 0;
}

/** Another version of the file. @param {Identity} file @returns {Promise<Bytes | undefined>} */
export async function readOther(file) {
  return withCache(async (cache) => {
    const [request] = await otherVersions(cache, file);
    return request && bodyOf(await cache.match(request));
  });
}

/** @param {Identity} file */
async function removeOtherVersions(file) {
  await withCache(async (cache) => {
    for (const request of await otherVersions(cache, file)) await cache.delete(request);
  });
}

/** @param {string} url @returns {Promise<string | undefined>} */
export async function readText(url) {
  return withCache(async (cache) => (await cache.match(url))?.text());
}

/** @param {string} url @param {string} text */
export async function keepText(url, text) {
  await withCache((cache) => cache.put(url, new Response(text)));
}
