// WebAssembly memory and the renderer process's resident memory: before the engine, with a model
// loaded, and after all measured texts.

import { inBrowser } from '../engines.mjs';
import { inCalls } from '../texts.mjs';

export const memory = {
  id: 'memory',
  takes: inBrowser,
  // It hardly varies.
  rounds: (/** @type {number} */ asked) => Math.min(asked, 3),

  /** @param {import('../engines.mjs').EngineEntry} engine @param {import('../main.mjs').Context} context */
  async run(engine, context) {
    const { measured, short } = context.texts;
    const calls = inCalls(measured.map((pair) => pair.source));
    return context.spied((visit) => measure(visit, context.request(engine, {}), short, calls, measured));
  },
};

async function measure(visit, request, short, calls, measured) {
  const before = await visit.residentBytes();
  await visit.call('open', request);
  // Bergamot loads its model, and starts its workers, with the first texts.
  await visit.call('timeCalls', { calls: short.slice(0, 2).map((text) => [text]), together: true });
  const wasmLoaded = await visit.call('wasmBytes');
  const loaded = await visit.residentBytes();
  const together = request.options.workers > 1;
  const { outputs } = await visit.call('timeCalls', { calls, together });
  const wasmAfter = await visit.call('wasmBytes');
  const after = await visit.residentBytes();
  return {
    figures: {
      ...{ wasmLoaded, wasmAfter, residentBefore: before?.now, residentLoaded: loaded?.now },
      ...{ residentAfter: after?.now, residentPeak: after?.peak },
    },
    translated: { pairs: measured, outputs },
  };
}
