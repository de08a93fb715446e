#!/usr/bin/env node
// Every method of compression over its range: how small, how fast, how good. Writes a CSV, row by row,
// and a chart. A run that was interrupted goes on where it stopped.

import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { UsageError, briefly } from '../errors.mjs';
import { ROOT } from '../places.mjs';
import { draw } from './chart.mjs';
import { EXPERIMENTS, toml } from './recipes.mjs';

const HELP = `Every method of compression over its range, natively.

  make experiments ARGS="…"

  --model FILE       the model (default: models/en-pt.safetensors)
  --pairs TSV        what it is scored on: a table whose first line names the columns by language
                     (default: our evaluation set)
  --source FILE      instead: text to translate, a line a segment,
  --reference FILE   and its reference translations, line by line
  --only TEXT        families whose name contains this
  --out FOLDER       where experiments.csv and experiments.svg go (default: target/experiments)
  --help

Families: ${[...new Set(EXPERIMENTS.map(({ family }) => family))].join('; ')}
`;

const COLUMNS = [
  'kind',
  'family',
  'label',
  'wire_bytes',
  'file_bytes',
  'memory_bytes',
  'chrf',
  'bleu',
  'chrf_lost',
  'words_per_second',
  'seconds',
  'recipe',
];

const PROGRAM = join(ROOT, 'target/release/pocketglot');
const run = promisify(execFile);

/** @param {string[]} args */
async function pocketglot(...args) {
  const { stdout } = await run(PROGRAM, [...args, '--json'], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/** A row of the table, quoted where it must be. @param {unknown[]} cells */
const line = (cells) =>
  `${cells.map((cell) => (/[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(',')}\n`;

/** The rows of a table that {@link line} wrote. @param {string} text @returns {Record<string, string>[]} */
function readTable(text) {
  /** @type {string[][]} */
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    rows[rows.length - 1].push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  const [names, ...others] = rows.filter((row) => row.length > 1);
  return others.map((row) => Object.fromEntries(row.map((cell, at) => [names?.[at] ?? '', cell])));
}

async function main() {
  const { values: options } = parseArgs({
    options: {
      model: { type: 'string', default: join(ROOT, 'models/en-pt.safetensors') },
      pairs: { type: 'string' },
      source: { type: 'string' },
      reference: { type: 'string' },
      only: { type: 'string', default: '' },
      out: { type: 'string', default: join(ROOT, 'target/experiments') },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) return console.log(HELP);
  const chosen = EXPERIMENTS.filter(({ family }) => family.includes(options.only));
  if (chosen.length === 0) throw new UsageError(`--only ${options.only}: no family is called like that`);
  if (Boolean(options.source) !== Boolean(options.reference)) {
    throw new UsageError('--source and --reference go together');
  }
  const texts = options.source
    ? ['--source', options.source, '--reference', options.reference ?? '']
    : ['--pairs', options.pairs ?? join(ROOT, 'data/evaluation.en-pt.tsv')];
  await mkdir(options.out, { recursive: true });
  const table = join(options.out, 'experiments.csv');
  const original = await pocketglot('eval', options.model, ...texts);
  const head = line(COLUMNS);
  const before = await readFile(table, 'utf8').catch(() => '');
  if (before && !before.startsWith(head)) {
    throw new UsageError(`${table} is there and is no table of these experiments`);
  }
  if (!before) await writeFile(table, head);
  const done = new Set(readTable(before).map(({ recipe }) => recipe));
  const folder = await mkdtemp(join(tmpdir(), 'pocketglot-experiments-'));
  try {
    for (const { kind, family, label, steps } of chosen) {
      // As JavaScript takes it, and in one line.
      const recipe = JSON.stringify({ step: steps });
      if (done.has(recipe)) continue;
      const [file, small] = [join(folder, 'recipe.toml'), join(folder, 'small.safetensors.gz')];
      await writeFile(file, toml(steps));
      const made = await pocketglot('compress', options.model, '--recipe', file, '-o', small);
      const scores = await pocketglot('eval', small, ...texts);
      const lost = original.chrf - scores.chrf;
      await appendFile(
        table,
        line([
          kind,
          family,
          label,
          scores.wire_bytes,
          scores.file_bytes,
          scores.memory_bytes,
          scores.chrf.toFixed(3),
          scores.bleu.toFixed(3),
          lost.toFixed(3),
          Math.round(scores.words_per_second),
          made.seconds.toFixed(1),
          recipe,
        ]),
      );
      const size = `${(scores.wire_bytes / 1e6).toFixed(2)} MB`;
      console.error(`${family}, ${label}: ${size}, chrF ${scores.chrf.toFixed(2)} (${(-lost).toFixed(2)})`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const rows = readTable(await readFile(table, 'utf8')).map(({ kind, family, label, wire_bytes, chrf }) => ({
    kind,
    family,
    label,
    wire_bytes: Number(wire_bytes),
    chrf: Number(chrf),
  }));
  const chart = join(options.out, 'experiments.svg');
  await writeFile(chart, await draw(rows, original, 'What compression costs: size against quality'));
  console.log(`${resolve(table)}\n${resolve(chart)}`);
}

await main().catch((error) => {
  console.error(`experiments: ${error instanceof UsageError ? error.message : briefly(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
