// Whether memory stays flat over 10,000 translations in one page, in calls of one and of many texts.

import { inBrowser } from '../engines.mjs';
import { CALL } from '../texts.mjs';

const TRANSLATIONS = 10_000;
const STEP = 100;
/** The memory is read at the end of the first step, and then after so many translations. */
const READ_EVERY = 1_000;

export const flat = {
  id: 'flat',
  takes: inBrowser,
  rounds: () => 1,

  /** @param {import('../engines.mjs').EngineEntry} engine @param {import('../main.mjs').Context} context */
  async run(engine, context) {
    const { measured, warmUp } = context.texts;
    const all = [...warmUp, ...measured.map((pair) => pair.source)];
    // No text twice: each time round, another number stands behind it.
    const text = (/** @type {number} */ i) => `${all[i % all.length]} (${Math.floor(i / all.length)})`;
    return context.spied(async (visit) => {
      const readings = [];
      await visit.call('open', context.request(engine, {}));
      for (let done = 0; done < TRANSLATIONS; ) {
        const texts = Array.from({ length: STEP }, (_, i) => text(done + i));
        await visit.call('timeCalls', { calls: [texts.slice(0, CALL)], together: false });
        await visit.call('timeEach', texts.slice(CALL));
        done += STEP;
        if (done > STEP && done % READ_EVERY !== 0) continue;
        const resident = (await visit.residentBytes())?.now;
        readings.push({ done, wasm: await visit.call('wasmBytes'), resident });
      }
      const [first, last] = [readings[0], readings[readings.length - 1]];
      return {
        figures: {
          ...{ wasmFirst: first.wasm, wasmLast: last.wasm, growth: last.wasm - first.wasm },
          ...{ residentFirst: first.resident, residentLast: last.resident, readings },
        },
      };
    });
  },
};
