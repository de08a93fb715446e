// Abort signals, joined.

/**
 * Calls `use` with a signal that aborts when the first of `signals` does, and has nothing to do with
 * them afterwards. Throws where one has been aborted already.
 * @template T
 * @param {(AbortSignal | undefined)[]} signals
 * @param {(signal: AbortSignal) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withEither(signals, use) {
  for (const signal of signals) signal?.throwIfAborted();
  const either = new AbortController();
  const removers = signals.map((signal) => {
    const abort = () => either.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    return () => signal?.removeEventListener('abort', abort);
  });
  try {
    return await use(either.signal);
  } finally {
    for (const remove of removers) remove();
  }
}
