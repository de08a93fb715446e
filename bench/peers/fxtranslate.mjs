// fxtranslate's npm build, which is made for Node.js: its CommonJS glue runs unchanged in a worker
// that has its files ready (fxtranslate.worker.js). It has no batches: texts go one by one.

const MODELS = '/sources';

/**
 * @param {{ pair: string }} options
 * @param {(phase: string) => void} mark
 */
export async function open({ pair }, mark) {
  const worker = new Worker('/bench/peers/fxtranslate.worker.js');
  const call = (message) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) =>
        data.error === undefined ? resolve(data.result) : reject(new Error(data.error));
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(message);
    });
  await call({
    glue: '/fxtranslate/wasm/fxtranslate_wasm.js',
    wasm: '/fxtranslate/wasm/fxtranslate_wasm_bg.wasm',
    model: `${MODELS}/${pair}/model`,
    vocabulary: `${MODELS}/${pair}/vocabulary`,
    shortlist: `${MODELS}/${pair}/shortlist`,
  });
  mark('model');
  const translateBatch = (texts) => call({ texts });
  return {
    translate: async (text) => (await translateBatch([text]))[0],
    translateBatch,
    close: () => worker.terminate(),
  };
}
