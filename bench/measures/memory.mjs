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
    return context.spied(async (visit) => {
      const together = engine.together ?? false;
      const { outputs, ...figures } = await read(visit, context.request(engine, {}), {
        ...{ short: short.slice(0, 2).map((text) => [text]), calls, together },
      });
      return { figures, translated: { pairs: measured, outputs } };
    });
  },
};

/** @param {import('../browser.mjs').Visit} visit */
async function read(visit, request, { short, calls, together }) {
  const before = await visit.residentBytes();
  await visit.call('open', request);
  // Some memory is only asked for by a first translation.
  await visit.call('timeCalls', { calls: short, together });
  const wasmLoaded = await visit.call('wasmBytes');
  const loaded = await visit.residentBytes();
  const { outputs } = await visit.call('timeCalls', { calls, together });
  const wasmAfter = await visit.call('wasmBytes');
  const after = await visit.residentBytes();
  return {
    ...{ outputs, wasmLoaded, wasmAfter, residentBefore: before?.now, residentLoaded: loaded?.now },
    ...{ residentAfter: after?.now, residentPeak: after?.peak },
  };
}
