// Ours, as anyone would use it: the built package, its own registry, its worker. It has no cache of
// results.

/**
 * @param {{ from: string, to: string, threads: number }} options
 * @param {(phase: string) => void} mark
 */
export async function open({ from, to, threads }, mark) {
  const { Translator } = await import('/pocketglot/package/index.js');
  mark('script');
  const translator = await Translator.create({
    sourceLanguage: from,
    targetLanguage: to,
    threads,
    // The GPU has a measure of its own.
    backend: 'wasm',
    registry: '/pocketglot/models/registry.json',
    monitor: (monitor) =>
      // 1 is only said when the model is ready; the last event before it ends the download.
      monitor.addEventListener('downloadprogress', ({ loaded }) => {
        if (loaded < 1) mark('download');
      }),
  });
  return {
    translate: (text) => translator.translate(text),
    translateBatch: (texts) => translator.translateBatch(texts),
    close: () => translator.destroy(),
  };
}
