// What was measured on earlier visits, in the Cache API: one entry a model, which counts only under the
// same circumstances. Where nothing can be kept, the next visit measures again.

/** @typedef {import('./protocol.js').Measurement} Measurement */

const CACHE = 'pocketglot-measurements-v1';

/**
 * @param {string} model the model's identity
 * @param {string} circumstances the device, the engine, whatever else a time depends on
 * @returns {Promise<Measurement | undefined>}
 */
export async function recall(model, circumstances) {
  try {
    const response = await (await caches.open(CACHE)).match(keyOf(model));
    const kept = await response?.json();
    return kept?.circumstances === circumstances ? kept.measured : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} model @param {string} circumstances @param {Measurement} measured */
export async function remember(model, circumstances, measured) {
  try {
    const response = new Response(JSON.stringify({ circumstances, measured }));
    await (await caches.open(CACHE)).put(keyOf(model), response);
  } catch {
    // An insecure page, a private window, a full disk.
  }
}

/** A cache takes only URLs; nothing is ever fetched from this one. @param {string} model */
function keyOf(model) {
  return `/?${new URLSearchParams({ model })}`;
}
