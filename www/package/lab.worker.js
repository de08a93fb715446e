// The laboratory's worker: takes packages apart, makes them smaller, scores them. While it computes it
// hears nothing; the page ends it instead.

import { fetchModel } from './download.js';
import { engineError, failure, toPlain } from './errors.js';
import init, * as lab from './lab.js';
import { compile, fetchModule, startModule } from './module.js';
import { hasSimd } from './probes.js';
import { wellFormed } from './text.js';
import { Unpacker } from './unpack.js';

/** @typedef {import('./lab-protocol.js').Method} Method */
/** @typedef {import('./lab-protocol.js').Package} Package */
/**
 * @template {Method} M
 * @typedef {import('./lab-protocol.js').Methods[M]} Types
 */
/** @typedef {(value: any) => void} OnProgress */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** For messages. */
const LABORATORY = 'laboratory';

/** @param {import('./lab-protocol.js').FromLaboratory} message */
function post(message) {
  scope.postMessage(message);
}

/** @type {Promise<unknown> | undefined} */
let started;

function start() {
  if (!hasSimd()) {
    const message = `This browser cannot run the ${LABORATORY}: it has no WebAssembly SIMD.`;
    throw failure('NotSupportedError', message);
  }
  if (!started) {
    started = startModule(async (cache) => {
      const url = new URL('./lab.wasm', import.meta.url);
      await init({ module_or_path: await compile(await fetchModule(url, cache, LABORATORY)) });
    }, LABORATORY);
    // Whoever comes next tries again.
    started.catch(() => (started = undefined));
  }
  return started;
}

/** @type {{ [M in Method]: (params: Types<M>['params'], onprogress: OnProgress) => Promise<Types<M>['result']> }} */
const methods = { load, compress, evaluate };

/** @param {Types<'load'>['params']} params @param {OnProgress} onprogress */
async function load({ model: source }, onprogress) {
  const { model, wireBytes } = await obtain(source, onprogress);
  try {
    return opened(model, wireBytes);
  } finally {
    model.free();
  }
}

/**
 * @param {string | Blob} source
 * @param {OnProgress} onprogress
 * @returns {Promise<{ model: lab.Model, wireBytes: number }>}
 */
async function obtain(source, onprogress) {
  const maker = {
    async open(/** @type {number | undefined} */ size) {
      await start();
      return new lab.Loader(size);
    },
    make: construct,
  };
  if (typeof source === 'string') {
    // Nothing aborts it: the page ends this worker.
    const { signal } = new AbortController();
    return fetchModel({ url: source }, { signal, onprogress, maker });
  }
  const unpacker = new Unpacker(maker.open);
  unpacker.write(new Uint8Array(await source.arrayBuffer()));
  return { model: construct(await unpacker.end()), wireBytes: source.size };
}

/** @param {lab.Loader} loader */
function construct(loader) {
  try {
    return loader.open();
  } catch (error) {
    const known = engineError(error);
    if (known) throw failure(known.name, `The model file is not understood: ${known.message}`);
    throw error;
  }
}

/**
 * @param {lab.Model} model
 * @param {number} [length] of the file that it came in, gzipped or not
 * @returns {import('./lab-protocol.js').Opened}
 */
function opened(model, length) {
  const bytes = model.file();
  const info = model.info();
  // A plain file tells nothing of what gzip would make of it.
  const wire_bytes = length === bytes.length ? info.wire_bytes : (length ?? info.wire_bytes);
  const file = new Blob([bytes], { type: 'application/octet-stream' });
  return { file, wire_bytes, info };
}

/**
 * Calls `use` with a model that is there as long as it takes.
 * @template T
 * @param {Package} params
 * @param {(model: lab.Model) => T | Promise<T>} use
 * @returns {Promise<T>}
 */
async function withModel({ file, wire_bytes }, use) {
  await start();
  const loader = new lab.Loader(file.size);
  loader.push(new Uint8Array(await file.arrayBuffer()));
  const model = loader.open(wire_bytes);
  try {
    return await use(model);
  } finally {
    model.free();
  }
}

/** @param {Types<'compress'>['params']} params @param {OnProgress} onprogress */
async function compress(params, onprogress) {
  await start();
  const { recipe: text, calibration } = params;
  const recipe =
    'preset' in text ? lab.Recipe.preset(wellFormed(text.preset)) : lab.Recipe.read(text.json);
  try {
    return await withModel(params, async (model) => {
      let sentences = calibration?.map(wellFormed) ?? [];
      if (recipe.needs_calibration() && !calibration) sentences = model.text_in(await ownText());
      const compressed = model.compress(recipe, sentences, onprogress);
      const report = compressed.report();
      const smaller = compressed.model();
      try {
        return { ...opened(smaller), report };
      } finally {
        smaller.free();
      }
    });
  } finally {
    recipe.free();
  }
}

/** Sentences of ours, a column a language. */
async function ownText() {
  const url = new URL('./calibration.en-pt.tsv', import.meta.url);
  return (await fetchModule(url, 'default', 'calibration text')).text();
}

/** @param {Types<'evaluate'>['params']} params @param {OnProgress} onprogress */
function evaluate(params, onprogress) {
  const [sources, references] = [params.sources, params.references].map((texts) => texts.map(wellFormed));
  return withModel(params, (model) => model.evaluate(sources, references, onprogress));
}

/** An error as the package names it, or what is left of a module that broke down. @param {unknown} error */
function named(error) {
  // Recipes, texts: what the caller gave.
  if (error instanceof Error && error.name === 'InvalidInput') return new TypeError(error.message);
  return engineError(error) ?? error;
}

scope.onmessage = async ({ data }) => {
  const { method, params } = /** @type {import('./lab-protocol.js').Request} */ (data);
  const onprogress = (/** @type {unknown} */ value) => post({ type: 'progress', value });
  try {
    post({ type: 'result', value: await methods[method](/** @type {any} */ (params), onprogress) });
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) {
      const message = `The ${LABORATORY} stopped: ${error.message}`;
      post({ type: 'dead', error: { name: 'OperationError', message } });
    } else {
      post({ type: 'error', error: toPlain(named(error)) });
    }
  }
};

post({ type: 'ready' });
