// A WebAssembly module of the package on its way: fetched, and started with a second attempt where the
// file was damaged.

import { failure, toPlain } from './errors.js';

/**
 * @param {URL} url
 * @param {RequestCache} cache
 * @param {string} what it is, for people
 */
export async function fetchModule(url, cache, what) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { cache });
  } catch {
    throw failure('NetworkError', `The ${what} could not be downloaded. Is the device offline?`);
  }
  if (!response.ok) {
    throw failure(
      'NetworkError',
      `The ${what} could not be downloaded: the server answered ${response.status} for ${url}.`,
    );
  }
  return response;
}

/** @param {Response} response */
export async function compile(response) {
  // While it arrives, unless its server calls it something else.
  const streaming = response.headers.get('Content-Type') === 'application/wasm';
  return streaming
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/**
 * @template T
 * @param {(cache: RequestCache) => Promise<T>} instantiate
 * @param {string} what it is, for people
 * @returns {Promise<T>}
 */
export async function startModule(instantiate, what) {
  try {
    return await instantiate('default');
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw known(error, what);
  }
  // A file that was damaged on its way into a cache must not stay there for ever.
  return instantiate('reload').catch((error) => {
    throw known(error, what);
  });
}

/** @param {unknown} error @param {string} what */
function known(error, what) {
  if (error instanceof DOMException) return error;
  return failure('OperationError', `The ${what} could not be started: ${toPlain(error).message}`);
}
