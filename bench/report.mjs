// The tables on the terminal.

import { summary } from './statistics.mjs';
import { ENGINE_BYTES, TARGETS, bound, isMet, judge } from './targets.mjs';

const MB = 1e6;
const KB = 1e3;

/** @typedef {(value: number) => string} Format */
const fixed = (/** @type {number} */ digits) => (/** @type {number} */ value) => value.toFixed(digits);
const per = (/** @type {number} */ unit, digits = 1) => {
  const format = fixed(digits);
  return (/** @type {number} */ value) => format(value / unit);
};

const percent = (/** @type {number} */ value) => `${(100 * value).toFixed(0)} %`;

/** A table a measure: its title, and figure, heading and format of each column. */
const TABLES = {
  batch: {
    title: 'Batch (median, min–max of the rounds)',
    columns: [
      ['wordsPerSecond', 'words/s', fixed(0)],
      ['wordsPerCpuSecond', 'words/CPU s', fixed(0)],
      ['texts', 'texts', fixed(0)],
    ],
  },
  latency: {
    title: 'One sentence at a time, ms',
    columns: [
      ['p50', 'p50', fixed(1)],
      ['p90', 'p90', fixed(1)],
      ['cpuMean', 'CPU, mean', fixed(1)],
      ['sentences', 'sentences', fixed(0)],
    ],
  },
  cold: {
    title: 'Cold start, ms from the start to the end of',
    columns: [
      ['script', 'script', fixed(0)],
      ['download', 'download', fixed(0)],
      ['engine', 'engine', fixed(0)],
      ['open', 'ready', fixed(0)],
      ['first', 'first translation', fixed(0)],
      ['firstTranslation', '(the first alone)', fixed(0)],
      ['laterTranslation', '(a later one)', fixed(0)],
    ],
  },
  memory: {
    title: 'Memory, MB',
    columns: [
      ['wasmLoaded', 'WebAssembly, loaded', per(MB)],
      ['wasmAfter', '… after the texts', per(MB)],
      ['residentBefore', 'RSS before', per(MB, 0)],
      ['residentLoaded', '… loaded', per(MB, 0)],
      ['residentAfter', '… after', per(MB, 0)],
      ['residentPeak', '… peak', per(MB, 0)],
    ],
  },
  gpu: {
    title: 'GPU engine: words/s in calls of one-sentence texts; memory on the device, MB',
    columns: [
      ['words1', 'calls of 1', fixed(1)],
      ['words8', 'of 8', fixed(1)],
      ['words64', 'of 64', fixed(1)],
      ['alike', 'as the CPU', percent],
      ['weightBytes', 'weights', per(MB)],
      ['peakBytes', 'peak, all buffers', per(MB)],
    ],
  },
  work: {
    title: 'GPU engine: work of an encoder layer and of a decoding step (mean)',
    columns: [
      ['layerDispatches', 'layer: dispatches', fixed(1)],
      ['layerMultiplyAdds', 'multiply-adds, M', per(1e6)],
      ['layerBytes', 'bytes read, MB', per(MB)],
      ['stepDispatches', 'step: dispatches', fixed(1)],
      ['stepMultiplyAdds', 'multiply-adds, M', per(1e6)],
      ['stepBytes', 'bytes read, MB', per(MB)],
    ],
  },
  kernels: {
    title: 'GPU engine: kernels by the time stamps of the device, int8',
    columns: [
      ['dispatches', 'dispatches', fixed(0)],
      ['ms', 'ms', fixed(2)],
    ],
  },
  encoder: {
    title: 'Encoder alone, f32, output read back',
    columns: [
      ['ms', 'ms', fixed(0)],
      ['cpuSeconds', 'CPU s', fixed(1)],
      ['sentences', 'sentences', fixed(0)],
      ['tokens', 'tokens', fixed(0)],
      ['rows', 'rows with padding', fixed(0)],
      ['difference', 'greatest difference', (value) => value.toExponential(1)],
    ],
  },
  page: {
    title: 'The page, ms',
    columns: [
      ['interactive', 'interactive', fixed(0)],
      ['downloaded', 'model downloaded', fixed(0)],
      ['translated', 'first translation', fixed(0)],
      ['afterDownload', '(from the end of the download)', fixed(0)],
      ['rough', 'dial at 4 bits, rough', fixed(0)],
      ['calibrated', '… calibrated', fixed(0)],
      ['pruned', '40 % pruned', fixed(0)],
      ['both', '… and 4 bits', fixed(0)],
    ],
  },
  compress: {
    title: 'Laboratory: a recipe, one thread',
    columns: [
      ['seconds', 'seconds', fixed(2)],
      ['cpuSeconds', 'CPU s', fixed(2)],
      ['whole', 'with sizes (gzip -9)', fixed(2)],
      ['wireBytes', 'model, MB gzipped', per(MB, 2)],
    ],
  },
  heal: {
    title: 'Training in the page: chrF on our evaluation set',
    columns: [
      ['chrfOriginal', 'original', fixed(2)],
      ['chrfBefore', 'damaged', fixed(2)],
      ['chrfAfter', 'healed', fixed(2)],
      ['steps', 'steps', fixed(0)],
      ['seconds', 'seconds', fixed(0)],
    ],
  },
  flat: {
    title: '10,000 translations in one page, MB',
    columns: [
      ['wasmFirst', 'WebAssembly at 100', per(MB)],
      ['wasmLast', '… at 10,000', per(MB)],
      ['residentFirst', 'RSS at 100', per(MB, 0)],
      ['residentLast', '… at 10,000', per(MB, 0)],
    ],
  },
};

/** @param {import('./statistics.mjs').Summary | undefined} value @param {Format} format */
function withSpread(value, format) {
  if (!value) return '–';
  const [middle, low, high] = [value.median, value.min, value.max].map(format);
  return low === high ? middle : `${middle} (${low}–${high})`;
}

/** Columns as wide as their widest cell. @param {string[][]} rows */
function aligned(rows) {
  const widths = [];
  for (const row of rows)
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows
    .map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()}`)
    .join('\n');
}

/**
 * @param {string} measure
 * @param {Record<string, import('./targets.mjs').Row>} rows
 * @param {Map<string, string>} names
 */
function measureTable(measure, rows, names) {
  const { title, columns } = TABLES[measure];
  const isScored = Object.values(rows).some((row) => row.scores.some(Boolean));
  const head = ['', ...columns.map(([, heading]) => heading), ...(isScored ? ['chrF', 'BLEU'] : [])];
  const lines = Object.entries(rows).map(([id, row]) => {
    const name = names.get(id) ?? id;
    if (!row.rounds.some(Boolean)) return [name, `failed: ${row.error}`];
    const cells = columns.map(([figure, , format]) =>
      withSpread(summary(row.rounds.map((round) => round?.[figure])), format),
    );
    if (isScored)
      for (const score of ['chrf', 'bleu'])
        cells.push(withSpread(summary(row.scores.map((round) => round?.[score])), fixed(2)));
    return [name, ...cells, ...(row.error ? [`one round failed: ${row.error}`] : [])];
  });
  // A failure's text must not widen a column of figures.
  const failures = lines.filter((line) => line[1].startsWith('failed'));
  const table = aligned([head, ...lines.filter((line) => !failures.includes(line))]);
  return [title, table, ...failures.map(([name, text]) => `  ${name}  ${text}`)].join('\n');
}

/** @param {Awaited<ReturnType<typeof import('./measures/bytes.mjs').measureBytes>>} bytes */
function bytesTable(bytes) {
  const kilobytes = (/** @type {number} */ value) => `${per(KB)(value)} KB`;
  const megabytes = (/** @type {number} */ value) => `${per(MB, 2)(value)} MB`;
  const engines = Object.entries(bytes.oursEngines).map(([name, size]) => `${name} ${kilobytes(size)}`);
  const peers = megabytes(bytes.peersModel);
  const rows = [
    ['', 'engine', 'its JavaScript', 'model with vocabulary and shortlist'],
    ['Pocketglot', engines.join(', '), kilobytes(bytes.oursScripts), megabytes(bytes.oursModel)],
    ['Bergamot', kilobytes(bytes.bergamotEngine), kilobytes(bytes.bergamotScripts), peers],
    ['fxtranslate (npm)', kilobytes(bytes.fxtranslateEngine), kilobytes(bytes.fxtranslateScripts), peers],
  ];
  return `Download, gzip -9\n${aligned(rows)}`;
}

/** @returns {import('./targets.mjs').Verdict[]} */
export function verdicts({ results, bytes }) {
  const judged = TARGETS.flatMap((target) => judge(target, results) ?? []);
  for (const [name, size] of Object.entries(bytes?.oursEngines ?? {})) {
    judged.push({
      name: `${name}, gzipped`,
      value: summary([size]),
      unit: ENGINE_BYTES.unit,
      bound: bound(ENGINE_BYTES),
      verdict: isMet(size, ENGINE_BYTES) ? 'met' : 'not met',
    });
  }
  return judged;
}

/** @param {import('./targets.mjs').Verdict[]} judged */
function verdictTable(judged) {
  const rows = judged.map(({ name, value, unit, bound, verdict }) => {
    const text = withSpread(value, unit ? per(unit.size) : fixed(2));
    return [name, unit && value ? `${text} ${unit.name}` : text, bound, verdict];
  });
  return ['What must hold (ratios round by round, their median, min–max)', aligned(rows)].join('\n');
}

/** @param {import('./gpu/adapters.mjs').Adapter} adapter */
function adapterLine({ name, isSoftware }) {
  const warning = 'which computes on the processor: its times say nothing about a GPU';
  return `graphics adapter: ${name}${isSoftware ? `, ${warning}` : ''}`;
}

/** @param {object} record what goes into the JSON file @param {Map<string, string>} names of engines */
export function report(record, names) {
  const { environment, input, results, bytes, targets } = record;
  const { chromium = '(not used)', browserFlags, adapter, cpu, cores, date, load } = environment;
  const [before, after] = [load.start, load.end].map(fixed(1));
  const { pair, name, texts, words, warmUp } = input;
  const parts = [
    `${date}: Chromium ${[chromium, ...browserFlags].join(' ')}, ${cpu}, ${cores} cores, load ${before} → ${after}`,
    `${pair}, ${name}: ${texts} texts, ${words} words measured; ${warmUp} other texts warm up`,
    ...(adapter ? [adapterLine(adapter)] : []),
    ...Object.entries(results).map(([measure, rows]) => `\n${measureTable(measure, rows, names)}`),
    ...(bytes ? [`\n${bytesTable(bytes)}`] : []),
    ...(targets.length ? [`\n${verdictTable(targets)}`] : []),
  ];
  return parts.join('\n');
}
