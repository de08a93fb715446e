// A translation as a stream of its parts.

import { abortError } from './errors.js';
import { withEither } from './signals.js';

/**
 * A stream that `work` fills, fails with the reason of the first signal that aborts, and whose
 * cancelling aborts the work. Throws at once where a signal has aborted already.
 * @param {(AbortSignal | undefined)[]} signals
 * @param {(enqueue: (chunk: string) => void, signal: AbortSignal) => Promise<void>} work
 * @returns {ReadableStream<string>}
 */
export function streamOf(signals, work) {
  for (const signal of signals) signal?.throwIfAborted();
  const cancelled = new AbortController();
  return new ReadableStream({
    start(controller) {
      const all = [...signals, cancelled.signal];
      withEither(all, (signal) =>
        work((chunk) => {
          if (!signal.aborted) controller.enqueue(chunk);
        }, signal),
      ).then(
        // What was cancelled is closed already.
        () => cancelled.signal.aborted || controller.close(),
        (error) => controller.error(error),
      );
    },
    cancel() {
      cancelled.abort(abortError('The stream was cancelled.'));
    },
  });
}
