// Whether a worker is still there. A browser may end one without an event, for lack of memory for
// instance. A lock that it holds is given back then, and only then. Asking it for a sign of life would
// take one that computes for long, or has slept with its page, for dead.

/**
 * In a worker: takes a lock for life.
 * @returns {Promise<string | undefined>} its name, when it is held; undefined where there are no locks,
 *   as on pages without HTTPS
 */
export function holdLock() {
  return new Promise((resolve) => {
    if (!navigator.locks) return resolve(undefined);
    const name = `pocketglot ${crypto.randomUUID()}`;
    const forLife = () => {
      resolve(name);
      return new Promise(() => {});
    };
    // Documents without an origin have no locks.
    navigator.locks.request(name, forLife).catch(() => resolve(undefined));
  });
}

/**
 * Elsewhere.
 * @param {string} lock its name
 * @param {() => void} ongone is called when the worker that held it is gone
 * @returns {() => void} ends the watching
 */
export function watchLock(lock, ongone) {
  const watching = new AbortController();
  // It fails when the watching ends.
  navigator.locks.request(lock, { signal: watching.signal }, ongone).catch(() => {});
  return () => watching.abort();
}
