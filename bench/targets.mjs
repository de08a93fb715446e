// What must hold: ratios of two engines' figures, or a figure of ours alone, and their bounds.

import { ratio, summary } from './statistics.mjs';

/** Points of chrF by which ours may be below a peer for a ratio to count. */
export const CHRF_TOLERANCE = 0.15;

const MB = 1e6;
const KB = 1e3;

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {string} measure
 * @property {string} figure
 * @property {string} ours id of our engine
 * @property {string} [peer] id of the other one; without it the figure itself is bounded
 * @property {number} [atLeast]
 * @property {number} [atMost]
 * @property {{ size: number, name: string }} [unit] of the bound, for figures without a peer
 */

/** @type {Target[]} */
export const TARGETS = [
  {
    name: 'batch words/s, one thread, ours / Bergamot',
    ...{ measure: 'batch', figure: 'wordsPerSecond', ours: 'ours-1', peer: 'bergamot-1', atLeast: 3 },
  },
  {
    name: 'batch words/s, ours with 2 threads / Bergamot with 1',
    ...{ measure: 'batch', figure: 'wordsPerSecond', ours: 'ours-2', peer: 'bergamot-1', atLeast: 5.5 },
  },
  {
    name: 'batch words/s, ours with 2 threads / Bergamot with 2 workers',
    ...{ measure: 'batch', figure: 'wordsPerSecond', ours: 'ours-2', peer: 'bergamot-2', atLeast: 2.75 },
  },
  {
    name: 'batch words/s, ours in the browser / slimt native, one thread',
    ...{ measure: 'batch', figure: 'wordsPerSecond', ours: 'ours-1', peer: 'slimt', atLeast: 1.2 },
  },
  // The same by the CPU time that each process was given: what to go by on a machine that is busy.
  {
    name: 'batch words per CPU second, one thread, ours / Bergamot',
    ...{ measure: 'batch', figure: 'wordsPerCpuSecond', ours: 'ours-1', peer: 'bergamot-1', atLeast: 3 },
  },
  {
    name: 'batch words per CPU second, ours in the browser / slimt native',
    ...{ measure: 'batch', figure: 'wordsPerCpuSecond', ours: 'ours-1', peer: 'slimt', atLeast: 1.2 },
  },
  {
    name: 'one sentence p50, ours / Bergamot',
    ...{ measure: 'latency', figure: 'p50', ours: 'ours-1', peer: 'bergamot-1', atMost: 0.35 },
  },
  {
    name: 'start to first translation, ours / Bergamot',
    ...{ measure: 'cold', figure: 'first', ours: 'ours-1', peer: 'bergamot-1', atMost: 0.4 },
  },
  {
    name: 'first visit, page interactive before the model, ms',
    ...{ measure: 'page', figure: 'interactive', ours: 'page', atMost: 1000 },
  },
  {
    name: 'first visit, end of the download to the first translation, ms',
    ...{ measure: 'page', figure: 'afterDownload', ours: 'page', atMost: 3000 },
  },
  ...dials(),
  {
    name: 'WebAssembly memory with one model loaded',
    ...{ measure: 'memory', figure: 'wasmLoaded', ours: 'ours-1', atMost: 64 * MB },
    unit: { size: MB, name: 'MB' },
  },
  {
    name: 'GPU dispatches of an encoder layer',
    ...{ measure: 'work', figure: 'layerDispatches', ours: 'gpu-int8', atMost: 6 },
  },
  {
    name: 'GPU dispatches of a decoding step',
    ...{ measure: 'work', figure: 'stepDispatches', ours: 'gpu-int8', atMost: 16 },
  },
  {
    name: 'encoder on the GPU, f32, ms, ours / onnxruntime-web',
    ...{ measure: 'encoder', figure: 'ms', ours: 'gpu-f32', peer: 'onnxruntime', atMost: 1 },
  },
  {
    name: 'weights on the GPU, int8',
    ...{ measure: 'gpu', figure: 'weightBytes', ours: 'gpu-int8', atMost: 18 * MB },
    unit: { size: MB, name: 'MB' },
  },
  {
    name: 'weights on the GPU, int4',
    ...{ measure: 'gpu', figure: 'weightBytes', ours: 'gpu-int4', atMost: 10 * MB },
    unit: { size: MB, name: 'MB' },
  },
  ...recipes('seconds', (name) => `${name}, seconds`),
  // As with words: what to go by on a machine that is busy.
  ...recipes('cpuSeconds', (name) => `${name}, CPU seconds`),
  {
    name: 'WebAssembly memory gained from translation 100 to 10,000',
    ...{ measure: 'flat', figure: 'growth', ours: 'ours-1', atMost: 0 },
    unit: { size: MB, name: 'MB' },
  },
];

/** From a dial to the changed translation of 200 words. @returns {Target[]} */
function dials() {
  const bounds = /** @type {const} */ ([
    ['rough', 'dial at 4 bits to the rough translation, ms', 2000],
    ['calibrated', 'dial at 4 bits to the calibrated translation, ms', 20_000],
    ['pruned', 'dial at 40 % by magnitude to the translation, ms', 2000],
    ['both', 'both dials to the translation, ms', 2000],
  ]);
  return bounds.map(([figure, name, atMost]) => ({ name, measure: 'page', figure, ours: 'page', atMost }));
}

/**
 * What recipes may take.
 * @param {string} figure
 * @param {(recipe: string) => string} title
 * @returns {Target[]}
 */
function recipes(figure, title) {
  const bounds = /** @type {const} */ ([
    ['nearest', 'rounding the model to 4 bits', 1],
    ['magnitude', 'pruning the model by magnitude', 1],
    ['gptq', 'GPTQ of all linear layers', 15],
    ['obs', 'OBS of all linear layers', 15],
    ['codebook', 'k-means of the embedding', 20],
  ]);
  return bounds.map(([ours, name, atMost]) => ({ name: title(name), measure: 'compress', figure, ours, atMost }));
}

/** Bound on each of our engine's builds, gzipped. */
export const ENGINE_BYTES = { atMost: 400 * KB, unit: { size: KB, name: 'KB' } };

/**
 * @typedef {object} Row
 * @property {(Record<string, any> | undefined)[]} rounds
 * @property {(import('./quality.mjs').Score | undefined)[]} scores
 * @property {{ worst: number, atMost: number }} [agreement] by how much what it computed differs from
 *   what the peer did, where that is compared and not scored
 * @property {string} [error]
 * @typedef {Record<string, Record<string, Row>>} Results measures, then engines
 */

/** The worst of ours against the best of theirs, over all that they translated in one measure. */
function reasonForVoid(ours, theirs) {
  if (ours.agreement) {
    const { worst, atMost } = ours.agreement;
    // NaN is no agreement either.
    return worst <= atMost ? undefined : `the outputs differ by ${worst.toPrecision(2)}`;
  }
  const [own, other] = [ours, theirs].map((row) => row.scores.filter(Boolean).map(({ chrf }) => chrf));
  if (own.length === 0 || other.length === 0) return undefined;
  const below = Math.max(...other) - Math.min(...own);
  return below > CHRF_TOLERANCE ? `chrF is ${below.toFixed(2)} lower` : undefined;
}

/**
 * @typedef {{ name: string, value?: import('./statistics.mjs').Summary, bound: string, verdict: string, unit?: Target['unit'] }} Verdict
 * @param {Target} target
 * @param {Results} results
 * @returns {Verdict | undefined} undefined if it was not measured
 */
export function judge(target, results) {
  const rows = results[target.measure];
  const ours = rows?.[target.ours];
  const theirs = target.peer && rows?.[target.peer];
  if (!ours || (target.peer && !theirs)) return undefined;
  const series = (/** @type {Row} */ row) => row.rounds.map((round) => round?.[target.figure]);
  const value = theirs ? ratio(series(ours), series(theirs)) : summary(series(ours));
  const { name, unit } = target;
  const common = { name, value, unit, bound: bound(target) };
  if (!value) return { ...common, verdict: 'no figure' };
  // A cold start translates too little to be scored: it goes by the batch.
  const [scored, against] = [target.ours, target.peer].map((id) =>
    target.measure === 'cold' ? results.batch?.[id] : rows[id],
  );
  const spoiled = scored && against && reasonForVoid(scored, against);
  if (spoiled) return { ...common, verdict: `void: ${spoiled}` };
  const isScored = scored?.scores.some(Boolean) && against?.scores.some(Boolean);
  const isCompared = isScored || ours.agreement;
  const unscored = theirs && !isCompared ? ', quality not compared' : '';
  return { ...common, verdict: `${isMet(value.median, target) ? 'met' : 'not met'}${unscored}` };
}

/** @param {number} value @param {{ atLeast?: number, atMost?: number }} bounds */
export function isMet(value, { atLeast = -Infinity, atMost = Infinity }) {
  return value >= atLeast && value <= atMost;
}

/** @param {{ atLeast?: number, atMost?: number, unit?: { size: number, name: string } }} bounds */
export function bound({ atLeast, atMost, unit }) {
  const value = (atLeast ?? atMost) / (unit?.size ?? 1);
  return `${atLeast === undefined ? '≤' : '≥'} ${value}${unit ? ` ${unit.name}` : ''}`;
}
