// Starts the engine: chooses the build that this browser can run, compiles it while it arrives, and
// gives it a memory that helpers can share.

import * as engine from './engine.js';
import { failure, toPlain } from './errors.js';
import { unshare } from './unshare.js';

/** @typedef {'relaxed' | 'simd'} Build */

/**
 * A started engine.
 * @typedef {object} Host
 * @property {Build} build
 * @property {typeof engine} engine what it exports
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 * @property {boolean} shared the memory can be shared with other workers
 */

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** A module with one function, () → v128, of this code. @param {number[]} code */
const vectorProbe = (code) =>
  Uint8Array.of(
    ...[...HEADER, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0],
    ...[10, code.length + 4, 1, code.length + 2, 0, ...code, 0x0b],
  );
/** `i8x16.splat(0)` */
const ZERO = [0x41, 0, 0xfd, 0x0f];
/** Valid only with 128-bit SIMD: `i8x16.popcnt`. */
const SIMD_PROBE = vectorProbe([...ZERO, 0xfd, 0x62]);
/** Valid only with relaxed SIMD: `i32x4.relaxed_dot_i8x16_i7x16_add_s`. */
const RELAXED_PROBE = vectorProbe([...ZERO, ...ZERO, ...ZERO, 0xfd, 0x93, 2]);
/** Valid only with atomic instructions: `i32.atomic.load` from a memory of its own. */
const ATOMICS_PROBE = Uint8Array.of(
  ...[...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1],
  ...[10, 11, 1, 9, 0, 0x41, 0, 0xfe, 0x10, 2, 0, 0x1a, 0x0b],
);

/** 64 KiB each: the first two models hardly make it grow, and it may grow to 512 MiB. */
const INITIAL_PAGES = 64;
/** A shared memory reserves addresses for its maximum, which small devices may refuse. */
const MAXIMUM_PAGES = [8192, 4096, 2048];

/**
 * A helper's stack, half of what the engine's own thread has: nothing in a translation recurses, and
 * tensors live elsewhere.
 */
const HELPER_STACK = 8 * 65536;

/** @returns {Build} */
function choose() {
  const lacks = (/** @type {string} */ what) =>
    failure('NotSupportedError', `This browser cannot run the translation engine: it has no ${what}.`);
  if (!WebAssembly.validate(SIMD_PROBE)) throw lacks('WebAssembly SIMD');
  if (!WebAssembly.validate(ATOMICS_PROBE)) throw lacks('WebAssembly atomics');
  return WebAssembly.validate(RELAXED_PROBE) ? 'relaxed' : 'simd';
}

/** @returns {Promise<Host>} */
export async function start() {
  const build = choose();
  try {
    return await instantiate(build, 'default');
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw known(error);
  }
  // A file that was damaged on its way into a cache must not stay there for ever.
  return instantiate(build, 'reload').catch((error) => {
    throw known(error);
  });
}

/** @param {unknown} error */
function known(error) {
  if (error instanceof DOMException) return error;
  return failure(
    'OperationError',
    `The translation engine could not be started: ${toPlain(error).message}`,
  );
}

/**
 * @param {Build} build
 * @param {RequestCache} cache
 * @returns {Promise<Host>}
 */
async function instantiate(build, cache) {
  const { memory, shared } = createMemory();
  const response = await download(build, cache);
  const module = shared ? await compile(response) : await compileUnshared(response);
  await engine.default({ module_or_path: module, memory });
  return { build, engine, module, memory, shared };
}

/** @param {Build} build @param {RequestCache} cache */
async function download(build, cache) {
  // Spelled out, so that bundlers see which files belong to the package.
  const url =
    build === 'relaxed'
      ? new URL('./engine-relaxed.wasm', import.meta.url)
      : new URL('./engine-simd.wasm', import.meta.url);
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { cache });
  } catch {
    throw failure(
      'NetworkError',
      'The translation engine could not be downloaded. Is the device offline?',
    );
  }
  if (!response.ok) {
    throw failure(
      'NetworkError',
      `The translation engine could not be downloaded: the server answered ${response.status} for ${url}.`,
    );
  }
  return response;
}

/** @param {Response} response */
async function compile(response) {
  // While it arrives, unless its server calls it something else.
  const streaming = response.headers.get('Content-Type') === 'application/wasm';
  return streaming
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/** @param {Response} response */
async function compileUnshared(response) {
  return WebAssembly.compile(unshare(new Uint8Array(await response.arrayBuffer())));
}

/**
 * Also pages that are not isolated get a memory of the shared kind in most browsers: they can only
 * not share it. The others get a plain one.
 */
function createMemory() {
  for (const maximum of MAXIMUM_PAGES) {
    try {
      const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true });
      return { memory, shared: true };
    } catch {
      // Too much for this device, or not allowed on this page.
    }
  }
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES[0] });
  return { memory, shared: false };
}

/**
 * In a helper's worker: joins an engine that was started elsewhere.
 * @param {{ module: WebAssembly.Module, memory: WebAssembly.Memory }} host
 */
export function join({ module, memory }) {
  engine.initSync({ module, memory, thread_stack_size: HELPER_STACK });
  return engine;
}
