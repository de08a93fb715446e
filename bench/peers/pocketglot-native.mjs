// Ours natively, on one thread: `pocketglot eval` times the translation without loading. It takes
// calls of 256 texts and is not warmed up, which compiled code does not need.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { countWords } from '../statistics.mjs';

/**
 * @param {{ calls: string[][], places: import('../engines.mjs').Places }} work
 * @returns {Promise<import('../engines.mjs').BatchRun>}
 */
export async function run({ calls, places }) {
  const texts = calls.flat();
  const folder = await mkdtemp(join(tmpdir(), 'pocketglot-bench-'));
  const [source, output] = ['source', 'output'].map((name) => join(folder, name));
  try {
    await writeFile(source, texts.map((text) => `${text}\n`).join(''));
    // References are only asked for; the scores of all engines are made in one place.
    const { stdout } = await promisify(execFile)(places.program, [
      ...['eval', places.model, '--source', source, '--reference', source],
      ...['--output', output, '--threads', '1', '--json'],
    ]);
    const { words_per_second } = JSON.parse(stdout);
    const words = texts.reduce((sum, text) => sum + countWords(text), 0);
    return {
      seconds: words / words_per_second,
      outputs: (await readFile(output, 'utf8')).trimEnd().split('\n'),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
