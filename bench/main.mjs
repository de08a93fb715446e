#!/usr/bin/env node
// The bench: runs what was asked for, engines in alternation, and writes a table and a JSON file.

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Visit, WITHOUT_GRAPHICS } from './browser.mjs';
import { ROWS as RECIPES, measureCompress } from './compress/measure.mjs';
import { ENGINES } from './engines.mjs';
import { UsageError, briefly } from './errors.mjs';
import { ROWS, measureGpu } from './gpu/measure.mjs';
import { ROWS as DAMAGES, measureHeal } from './heal/measure.mjs';
import { batch } from './measures/batch.mjs';
import { measureBytes } from './measures/bytes.mjs';
import { cold } from './measures/cold.mjs';
import { flat } from './measures/flat.mjs';
import { latency } from './measures/latency.mjs';
import { memory } from './measures/memory.mjs';
import { modelsFolder } from './models/make.mjs';
import { HELP, readOptions } from './options.mjs';
import { BENCH, PACKAGES, ROOT, findPlaces } from './places.mjs';
import { Scorer } from './quality.mjs';
import { report, verdicts } from './report.mjs';
import { Server } from './serving.mjs';
import { readTexts } from './texts.mjs';
import { ROWS as PAGE, measurePage } from './visit/measure.mjs';

const IN_ROUNDS = [batch, latency, cold, memory, flat];

const say = (/** @type {string} */ text) => console.error(`[bench] ${text}`);

/** What a measure works with. */
class Context {
  /** @type {string | undefined} */
  chromium;
  #server;
  #spy;

  constructor({ options, places, texts, server, spy }) {
    Object.assign(this, { options, places, texts });
    this.#server = server;
    this.#spy = spy;
  }

  /** What the page needs to open an engine. */
  request({ adapter, options }, extra) {
    const { from, to } = this.options;
    return { adapter, options: { from, to, pair: from + to, ...options, ...extra } };
  }

  /** @template T @param {(visit: Visit) => Promise<T>} use @returns {Promise<T>} */
  visit(use) {
    return this.#visit('/bench/page.mjs', WITHOUT_GRAPHICS, use);
  }

  /** A visit with a graphics adapter. @template T @param {string[]} flags @param {(visit: Visit) => Promise<T>} use */
  graphics(flags, use) {
    return this.#visit('/bench/gpu/page.mjs', flags, use);
  }

  /** A visit with the laboratory's page side. @template T @param {(visit: Visit) => Promise<T>} use */
  laboratory(use) {
    return this.#visit('/bench/compress/page.mjs', WITHOUT_GRAPHICS, use);
  }

  /** A visit with training's page side. @template T @param {(visit: Visit) => Promise<T>} use */
  training(use) {
    return this.#visit('/bench/heal/page.mjs', WITHOUT_GRAPHICS, use);
  }

  /** A visit to the built page, which has no page side. @template T @param {(visit: Visit) => Promise<T>} use */
  page(use) {
    return this.#visit(undefined, WITHOUT_GRAPHICS, use);
  }

  /** @template T @param {string | undefined} side @param {string[]} flags @param {(visit: Visit) => Promise<T>} use */
  async #visit(side, flags, use) {
    const visit = await Visit.begin(
      this.places.chromium,
      this.#server.origin,
      [...flags, ...this.options.browserFlags],
      side,
    );
    this.chromium = visit.version;
    try {
      return await use(visit);
    } finally {
      await visit.end();
    }
  }

  /** A visit whose workers tell their memory. @template T @param {(visit: Visit) => Promise<T>} use */
  async spied(use) {
    this.#server.workerPrefix = this.#spy;
    try {
      return await this.visit(use);
    } finally {
      this.#server.workerPrefix = '';
    }
  }
}

/** In Bergamot's own form: part by part, where it is served and its SHA-256. */
async function bergamotRegistry({ sources }, pair) {
  const entry = async (part, path) => {
    const bytes = await readFile(path);
    const expectedSha256Hash = createHash('sha256').update(bytes).digest('hex');
    return { name: `/sources/${pair}/${part}`, size: bytes.length, expectedSha256Hash };
  };
  const [model, lex, vocab] = await Promise.all([
    entry('model', sources.model),
    entry('shortlist', sources.shortlist),
    entry('vocabulary', sources.vocabulary),
  ]);
  return JSON.stringify({ [pair]: { model, lex, vocab } });
}

async function startServer({ places, options }) {
  const pair = options.from + options.to;
  const mounts = {
    '/bench/': BENCH,
    '/pocketglot/': places.dist,
    '/bergamot/': join(PACKAGES, '@browsermt/bergamot-translator'),
    '/fxtranslate/': join(PACKAGES, 'fxtranslate'),
    '/onnxruntime/': join(PACKAGES, 'onnxruntime-web', 'dist'),
    '/engine/': places.engine,
    '/package-model': places.model,
    '/gpu-models/': modelsFolder(places),
    [`/sources/${pair}/model`]: places.sources.model,
    [`/sources/${pair}/vocabulary`]: places.sources.vocabulary,
    [`/sources/${pair}/shortlist`]: places.sources.shortlist,
  };
  const generated = { '/bergamot-registry.json': await bergamotRegistry(places, pair) };
  return new Server(mounts, generated).start();
}

/**
 * Each engine once a round, and another one first in each.
 * @returns {Promise<Record<string, import('./targets.mjs').Row>>}
 */
async function inRounds(measure, engines, context, scorer) {
  const taken = engines.filter(measure.takes);
  const rounds = measure.rounds(context.options.rounds);
  const rows = Object.fromEntries(taken.map(({ id }) => [id, { rounds: [], scores: [] }]));
  for (let round = 0; round < rounds; round++) {
    const order = taken.map((_, i) => taken[(i + round) % taken.length]);
    for (const engine of order) {
      const row = rows[engine.id];
      if (row.error && !row.rounds.some(Boolean)) continue;
      const started = Date.now();
      try {
        const { figures, translated } = await measure.run(engine, context);
        row.rounds[round] = figures;
        row.scores[round] = translated && (await scorer.score(translated));
      } catch (error) {
        row.rounds[round] = row.scores[round] = undefined;
        row.error = briefly(error);
        say(`${measure.id}, ${engine.id}: ${row.error}`);
      }
      const seconds = ((Date.now() - started) / 1000).toFixed(0);
      say(`${measure.id}, round ${round + 1} of ${rounds}, ${engine.id}: ${seconds} s`);
    }
  }
  return rows;
}

async function versions() {
  const read = async (/** @type {string} */ path) => JSON.parse(await readFile(path, 'utf8'));
  const { dependencies } = await read(join(BENCH, 'package.json'));
  const ours = (await read(join(ROOT, 'www', 'package', 'package.json'))).version;
  return { pocketglot: ours, node: process.version, ...dependencies };
}

async function main(args) {
  const options = readOptions(args, ENGINES.map(({ id }) => id));
  if (options.help) {
    console.log(HELP + ENGINES.map(({ id, name }) => `  ${id.padEnd(17)}${name}`).join('\n'));
    return;
  }
  const places = await findPlaces(options);
  const texts = await readTexts(options);
  const engines = ENGINES.filter(({ id }) => options.engines.includes(id));
  const load = { start: loadavg()[0], end: NaN };
  const spy = await readFile(join(BENCH, 'spy.js'), 'utf8');
  const server = await startServer({ places, options });
  const context = new Context({ options, places, texts, server, spy });
  const scorer = new Scorer(places);
  const results = {};
  let adapter;
  try {
    for (const measure of IN_ROUNDS)
      if (options.measures.includes(measure.id))
        results[measure.id] = await inRounds(measure, engines, context, scorer);
    if (options.measures.includes('page')) results.page = await measurePage(context, say);
    if (options.measures.includes('compress'))
      results.compress = await measureCompress(context, say);
    if (options.measures.includes('heal')) results.heal = await measureHeal(context, say);
    if (options.measures.includes('gpu')) {
      const measured = await measureGpu(context, say);
      adapter = measured.adapter;
      Object.assign(results, measured.results);
    }
  } finally {
    await server.stop();
  }
  load.end = loadavg()[0];
  const bytes = options.measures.includes('bytes') ? await measureBytes(context) : undefined;
  const record = {
    environment: {
      date: new Date().toISOString(),
      ...{ chromium: context.chromium, browserFlags: options.browserFlags, adapter, cpu: cpus()[0]?.model.trim(), cores: cpus().length, load },
      ...{ platform: `${process.platform} ${process.arch}`, versions: await versions() },
    },
    input: {
      ...{ pair: `${options.from}-${options.to}`, name: texts.name, dist: places.dist },
      ...{ texts: texts.measured.length, words: texts.words, warmUp: texts.warmUp.length },
    },
    ...{ results, bytes, targets: verdicts({ results, bytes }) },
  };
  const path = resolve(options.json ?? join(ROOT, 'target', 'bench', 'results.json'));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(record, null, 2)}\n`);
  const names = new Map([...ENGINES.map(({ id, name }) => [id, name]), ...ROWS, ...RECIPES, ...DAMAGES, ...PAGE]);
  console.log(report(record, names));
  console.log(`\nEvery figure: ${path}`);
  const rows = Object.values(results).flatMap((measured) => Object.values(measured));
  if (!bytes && !rows.some((row) => row.rounds.some(Boolean))) process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  // A file that can't be read is told well enough by the system's message.
  const plain = error instanceof UsageError || error.syscall;
  console.error(plain ? `[bench] error: ${error.message}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
