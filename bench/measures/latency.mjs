// How long one sentence takes on a warm engine: each is translated when the one before is done.

import { median, percentile } from '../statistics.mjs';
import { warmed, withCpuSeconds } from './warmed.mjs';

export const latency = {
  id: 'latency',
  takes: (/** @type {import('../engines.mjs').EngineEntry} */ { id }) =>
    ['ours-1', 'bergamot-1', 'ours-2'].includes(id),
  rounds: (/** @type {number} */ asked) => asked,

  /** @param {import('../engines.mjs').EngineEntry} engine @param {import('../main.mjs').Context} context */
  async run(engine, context) {
    const { sentences, warmUp } = context.texts;
    const sources = sentences.map((pair) => pair.source);
    const manner = { warmUp, interactive: true };
    const { milliseconds, outputs, cpuSeconds } = await warmed(engine, context, manner, (visit) =>
      withCpuSeconds(visit, 'timeEach', sources),
    );
    return {
      figures: {
        p50: median(milliseconds),
        p90: percentile(milliseconds, 0.9),
        cpuMean: cpuSeconds && (1000 * cpuSeconds) / sources.length,
        sentences: sources.length,
      },
      translated: { pairs: sentences, outputs },
    };
  },
};
