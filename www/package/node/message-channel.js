// A channel by which a worker sends itself messages, so that others are heard between two pieces of work.
// Node's own delivers up to a thousand of its messages before it looks at any other port.

/** @typedef {{ onmessage: ((event: { data: unknown }) => void) | null, postMessage: (data: unknown) => void, close: () => void }} Port */

export class MessageChannel {
  port1 = port(() => this.port2);
  port2 = port(() => this.port1);
}

/** @param {() => Port} other @returns {Port} */
function port(other) {
  return {
    onmessage: null,
    postMessage: (data) => void setImmediate(() => other().onmessage?.({ data })),
    // It holds nothing.
    close() {},
  };
}
