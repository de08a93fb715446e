/** A mistake of the caller's, or something missing: its message is all that they need to see. */
export class UsageError extends Error {}

/** What goes into an engine's row when it can't be measured. @param {unknown} error */
export function briefly(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').slice(0, 2).join(' ').slice(0, 200);
}
