// A model for a request: the bytes that it gives itself, or a file that a registry or a URL names.

import { fetchModel } from './download.js';
import { engineError, failure, toPlain } from './errors.js';
import { die } from './post.js';
import { locatePair, noModel } from './registry.js';
import { Unpacker } from './unpack.js';

/** @typedef {import('./protocol.js').ModelRequest} ModelRequest */
/** @typedef {import('./download.js').ModelFile} ModelFile */
/** @typedef {import('./engine.js').Engine} Engine */
/** @typedef {import('./engine.js').Loader} Loader */
/** @typedef {import('./download.js').Fetched<Engine>} Fetched */

/**
 * @typedef {object} Options
 * @property {() => Promise<import('./start.js').Host>} start the engine, which may still be on its way
 * @property {AbortSignal} signal
 * @property {import('./download.js').OnProgress} onprogress
 */

/**
 * @param {ModelRequest} request
 * @param {Options} options
 * @returns {Promise<{ fetched: Fetched, file?: ModelFile }>}
 */
export async function obtain(request, { start, signal, onprogress }) {
  /** @type {import('./download.js').Maker<Loader, Engine>} */
  const maker = {
    async open(size) {
      const { engine } = await start();
      return new engine.Loader(size);
    },
    make: construct,
  };
  if (request.model instanceof Blob) {
    const unpacker = new Unpacker(maker.open);
    unpacker.write(new Uint8Array(await request.model.arrayBuffer()));
    const model = construct(await unpacker.end());
    return { fetched: { model, wireBytes: request.model.size, verified: false } };
  }
  const file = await locate(request, signal);
  if (!file) throw noModel(request);
  const fetching = fetchModel(file, { signal, onprogress, maker });
  const fetched = await (request.model === undefined ? fetching.catch(notReady) : fetching);
  return { fetched, file };
}

/**
 * To the draft, a model of a registry that is not understood is one that could not be made ready.
 * @param {unknown} error
 * @returns {never}
 */
function notReady(error) {
  const isData = error instanceof DOMException && error.name === 'DataError';
  throw isData ? failure('OperationError', error.message) : error;
}

/**
 * @param {ModelRequest} request
 * @param {AbortSignal} signal
 * @returns {Promise<(ModelFile & Partial<import('./registry.js').RegistryEntry>) | undefined>}
 */
export async function locate(request, signal) {
  if (typeof request.model === 'string') return { url: request.model };
  return locatePair(request, signal);
}

/** @param {Loader} loader */
function construct(loader) {
  try {
    return loader.finish();
  } catch (error) {
    const known = engineError(error);
    if (known) throw failure(known.name, `The model file is not understood: ${known.message}`);
    const broken = failure(
      'OperationError',
      `The translation engine stopped while it read a model: ${toPlain(error).message}`,
    );
    die(broken);
    throw broken;
  }
}
