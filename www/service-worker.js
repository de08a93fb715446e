// Keeps the page itself (the shell), so that a visit works without a network. Models are not its
// business: the package keeps those. The build fills in the two constants.

const BUILD_ID = '__BUILD_ID__';
/** Relative URLs of everything that the page is made of. @type {string[]} */
const SHELL_FILES = ['__SHELL_FILES__'];

const PREFIX = 'pocketglot-shell-';
const CACHE = PREFIX + BUILD_ID;
const INDEX = 'index.html';

/** Of the builds of the engine, a browser runs one: the first if it can. */
const ENGINES = ['package/engine-relaxed.wasm', 'package/engine-simd.wasm'];
/** Not everybody opens the laboratory: it is kept when it has been used. */
const ON_DEMAND = /^package\/(lab\.|calibration\.)/;
/** Valid only where the first can run, as in package/probes.js: a relaxed SIMD instruction. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x93, 2, 0x0b],
);

const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const root = new URL('./', scope.location.href);
const shell = new Set(SHELL_FILES.map((file) => new URL(file, root).href));

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(removeOldShells()));

/** All files or none: a failed install leaves the former version in charge. */
async function install() {
  // An older version that comes back may still be the one in charge.
  const inUse = await caches.has(CACHE);
  const cache = await caches.open(CACHE);
  const unused = ENGINES[WebAssembly.validate(RELAXED_PROBE) ? 1 : 0];
  try {
    await Promise.all(
      SHELL_FILES.filter((file) => file !== unused && !ON_DEMAND.test(file)).map(async (file) => {
        // Some servers redirect index.html to its folder, and a navigation must not get a redirect.
        const url = new URL(file === INDEX ? './' : file, root);
        const response = await fetch(url, { cache: 'no-cache' });
        if (!response.ok) throw new Error(`${url}: status ${response.status}`);
        await cache.put(new URL(file, root), response);
      }),
    );
  } catch (error) {
    if (!inUse) await caches.delete(CACHE);
    throw error;
  }
}

async function removeOldShells() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
}

// A new version waits until no page of the old one is open, or until the page asks for it: one visit
// never mixes two versions.
scope.addEventListener('message', ({ data }) => {
  if (data === 'activate') void scope.skipWaiting();
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const url = new URL(request.url);
  url.hash = '';
  url.search = '';
  const isPage =
    request.mode === 'navigate' &&
    (url.href === root.href || url.href === new URL(INDEX, root).href);
  const key = isPage ? new URL(INDEX, root).href : url.href;
  if (!shell.has(key)) return;
  // "reload" is how the package gets round a damaged copy.
  const damaged = request.cache === 'reload' && request.mode !== 'navigate';
  event.respondWith(damaged ? renewed(key, request) : fromShell(key, request));
});

/** @param {string} key @param {Request} request */
async function renewed(key, request) {
  const response = await fetch(request);
  if (response.ok) await (await caches.open(CACHE)).put(key, response.clone());
  return response;
}

/** @param {string} key @param {Request} request */
async function fromShell(key, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(key)) ?? renewed(key, request);
}
