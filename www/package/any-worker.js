// Any of the package's workers, by the name that it was given: for pages that start workers only from a
// script of their own, which imports this one (the option `workerURL`).

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** What is said before the worker's script is there. @type {MessageEvent[]} */
const early = [];
const hold = (/** @type {MessageEvent} */ event) => void early.push(event);
scope.addEventListener('message', hold);

/** @returns {Promise<unknown>} */
function load() {
  switch (scope.name) {
    case 'pocketglot':
      return import('./worker.js');
    case 'pocketglot thread':
      return import('./thread.js');
    case 'pocketglot gunzip':
      return import('./gunzip.js');
    case 'pocketglot laboratory':
      return import('./lab.worker.js');
    case 'pocketglot training':
      return import('./train.worker.js');
    default:
      throw new TypeError(`any-worker.js knows no worker named "${scope.name}": the package starts it.`);
  }
}

async function begin() {
  try {
    await load();
  } catch (error) {
    // Whoever started this hears of errors, not of promises.
    return reportError(error);
  } finally {
    scope.removeEventListener('message', hold);
  }
  for (const event of early) scope.dispatchEvent(event);
}

void begin();
// Whoever started it has waited for this.
scope.postMessage('here');

export {};
