// The laboratory's worker: takes packages apart, makes them smaller, scores them. While it computes it
// hears nothing; the page ends it instead.

import { holdLock } from './alive.js';
import { fetchModel } from './download.js';
import { engineError, failure } from './errors.js';
import init, * as lab from './lab.js';
import { expectServes } from './languages.js';
import { compile, fetchModule, startModule } from './module.js';
import { removeParts } from './parts.js';
import { hasRelaxedSimd, hasSimd } from './probes.js';
import { locatePair, noModel } from './registry.js';
import * as storage from './storage.js';
import { wellFormed } from './text.js';
import { Unpacker, isGzip } from './unpack.js';
import { calibrationText, trouble } from './work.js';

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

/** @param {WebAssembly.Module} [compiled] of a worker before this one */
function start(compiled) {
  if (!hasSimd()) {
    const message = `This browser cannot run the ${LABORATORY}: it has no WebAssembly SIMD.`;
    throw failure('NotSupportedError', message);
  }
  if (!started) {
    started = startModule(async (cache) => {
      const module = compiled ?? (await download(cache));
      await init({ module_or_path: module });
      if (!compiled) post({ type: 'module', module });
    }, LABORATORY);
    // Whoever comes next tries again.
    started.catch(() => (started = undefined));
  }
  return started;
}

/** @param {RequestCache} cache */
async function download(cache) {
  // Each written out, so that bundlers see the files.
  const url = hasRelaxedSimd()
    ? new URL('./lab-relaxed.wasm', import.meta.url)
    : new URL('./lab-simd.wasm', import.meta.url);
  return compile(await fetchModule(url, cache, LABORATORY));
}

/** @type {{ [M in Method]: (params: Types<M>['params'], onprogress: OnProgress) => Promise<Types<M>['result']> }} */
const methods = { load, import: importFiles, compress, evaluate, search, histogram, gzip, measure };

/** @param {Types<'load'>['params']} params @param {OnProgress} onprogress */
async function load({ model: source }, onprogress) {
  const { model, wireBytes, file } = await obtain(source, onprogress);
  try {
    const result = { ...opened(model, wireBytes), served: await ifGzipped(file) };
    if (!(source instanceof Blob) && typeof source !== 'string')
      expectServes(result.info.languages, source);
    return result;
  } finally {
    model.free();
  }
}

/**
 * @param {Types<'load'>['params']['model']} source
 * @param {OnProgress} onprogress
 * @returns {Promise<{ model: lab.Model, wireBytes: number, file?: Blob }>}
 */
async function obtain(source, onprogress) {
  if (source instanceof Blob) {
    const loader = await unpack(new Uint8Array(await source.arrayBuffer()));
    return { model: construct(loader), wireBytes: source.size, file: source };
  }
  // Nothing aborts it: the page ends this worker.
  const { signal } = new AbortController();
  const isListed = typeof source !== 'string';
  const place = isListed ? await find(source, signal) : { url: source };
  const maker = { open, make: construct };
  const { packed, ...fetched } = await fetchModel(place, { signal, onprogress, maker });
  // Whoever translates finds it there; nobody waits for that.
  if (packed && storage.isAvailable()) void (isListed ? storage.keep(place, packed) : removeParts(place));
  return { ...fetched, file: packed ? new Blob([packed]) : await storage.readBlob(place) };
}

/** @param {import('./registry.js').Pair} pair @param {AbortSignal} signal */
async function find(pair, signal) {
  const place = await locatePair(pair, signal);
  if (!place) throw noModel(pair);
  return place;
}

/** The file, if it is one as servers give it. @param {Blob} [file] */
async function ifGzipped(file) {
  const start = await file?.slice(0, 2).arrayBuffer();
  return start && isGzip(new Uint8Array(start)) ? file : undefined;
}

/** @param {Types<'import'>['params']} params @param {OnProgress} onprogress */
async function importFiles({ files, sourceLanguage, targetLanguage }, onprogress) {
  const model = (await gather(files, onprogress)).import(sourceLanguage, targetLanguage);
  try {
    return opened(model);
  } finally {
    model.free();
  }
}

/** @param {import('./lab-protocol.js').NamedFile[]} files @param {OnProgress} onprogress */
async function gather(files, onprogress) {
  await start();
  const total = files.reduce((sum, { blob }) => sum + blob.size, 0);
  let loaded = 0;
  const gathered = new lab.Files();
  try {
    for (const { name, blob } of files) {
      onprogress({ loaded, total });
      const bytes = await contentOf(name, blob);
      const loader = await unpack(bytes).catch((error) => {
        throw error instanceof DOMException ? failure(error.name, `"${name}": ${error.message}`) : error;
      });
      gathered.add(wellFormed(isGzip(bytes) ? name.replace(/\.gz$/i, '') : name), loader);
      loaded += blob.size;
    }
  } catch (error) {
    gathered.free();
    throw error;
  }
  onprogress({ loaded, total });
  return gathered;
}

/** @param {string} name @param {Blob} blob */
async function contentOf(name, blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch {
    throw failure('DataError', `"${name}" cannot be read. Has it been moved or changed?`);
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes of a file, plain or gzipped */
function unpack(bytes) {
  const unpacker = new Unpacker(open);
  unpacker.write(bytes);
  return unpacker.end();
}

/** @param {number} [size] of what is to be held, if that is known */
async function open(size) {
  await start();
  return new lab.Loader(size);
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
  return holding(loader.open(wire_bytes), use);
}

/**
 * Calls `use` with something of the module's, and gives it back. What a module borrowed that then stopped
 * can't be given back, and goes with its worker.
 * @template {{ free: () => void }} H
 * @template T
 * @param {H} held
 * @param {(held: H) => T | Promise<T>} use
 * @returns {Promise<T>}
 */
async function holding(held, use) {
  let stopped = false;
  try {
    return await use(held);
  } catch (error) {
    stopped = error instanceof WebAssembly.RuntimeError;
    throw error;
  } finally {
    if (!stopped) held.free();
  }
}

/** @param {Types<'compress'>['params']} params @param {OnProgress} onprogress */
async function compress(params, onprogress) {
  await start();
  const { recipe: text, calibration, gzip } = params;
  const recipe =
    'preset' in text ? lab.Recipe.preset(wellFormed(text.preset)) : lab.Recipe.read(text.json);
  const work = async (/** @type {lab.Model} */ model) => {
    let sentences = calibration?.map(wellFormed) ?? [];
    if (recipe.needs_calibration() && !calibration) sentences = model.text_in(await calibrationText());
    const compressed = model.compress(recipe, sentences, gzip, onprogress);
    const report = compressed.report();
    const calibrated = recipe.needs_calibration();
    return holding(compressed.model(), (smaller) => ({ ...opened(smaller), report, calibrated }));
  };
  return holding(recipe, () => withModel(params, work));
}

/** @param {Types<'evaluate'>['params']} params @param {OnProgress} onprogress */
function evaluate(params, onprogress) {
  const [sources, references] = [params.sources, params.references].map((texts) => texts.map(wellFormed));
  return withModel(params, (model) => model.evaluate(sources, references, params.gzip, onprogress));
}

/** @param {Types<'search'>['params']} params @param {OnProgress} onprogress */
function search(params, onprogress) {
  const { budget, lines, evaluations, minutes = Infinity, seed, structure, calibration } = params;
  const end = performance.now() + minutes * 60_000;
  return withModel(params, async (model) => {
    const sentences = calibration?.map(wellFormed) ?? model.text_in(await calibrationText());
    const hear = (/** @type {unknown} */ value) => {
      onprogress(value);
      return performance.now() >= end;
    };
    const found = model.search(budget, spread(sentences, lines), evaluations, seed, structure, hear);
    return { ...found, front: found.front.map((at) => found.points[at]) };
  });
}

/** At most so many of all, at even distances. @param {string[]} all @param {number} [most] */
function spread(all, most = all.length) {
  const stride = Math.ceil(all.length / most);
  return all.filter((_, at) => at % stride === 0);
}

/** @param {Types<'histogram'>['params']} params */
function histogram(params) {
  const name = wellFormed(params.name);
  return withModel(params, (model) => model.histogram(name, params.bins));
}

/** @param {Package} model */
function gzip(model) {
  const type = 'application/gzip';
  return withModel(model, (held) => new Blob([held.gzipped()], { type }));
}

/** @param {Package} model */
async function measure(model) {
  return model.wire_bytes ?? withModel(model, (held) => held.wire_bytes());
}

scope.onmessage = async ({ data }) => {
  const message = /** @type {import('./lab-protocol.js').Request | import('./lab-protocol.js').Beginning} */ (data);
  // Whatever goes wrong is said to the first request, which waits for this.
  if ('module' in message) return void start(message.module);
  const { method, params } = message;
  const onprogress = (/** @type {unknown} */ value) => post({ type: 'progress', value });
  try {
    post({ type: 'result', value: await methods[method](/** @type {any} */ (params), onprogress) });
  } catch (error) {
    post(trouble(error, LABORATORY, lab.missing_memory));
  }
};

post({ type: 'ready' });
void holdLock().then((lock) => lock && post({ type: 'alive', lock }));
