// Abort signals in Node, which warns when one has more than ten listeners: many calls may share one.

import { setMaxListeners } from 'node:events';
import { checkSignal as check } from '../signals.js';

export * from '../signals.js';

/** @param {unknown} signal */
export function checkSignal(signal) {
  check(signal);
  if (signal instanceof AbortSignal) setMaxListeners(0, signal);
}
