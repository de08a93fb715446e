// The bench's side in the page: opens an engine through its adapter and times calls. The adapters in
// peers/ hide how each package is used; nothing here knows one from another.

/** @typedef {{ translate(text: string): Promise<string>, translateBatch(texts: string[]): Promise<string[]>, close(): unknown }} Engine */

/** @type {Engine} */
let engine;

/**
 * @param {{ adapter: string, options: object }} request
 * @returns {Promise<Record<string, number>>} milliseconds from the start to the end of each phase
 */
export async function open({ adapter, options }) {
  const { open } = await import(adapter);
  /** @type {Record<string, number>} */
  const phases = {};
  const start = performance.now();
  engine = await open(options, (/** @type {string} */ phase) => {
    phases[phase] = performance.now() - start;
  });
  phases.open = performance.now() - start;
  return phases;
}

/**
 * The engine's first translation ever, and a few more.
 * @param {{ adapter: string, options: object, texts: string[] }} request
 */
export async function coldStart({ adapter, options, texts }) {
  // The adapter is the bench's, not the engine's: it is here before the clock starts.
  await import(adapter);
  const start = performance.now();
  const phases = await open({ adapter, options });
  const outputs = [];
  const each = [];
  for (const text of texts) {
    const before = performance.now();
    outputs.push(await engine.translate(text));
    each.push(performance.now() - before);
    phases.first ??= performance.now() - start;
  }
  return { phases, each, outputs };
}

/**
 * @param {{ calls: string[][], together: boolean }} request whether the calls are handed over at once
 *   or each when the one before is done
 */
export async function timeCalls({ calls, together }) {
  const start = performance.now();
  /** @type {string[][]} */
  let outputs = [];
  if (together) {
    outputs = await Promise.all(calls.map((texts) => engine.translateBatch(texts)));
  } else {
    for (const texts of calls) outputs.push(await engine.translateBatch(texts));
  }
  return { seconds: (performance.now() - start) / 1000, outputs: outputs.flat() };
}

/** One after another. @param {string[]} texts */
export async function timeEach(texts) {
  const outputs = [];
  const milliseconds = [];
  for (const text of texts) {
    const start = performance.now();
    outputs.push(await engine.translate(text));
    milliseconds.push(performance.now() - start);
  }
  return { milliseconds, outputs };
}

/** Bytes of WebAssembly memory of every worker that the spy (spy.js) was put into. */
export async function wasmBytes() {
  const channel = new BroadcastChannel('bench-memory');
  let bytes = 0;
  channel.onmessage = ({ data }) => {
    if (typeof data === 'number') bytes += data;
  };
  channel.postMessage('report');
  await new Promise((resolve) => setTimeout(resolve, 500));
  channel.close();
  return bytes;
}
