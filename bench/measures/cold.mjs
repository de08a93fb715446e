// From nothing to the first translation: a new browser with empty caches, the page loaded, all files
// on this machine. The clock starts when the package's script is imported.

import { median } from '../statistics.mjs';

const SETTLE_MS = 2000;

export const cold = {
  id: 'cold',
  takes: (/** @type {import('../engines.mjs').EngineEntry} */ { id }) =>
    ['ours-1', 'bergamot-1', 'ours-2'].includes(id),
  rounds: (/** @type {number} */ asked) => asked,

  /** @param {import('../engines.mjs').EngineEntry} engine @param {import('../main.mjs').Context} context */
  async run(engine, context) {
    const request = context.request(engine, { interactive: true });
    const { phases, each, outputs } = await context.visit(async (visit) => {
      // A browser that has just been started is busy with itself.
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      return visit.call('coldStart', { ...request, texts: context.texts.short });
    });
    return {
      figures: {
        ...phases,
        firstTranslation: each[0],
        /** What later ones take: the first may cost no more than what was put off until then. */
        laterTranslation: median(each.slice(1)),
        firstText: outputs[0],
      },
    };
  },
};
