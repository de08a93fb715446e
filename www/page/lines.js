// Line by line: the engine never joins two lines into one sentence, so a line that has not changed
// need not be translated again. That makes typing in a long text as quick as in a short one, and
// shows the beginning of a long text while the rest is still at work.

/** @typedef {import('../package/index.js').Translator} Translator */

/**
 * Words done of all that had to be translated, and the text so far if any of it is done.
 * @typedef {{ done: number, total: number, partial: () => string | undefined }} Progress
 */

/** One request holds about this many UTF-16 units: enough to fill batches, little enough to wait for. */
const CHUNK_LENGTH = 2500;
/** Stands for a line that is not done yet. */
const PENDING = '…';

/** @param {string} text */
export function countWords(text) {
  return text.match(/\S+/g)?.length ?? 0;
}

export class LineMemory {
  /** @type {Map<string, string>} */
  #known = new Map();

  /**
   * @param {Translator} translator
   * @param {string} text
   * @param {{ signal: AbortSignal, onprogress: (progress: Progress) => void }} options
   * @returns {Promise<string>}
   */
  async translate(translator, text, { signal, onprogress }) {
    const lines = text.split('\n');
    const chunks = chunksOf(
      [...new Set(lines)].filter((line) => line.trim() !== '' && !this.#known.has(line)),
    );
    const words = chunks.map((chunk) => countWords(chunk.join('\n')));
    const total = words.reduce((sum, count) => sum + count, 0);
    const partial = () =>
      lines.some((line) => this.#known.has(line)) ? this.#join(lines) : undefined;
    let before = 0;
    for (const [i, chunk] of chunks.entries()) {
      const results = await translator.translateBatch(chunk, {
        signal,
        onprogress: (progress) => {
          const done = before + Math.round((words[i] * progress.done) / progress.total);
          onprogress({ done, total, partial });
        },
      });
      chunk.forEach((line, n) => this.#known.set(line, results[n]));
      before += words[i];
    }
    this.#forget(lines);
    return this.#join(lines);
  }

  /** @param {string[]} lines */
  #join(lines) {
    return lines
      .map((line) => (line.trim() === '' ? line : (this.#known.get(line) ?? PENDING)))
      .join('\n');
  }

  /** Keeps what the text needs, and for a while what it needed before. @param {string[]} lines */
  #forget(lines) {
    if (this.#known.size <= 2 * lines.length + 100) return;
    const needed = new Set(lines);
    for (const line of this.#known.keys()) if (!needed.has(line)) this.#known.delete(line);
  }
}

/** @param {string[]} lines @returns {string[][]} */
function chunksOf(lines) {
  /** @type {string[][]} */
  const chunks = [];
  let room = 0;
  for (const line of lines) {
    if (room < line.length) {
      chunks.push([]);
      room = CHUNK_LENGTH;
    }
    chunks[chunks.length - 1].push(line);
    room -= line.length;
  }
  return chunks;
}
