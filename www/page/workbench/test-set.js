// Sentence pairs to score translations with: ours, or a file of the visitor's.

/** @typedef {import('../languages.js').Pair} LanguagePair */

/**
 * @typedef {object} TestSet
 * @property {string | undefined} name of the visitor's file; ours has none
 * @property {{ source: string, reference: string }[]} pairs
 */

/** Beside the page. */
const OURS = 'data/evaluation.en-pt.tsv';

/** What is wrong with a file, and where. */
export class TestSetError extends Error {
  /** @param {'empty' | 'columns' | 'line'} kind @param {number} [line] from 1 */
  constructor(kind, line) {
    super(`${kind} ${line ?? ''}`.trim());
    this.kind = kind;
    this.line = line;
  }
}

/**
 * Ours for a pair of languages, or undefined where we have none.
 * @param {LanguagePair} pair
 * @param {AbortSignal} signal
 * @returns {Promise<TestSet | undefined>}
 */
export async function ownTestSet(pair, signal) {
  const response = await fetch(new URL(OURS, document.baseURI), { signal });
  if (!response.ok) throw new DOMException(`${response.status}`, 'NetworkError');
  const rows = rowsOf(await response.text());
  const [source, target] = [rows[0].indexOf(pair.source), rows[0].indexOf(pair.target)];
  if (source < 0 || target < 0) return undefined;
  return { name: undefined, pairs: pick(rows.slice(1), 2, source, target) };
}

/**
 * A file of tab-separated text: where its first line names both languages, those columns; else the
 * first is the source and the second the reference.
 * @param {string} name
 * @param {string} text
 * @param {LanguagePair} pair
 * @returns {TestSet}
 * @throws TestSetError
 */
export function readTestSet(name, text, pair) {
  const rows = rowsOf(text);
  if (rows.length === 0) throw new TestSetError('empty');
  const head = rows[0].map((cell) => cell.trim().toLowerCase());
  const [source, target] = [head.indexOf(pair.source), head.indexOf(pair.target)];
  const named = source >= 0 && target >= 0;
  if (!named && head.length < 2) throw new TestSetError('columns', 1);
  const pairs = named ? pick(rows.slice(1), 2, source, target) : pick(rows, 1, 0, 1);
  if (pairs.length === 0) throw new TestSetError('empty');
  return { name, pairs };
}

/** @param {string} text There is no quoting: quote marks are text. */
function rowsOf(text) {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines.map((line) => line.split('\t'));
}

/** @param {string[][]} rows @param {number} first line @param {number} source @param {number} target */
function pick(rows, first, source, target) {
  return rows.map((cells, n) => {
    const pair = { source: (cells[source] ?? '').trim(), reference: (cells[target] ?? '').trim() };
    if (pair.source === '' || pair.reference === '') throw new TestSetError('line', first + n);
    return pair;
  });
}
