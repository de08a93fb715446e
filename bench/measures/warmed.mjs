// A visit with an engine that is loaded and has translated enough for the browser to have optimised
// its code.

import { inCalls } from '../texts.mjs';

/**
 * @template T
 * @param {import('../engines.mjs').EngineEntry} engine
 * @param {import('../main.mjs').Context} context
 * @param {{ warmUp: string[], together?: boolean, interactive?: boolean }} manner how it is going to
 *   be used, and so warmed up
 * @param {(visit: import('../browser.mjs').Visit) => Promise<T>} use
 * @returns {Promise<T>}
 */
export function warmed(engine, context, { warmUp, together = false, interactive = false }, use) {
  return context.visit(async (visit) => {
    await visit.call('open', context.request(engine, { interactive }));
    if (interactive) await visit.call('timeEach', warmUp);
    else await visit.call('timeCalls', { calls: inCalls(warmUp), together });
    return use(visit);
  });
}

/**
 * A call into the page, and the CPU time that the page took for it.
 * @param {import('../browser.mjs').Visit} visit
 * @param {string} name
 * @param {unknown} argument
 */
export async function withCpuSeconds(visit, name, argument) {
  const before = await visit.cpuSeconds();
  const result = await visit.call(name, argument);
  const after = await visit.cpuSeconds();
  const known = before !== undefined && after !== undefined;
  return { ...result, cpuSeconds: known ? after - before : undefined };
}
