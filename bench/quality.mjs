// chrF and BLEU of what an engine wrote, by our own scorer, which equals sacreBLEU.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** @typedef {{ chrf: number, bleu: number }} Score */

export class Scorer {
  /** An engine writes the same in each round, mostly. @type {Map<string, Promise<Score>>} */
  #known = new Map();
  #places;

  /** @param {import('./engines.mjs').Places} places */
  constructor(places) {
    this.#places = places;
  }

  /**
   * @param {{ pairs: import('./texts.mjs').Pair[], outputs: string[] }} translated
   * @returns {Promise<Score | undefined>} undefined without references
   */
  async score({ pairs, outputs }) {
    if (outputs.length !== pairs.length)
      throw new Error(`${outputs.length} translations of ${pairs.length} texts`);
    const references = pairs.map((pair) => pair.reference);
    if (references.includes(undefined)) return undefined;
    const key = createHash('sha256').update(JSON.stringify([references, outputs])).digest('hex');
    const score = this.#known.get(key) ?? this.#evaluate(references, outputs);
    this.#known.set(key, score);
    return score;
  }

  /** @param {string[]} references @param {string[]} outputs @returns {Promise<Score>} */
  async #evaluate(references, outputs) {
    const folder = await mkdtemp(join(tmpdir(), 'pocketglot-bench-'));
    const file = async (/** @type {string} */ name, /** @type {string[]} */ lines) => {
      const path = join(folder, name);
      const oneLine = (/** @type {string} */ text) => text.replace(/\s*[\r\n]+\s*/g, ' ');
      await writeFile(path, lines.map((line) => `${oneLine(line)}\n`).join(''));
      return path;
    };
    try {
      // The program scores a baseline beside translations of its own, so it is given little to translate.
      const { stdout } = await promisify(execFile)(this.#places.program, [
        ...['eval', this.#places.model, '--json', '--threads', '1'],
        ...['--source', await file('source', references.map(() => '.'))],
        ...['--reference', await file('reference', references)],
        ...['--baseline', await file('baseline', outputs)],
      ]);
      const { chrf, bleu } = JSON.parse(stdout).baseline;
      return { chrf, bleu };
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}
