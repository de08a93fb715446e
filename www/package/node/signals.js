// Abort signals in Node, which warns when one has more than ten listeners: many calls may share one.

import { setMaxListeners } from 'node:events';
import { withEither as inBrowsers } from '../signals.js';

export * from '../signals.js';

/**
 * As in browsers. All signals that callers give come here first.
 * @template T
 * @param {(AbortSignal | undefined)[]} signals
 * @param {(signal: AbortSignal) => Promise<T>} use
 * @returns {Promise<T>}
 */
export function withEither(signals, use) {
  // Each for itself: without a signal to set it for, that would be everybody's limit.
  for (const signal of signals) if (signal) setMaxListeners(0, signal);
  return inBrowsers(signals, use);
}
