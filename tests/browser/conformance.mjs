// What the conformance tests share: a page in which the polyfill is the page's own `Translator`.

import { visitPackage } from './harness.mjs';

/** In the page: the error that a call gives, as `[constructor, name]`, or what else came of it. */
const HELPERS = () => {
  globalThis.EN_PT = { sourceLanguage: 'en', targetLanguage: 'pt' };
  globalThis.outcome = async (call) => {
    let promise;
    try {
      promise = call();
    } catch (error) {
      return ['thrown', error?.name ?? error];
    }
    try {
      return ['resolved', await promise];
    } catch (error) {
      return ['rejected', error?.name ?? error];
    }
  };
  globalThis.read = async (stream) => {
    const chunks = [];
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return chunks;
      chunks.push(value);
    }
  };
};

/** A visit to an empty page with the polyfill installed; `run` runs code in it. */
export async function visitPolyfill(site, options) {
  const visitor = await visitPackage(site, options);
  await visitor.run(({ package: { installPolyfill } }) => installPolyfill({ force: true }));
  await visitor.page.evaluate(HELPERS);
  return { ...visitor, run: (code, argument) => visitor.page.evaluate(code, argument) };
}
