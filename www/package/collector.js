// Pieces of a file, put together as they come: in the end everybody waits.

/** What a file's announced length may take before there are so many bytes. */
const MAX_RESERVED = 2 ** 26;

export class Collector {
  #memory;
  #length = 0;

  /** @param {number} [expected] bytes */
  constructor(expected = 1 << 20) {
    this.#memory = new Uint8Array(Math.min(expected, MAX_RESERVED));
  }

  /** @param {Uint8Array} chunk */
  push(chunk) {
    const length = this.#length + chunk.length;
    if (length > this.#memory.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#memory.length));
      larger.set(this.bytes);
      this.#memory = larger;
    }
    this.#memory.set(chunk, this.#length);
    this.#length = length;
  }

  get length() {
    return this.#length;
  }

  get bytes() {
    return this.#memory.subarray(0, this.#length);
  }
}
