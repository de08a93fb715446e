// Bergamot's npm build: its own BatchTranslator for many texts, its own LatencyOptimisedTranslator
// for single ones. Its cache is off (`cacheSize: 0`). It reads the files that our package was made
// from, and checks them against the registry's SHA-256 as it does by itself.

const PACKAGE = '/bergamot/translator.js';
const REGISTRY = '/bergamot-registry.json';

/** As it has no call for loading, each worker gets a text for that. */
const FIRST_TEXTS = ['1.', '2.', '3.', '4.'];

/**
 * @param {{ from: string, to: string, workers: number, batchSize: number, interactive?: boolean }} options
 *   `workers`: each holds a copy of the model; `batchSize`: texts that a worker gets at a time
 * @param {(phase: string) => void} mark
 */
export async function open({ from, to, workers, batchSize, interactive }, mark) {
  const { BatchTranslator, LatencyOptimisedTranslator } = await import(PACKAGE);
  mark('script');
  const failed = Promise.withResolvers();
  failed.promise.catch(() => {});
  const options = { registryUrl: REGISTRY, cacheSize: 0, workers, batchSize };
  const translator = interactive
    ? new LatencyOptimisedTranslator(options)
    : new BatchTranslator(options);
  // Not among the options: those are sent to the worker, where a function can't go.
  translator.onerror = translator.backing.onerror = (error) =>
    failed.reject(new Error(error.message ?? String(error)));
  const translate = async (text) => {
    const response = translator.translate({ from, to, text, html: false });
    return (await Promise.race([response, failed.promise])).target.text;
  };
  if (interactive) {
    // By itself it fetches the model only when the engine runs; side by side is faster.
    const files = translator.backing.getTranslationModel({ from, to }).then(() => mark('download'));
    const worker = translator.worker.then(() => mark('engine'));
    await Promise.race([Promise.all([files, worker]), failed.promise]);
  } else {
    await startWorkers(translator, workers, translate);
    mark('engine');
  }
  return {
    translate,
    translateBatch: (texts) => Promise.all(texts.map(translate)),
    close: () => translator.delete(),
  };
}

/**
 * Starts every worker with its copy of the model. A worker that is started when no text is left for
 * it fails and stays out for good, so there must be one for each.
 */
async function startWorkers(translator, workers, translate) {
  const { batchSize } = translator;
  translator.batchSize = 1;
  await Promise.all(FIRST_TEXTS.slice(0, workers).map(translate));
  translator.batchSize = batchSize;
  // A worker is marked idle just after its answer.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const idle = translator.workers.filter((worker) => worker.idle).length;
  if (idle !== workers) throw new Error(`${idle} of Bergamot's ${workers} workers have started`);
}
