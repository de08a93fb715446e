// The page's side of remote-worker.js: starts what a worker asks for, and ends it with that worker.

/** @typedef {import('./remote-worker.js').Wanted} Wanted */

/**
 * @param {Worker} worker
 * @param {(wanted: Wanted) => Worker} start
 */
export function serve(worker, start) {
  /** @type {Set<Worker>} */
  const helpers = new Set();
  worker.addEventListener('message', (event) => {
    if (event.data?.type !== 'start') return;
    event.stopImmediatePropagation();
    const wanted = /** @type {Wanted} */ (event.data);
    const { port, control } = wanted;
    /** @type {Worker} */
    let helper;
    try {
      helper = start(wanted);
    } catch (error) {
      // This page allows none.
      control.postMessage(String(error));
      return;
    }
    helpers.add(helper);
    helper.onerror = (failed) => {
      failed.preventDefault();
      control.postMessage(failed.message || 'unknown reason');
    };
    control.onmessage = () => {
      control.close();
      helpers.delete(helper);
      helper.terminate();
    };
    helper.postMessage(port, [port]);
  });
  const terminate = worker.terminate;
  worker.terminate = () => {
    terminate.call(worker);
    for (const helper of helpers) helper.terminate();
    helpers.clear();
  };
}
