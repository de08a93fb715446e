// Words a second over many texts, on a warm engine.

import { inCalls, spread } from '../texts.mjs';
import { countWords } from '../statistics.mjs';
import { warmed, withCpuSeconds } from './warmed.mjs';

export const batch = {
  id: 'batch',
  takes: () => true,
  rounds: (/** @type {number} */ asked) => asked,

  /** @param {import('../engines.mjs').EngineEntry} engine @param {import('../main.mjs').Context} context */
  async run(engine, context) {
    const { texts, places } = context;
    const share = (/** @type {any[]} */ list) =>
      spread(list, Math.ceil(list.length / (engine.share ?? 1)));
    const measured = share(texts.measured);
    const sources = measured.map((pair) => pair.source);
    const work = { warmUp: share(texts.warmUp), calls: inCalls(sources) };
    const { seconds, cpuSeconds, outputs } = engine.run
      ? await engine.run({ ...work, places })
      : await inPage(engine, context, work);
    const words = sources.reduce((sum, text) => sum + countWords(text), 0);
    return {
      figures: {
        wordsPerSecond: words / seconds,
        // Without what else the machine did meanwhile.
        wordsPerCpuSecond: cpuSeconds && words / cpuSeconds,
        seconds,
        texts: sources.length,
        words,
      },
      translated: { pairs: measured, outputs },
    };
  },
};

/** @returns {Promise<import('../engines.mjs').BatchRun>} */
async function inPage(engine, context, { warmUp, calls }) {
  const together = engine.together ?? false;
  return warmed(engine, context, { warmUp, together }, (visit) =>
    withCpuSeconds(visit, 'timeCalls', { calls, together }),
  );
}
