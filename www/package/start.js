// Starts the engine: chooses the build that this browser can run, compiles it while it arrives, and
// gives it a memory that helpers can share.

import * as engine from './engine.js';
import { failure } from './errors.js';
import { compile, fetchModule, startModule } from './module.js';
import { hasAtomics, hasRelaxedSimd, hasSimd } from './probes.js';
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
  if (!hasSimd()) throw lacks('WebAssembly SIMD');
  if (!hasAtomics()) throw lacks('WebAssembly atomics');
  return hasRelaxedSimd() ? 'relaxed' : 'simd';
}

/** For messages. */
const ENGINE = 'translation engine';

/** @returns {Promise<Host>} */
export async function start() {
  const build = choose();
  return startModule((cache) => instantiate(build, cache), ENGINE);
}

/**
 * @param {Build} build
 * @param {RequestCache} cache
 * @returns {Promise<Host>}
 */
async function instantiate(build, cache) {
  const { memory, shared } = createMemory();
  const response = await fetchModule(urlOf(build), cache, ENGINE);
  const module = shared ? await compile(response) : await compileUnshared(response);
  await engine.default({ module_or_path: module, memory });
  return { build, engine, module, memory, shared };
}

/** Spelled out, so that bundlers see which files belong to the package. @param {Build} build */
function urlOf(build) {
  return build === 'relaxed'
    ? new URL('./engine-relaxed.wasm', import.meta.url)
    : new URL('./engine-simd.wasm', import.meta.url);
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
