// Our engine alone, without the package around it: what is compared here are two backends of one
// engine in one thread, and what the engine tells about itself.

import init, { Gpu, Loader, on_news } from '/engine/pocketglot.js';

const MODULE = '/engine/pocketglot_bg.wasm';
/** Nobody talks to this worker while it works. */
const SLICE_MS = 1000;

let engine;
let gpu;
/** Called when an engine that waits for the GPU should be polled. */
let news = () => {};

const operations = {
  /** @param {{ model: string, graphics: boolean }} request the address of a package, not gzipped */
  async open({ model, graphics }) {
    await init({ module_or_path: await WebAssembly.compileStreaming(fetch(MODULE)) });
    const response = await fetch(model);
    if (!response.ok) throw new Error(`${model}: ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const loader = new Loader(bytes.length);
    loader.push(bytes);
    engine = loader.finish();
    if (!graphics) return {};
    on_news(() => news());
    gpu = await Gpu.open();
    return engine.use_gpu(gpu);
  },

  /**
   * Calls one after another.
   * @param {{ calls: string[][], graphics: boolean }} request
   */
  async translate({ calls, graphics }) {
    const start = performance.now();
    const outputs = [];
    let peakBytes = 0;
    for (const texts of calls) {
      const job = engine.submit(texts, false, graphics);
      for (let isDone = false; !isDone; ) {
        const heard = new Promise((resolve) => {
          news = () => resolve(undefined);
        });
        const report = await engine.poll(SLICE_MS);
        if (report.gpu_lost) throw new Error(`the GPU was lost: ${report.gpu_lost}`);
        // What is allocated in a slice stays, at least to be used again, until it is given back.
        if (graphics) peakBytes = Math.max(peakBytes, gpu.memory_bytes());
        for (const { id, backend, texts: translated, error } of report.finished) {
          if (id !== job) continue;
          if (error) throw new Error(error.message);
          if ((backend === 'gpu') !== graphics) throw new Error(`the job ran on the ${backend}`);
          outputs.push(...translated);
          isDone = true;
        }
        if (report.waiting && !isDone) await heard;
      }
    }
    return { seconds: (performance.now() - start) / 1000, outputs, peakBytes };
  },

  /** @param {string[]} texts */
  profile: (texts) => engine.profile(texts),

  /** The encoder alone. @param {string[]} texts */
  encode: (texts) => engine.encode(texts),
};

onmessage = async ({ data: { id, name, argument } }) => {
  try {
    postMessage({ id, result: await operations[name](argument) });
  } catch (error) {
    postMessage({ id, error: error.message ?? String(error) });
  }
};
