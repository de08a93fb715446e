// What is translated: a part that only warms up, and the part that is measured, in calls.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from './errors.mjs';
import { ROOT } from './places.mjs';
import { countWords } from './statistics.mjs';

/** Texts in one call. */
export const CALL = 64;
/** Every so many-eth text warms up: a part of each domain and length of the set. */
const WARM_UP_EVERY = 5;
/** More texts than this make warming up longer, not better. */
const WARM_UP_MOST = 64;

/** Short texts for the cold start: none is in the evaluation set. */
const SHORT = {
  en: [
    'Good morning!', 'Where is the station?', 'I would like a coffee.', 'It is raining again.',
    'Thank you for your help.', 'The door is open.', 'We arrive tomorrow.', 'That was fun.',
    'He forgot his keys.', 'See you on Monday.',
  ],
  pt: [
    'Bom dia!', 'Onde fica a estação?', 'Eu queria um café.', 'Está chovendo de novo.',
    'Obrigado pela ajuda.', 'A porta está aberta.', 'Chegamos amanhã.', 'Foi divertido.',
    'Ele esqueceu as chaves.', 'Até segunda-feira.',
  ],
};

/** @typedef {{ source: string, reference?: string }} Pair */

/** @param {string} path */
async function readLines(path) {
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** @param {string} from @param {string} to @returns {Promise<Pair[]>} */
async function readEvaluationSet(from, to) {
  const [header, ...rows] = (await readLines(join(ROOT, 'data', 'evaluation.en-pt.tsv'))).map(
    (line) => line.split('\t'),
  );
  const [source, reference] = [from, to].map((tag) => header.indexOf(tag));
  return rows.map((cells) => ({ source: cells[source], reference: cells[reference] }));
}

/** @param {string} source @param {string} [reference] @returns {Promise<Pair[]>} */
async function readFiles(source, reference) {
  const sources = await readLines(source);
  if (reference === undefined) return sources.map((text) => ({ source: text }));
  const references = await readLines(reference);
  if (references.length !== sources.length)
    throw new UsageError(
      `${source} has ${sources.length} lines, ${reference} has ${references.length}`,
    );
  return sources.map((text, i) => ({ source: text, reference: references[i] }));
}

/** No text is ever translated twice in a process: blank and repeated ones are dropped. @param {Pair[]} pairs */
function distinct(pairs) {
  const seen = new Set(['']);
  return pairs.filter(({ source }) => {
    const text = source.trim();
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

/** @template T @param {T[]} list @param {number} most @returns {T[]} evenly spread */
export function spread(list, most) {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]);
}

/** @template T @param {T[]} list @returns {T[][]} */
export function inCalls(list) {
  return Array.from({ length: Math.ceil(list.length / CALL) }, (_, i) =>
    list.slice(i * CALL, (i + 1) * CALL),
  );
}

/** @param {string} text @param {string} language */
function isOneSentence(text, language) {
  return [...new Intl.Segmenter(language, { granularity: 'sentence' }).segment(text)].length === 1;
}

/** @param {{ from: string, to: string, source?: string, reference?: string, limit?: number }} options */
export async function readTexts({ from, to, source, reference, limit }) {
  const pairs = distinct(
    source === undefined ? await readEvaluationSet(from, to) : await readFiles(source, reference),
  );
  if (pairs.length < 2 * WARM_UP_EVERY)
    throw new UsageError(`${source}: ${pairs.length} different texts are too few to measure with`);
  const isWarmUp = (/** @type {unknown} */ _, /** @type {number} */ i) => i % WARM_UP_EVERY === 0;
  const warmUp = spread(pairs.filter(isWarmUp), WARM_UP_MOST);
  const measured = spread(
    pairs.filter((pair, i) => !isWarmUp(pair, i)),
    limit ?? Infinity,
  );
  const sentences = measured.filter((pair) => isOneSentence(pair.source, from));
  return {
    name: source ?? 'data/evaluation.en-pt.tsv',
    warmUp: warmUp.map((pair) => pair.source),
    measured,
    sentences,
    short: SHORT[/** @type {'en' | 'pt'} */ (from)],
    words: measured.reduce((sum, pair) => sum + countWords(pair.source), 0),
  };
}
