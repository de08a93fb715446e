// Keeps the page itself (the shell), so that a visit works without a network, and serves it with the
// headers that threads need. Models are not its business: the package keeps those. The build fills in
// the four constants.

const BUILD_ID = '__BUILD_ID__';
/** Relative URLs of what a visit begins with. @type {string[]} */
const FIRST_FILES = ['__FIRST_FILES__'];
/** And of the rest, the laboratory above all: kept when it is used or when the page asks for it. @type {string[]} */
const LATER_FILES = ['__LATER_FILES__'];
/** What few visits need, training: kept when it is used. @type {string[]} */
const RARE_FILES = ['__RARE_FILES__'];

const PREFIX = 'pocketglot-shell-';
const CACHE = PREFIX + BUILD_ID;
const INDEX = 'index.html';

/** Of the builds of the engine and the laboratory, a browser runs one each: the first if it can. */
const BUILDS = ['-relaxed.wasm', '-simd.wasm'];
/** Not every host can send these, and without them no memory is shared between threads. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
/** Valid only where the first can run, as in package/probes.js: a relaxed SIMD instruction. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x93, 2, 0x0b],
);

const hasRelaxedSimd = WebAssembly.validate(RELAXED_PROBE);

const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const root = new URL('./', scope.location.href);
/** @param {string} file */
const address = (file) => new URL(file, root).href;
const shell = new Set([...FIRST_FILES, ...LATER_FILES, ...RARE_FILES].map(address));

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(removeOldShells()));

/** All files or none: a failed install leaves the former version in charge. */
async function install() {
  // An older version that comes back may still be the one in charge.
  const inUse = await caches.has(CACHE);
  // Who has had the rest does not lose it by an update.
  const rest = (await anyIsKept(LATER_FILES)) ? LATER_FILES : [];
  const rare = (await anyIsKept(RARE_FILES)) ? RARE_FILES : [];
  const cache = await caches.open(CACHE);
  const files = [...FIRST_FILES, ...rest, ...rare].filter(isUsed);
  try {
    await Promise.all(files.map(async (file) => cache.put(address(file), await fetched(file))));
  } catch (error) {
    if (!inUse) await caches.delete(CACHE);
    throw error;
  }
}

/** Of two builds the other one is never asked for. @param {string} file */
function isUsed(file) {
  return !file.endsWith(BUILDS[hasRelaxedSimd ? 1 : 0]);
}

/** @param {string} file @param {RequestInit} [options] */
async function fetched(file, options) {
  // Some servers redirect index.html to its folder, and a navigation must not get a redirect.
  const url = new URL(file === INDEX ? './' : file, root);
  const response = await fetch(url, { cache: 'no-cache', ...options });
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return isolated(response);
}

/** @param {Response} response */
function isolated({ body, status, statusText, headers }) {
  const all = new Headers(headers);
  for (const [name, value] of Object.entries(ISOLATION)) all.set(name, value);
  return new Response(body, { status, statusText, headers: all });
}

/** By any version. @param {string[]} files */
async function anyIsKept(files) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const cache = await caches.open(name);
    for (const file of files) if (await cache.match(address(file))) return true;
  }
  return false;
}

/** Fetches what is not kept yet, one file after another, behind whatever else goes on. */
async function complete() {
  const cache = await caches.open(CACHE);
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  const missing = LATER_FILES.filter((file) => isUsed(file) && !kept.has(address(file)));
  if (missing.length === 0) return;
  /** @type {[string, Response][]} */
  const files = [];
  for (const file of missing) {
    const response = await fetched(file, { priority: 'low' });
    files.push([address(file), new Response(await response.blob(), response)]);
  }
  // The host may have another version by now, whose files do not go with these.
  const script = await fetch(scope.location.href, { cache: 'no-cache' });
  if (!(await script.text()).includes(BUILD_ID)) return;
  for (const [url, response] of files) await cache.put(url, response);
}

/** @type {Promise<void> | undefined} */
let completing;

function completeOnce() {
  completing ??= complete()
    .catch(() => {
      // No network, or no room: the next visit asks again.
    })
    .finally(() => (completing = undefined));
  return completing;
}

async function removeOldShells() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
}

// A new version waits until no page of the old one is open, or until the page asks for it: one visit
// never mixes two versions.
scope.addEventListener('message', (event) => {
  if (event.data === 'activate') void scope.skipWaiting();
  if (event.data === 'complete') event.waitUntil(completeOnce());
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const url = new URL(request.url);
  url.hash = '';
  url.search = '';
  const isPage =
    request.mode === 'navigate' &&
    (url.href === root.href || url.href === address(INDEX));
  const key = isPage ? address(INDEX) : url.href;
  if (!shell.has(key)) return;
  // "reload" is how the package gets round a damaged copy.
  const damaged = request.cache === 'reload' && request.mode !== 'navigate';
  event.respondWith(damaged ? renewed(key, request) : fromShell(key, request));
});

/** @param {string} key @param {Request} request */
async function renewed(key, request) {
  const answer = await fetch(request);
  if (!answer.ok) return answer;
  const response = isolated(answer);
  try {
    await (await caches.open(CACHE)).put(key, response.clone());
  } catch {
    // No room: it serves all the same, and the next visit fetches it again.
  }
  return response;
}

/** @param {string} key @param {Request} request */
async function fromShell(key, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(key)) ?? renewed(key, request);
}
