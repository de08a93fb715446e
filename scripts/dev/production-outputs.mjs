#!/usr/bin/env node
/**
 * Translates an evaluation set with the production engine, both ways: Bergamot's npm build, which
 * runs the same model files, in headless Chromium. It makes data/production/*.txt, and is needed
 * only when the evaluation set or the models change. Bergamot is not among the project's packages,
 * as playwright-core is; this installs both:
 *
 *     npm install --no-save @browsermt/bergamot-translator@0.4.9
 *     node scripts/dev/production-outputs.mjs MODELS data/evaluation.en-pt.tsv data/production
 *
 * MODELS is a folder that holds, at any depth, model.enpt.*.bin, lex.*.enpt.*.bin and
 * vocab.enpt.spm, and the same for pten. The TSV has a header line and the columns `en` and
 * `pt`, without quoting. The output folder receives <stem>.en-pt.txt (translations of the
 * English column) and <stem>.pt-en.txt, a line a pair; the stem is the TSV's name to its first dot.
 * The package's own BatchTranslator and worker do the work, with the options that they set
 * themselves except for the batch size. Chromium is the one that scripts/chromium.sh finds,
 * $CHROMIUM first.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIRECTIONS = [
  { from: 'en', to: 'pt', column: 'en' },
  { from: 'pt', to: 'en', column: 'pt' },
];
const ENGINE = '@browsermt/bergamot-translator';
const ENGINE_VERSION = '0.4.9';
const INSTALL = `npm install --no-save ${ENGINE}@${ENGINE_VERSION}`;
// Texts in one call of the engine, whose own default of 8 is meant for short waits. The engine
// joins the shortlists of the sentences that it batches, so another size changes a few outputs.
const BATCH_SIZE = 64;
const CHROMIUM_FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic',
  '--disable-gpu',
];
const MEDIA_TYPES = {
  '.html': 'text/html', '.js': 'text/javascript', '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** A mistake of the caller's: its message is all that they need to see. */
class UsageError extends Error {}

/** The two packages, found from here or from the folder in which the script was started. */
function findPackages() {
  for (const start of [import.meta.url, join(process.cwd(), 'package.json')]) {
    const require = createRequire(start);
    try {
      // The manifest by way of the entry point: the package may not export it.
      const engine = dirname(require.resolve(`${ENGINE}/translator.js`));
      const { version } = require(join(engine, 'package.json'));
      if (version !== ENGINE_VERSION) {
        throw new UsageError(`${ENGINE} is ${version}, not ${ENGINE_VERSION}; run: ${INSTALL}`);
      }
      return { engine, version, chromium: require('playwright-core').chromium };
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new UsageError(`packages are missing; run: ${INSTALL}`);
}

function findChromium() {
  const script = fileURLToPath(new URL('../chromium.sh', import.meta.url));
  try {
    return execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  } catch {
    // The script has said what is missing.
    throw new UsageError('Chromium is needed');
  }
}

/** @returns {Promise<Record<string, string[]>>} the text of each column, header apart */
async function readColumns(path) {
  const lines = (await readFile(path, 'utf8')).split('\n');
  if (lines.at(-1) === '') lines.pop();
  const names = lines.shift()?.split('\t') ?? [];
  const rows = lines.map((line, index) => {
    const cells = line.split('\t');
    if (cells.length !== names.length) {
      throw new UsageError(
        `${path}, line ${index + 2}: ${cells.length} columns, but the header has ${names.length}`);
    }
    return cells;
  });
  for (const { column } of DIRECTIONS) {
    if (!names.includes(column)) throw new UsageError(`${path}: no column named "${column}"`);
    const empty = rows.findIndex((cells) => !cells[names.indexOf(column)].trim());
    if (empty >= 0) throw new UsageError(`${path}, line ${empty + 2}: "${column}" is empty`);
  }
  return Object.fromEntries(names.map((name, i) => [name, rows.map((cells) => cells[i])]));
}

/**
 * The engine's registry for one folder: part by part, where it is served and its SHA-256, which the
 * engine checks when it fetches the file.
 */
async function readModels(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const registry = {};
  const files = new Map();
  for (const { from, to } of DIRECTIONS) {
    const pair = from + to;
    const parts = {
      model: new RegExp(`^model\\.${pair}\\..*\\.bin$`),
      lex: new RegExp(`^lex\\..*\\.${pair}\\..*\\.bin$`),
      vocab: new RegExp(`^vocab\\.${pair}\\.spm$`),
    };
    registry[pair] = {};
    for (const [part, pattern] of Object.entries(parts)) {
      const found = paths.filter((path) => pattern.test(basename(path)));
      if (found.length !== 1) {
        throw new UsageError(`${folder}: ${found.length} files match ${pattern}, one is needed`);
      }
      const bytes = await readFile(found[0]);
      const name = `/models/${basename(found[0])}`;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      files.set(name, bytes);
      registry[pair][part] = { name, size: bytes.length, expectedSha256Hash: sha256 };
      console.error(`${sha256}  ${basename(found[0])}`);
    }
  }
  files.set('/registry.json', JSON.stringify(registry));
  return files;
}

/** Serves the files and the engine's folder, cross-origin isolated, on a free local port. */
async function serve(files, engine) {
  const server = createServer(async (request, response) => {
    try {
      // URL resolves any "..", so the path cannot leave the engine's folder.
      const { pathname } = new URL(request.url, 'http://localhost');
      const body = files.get(pathname) ?? await readFile(join(engine, pathname));
      response.writeHead(200, {
        'Content-Type': MEDIA_TYPES[extname(pathname)] ?? 'application/octet-stream',
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Runs in the page: every text is queued at once, and the translator batches them by itself. */
async function translateInPage({ from, to, texts, batchSize }) {
  const { BatchTranslator } = await import('/translator.js');
  const failed = Promise.withResolvers();
  const onerror = (error) => failed.reject(new Error(error.message ?? String(error)));
  const options = { registryUrl: '/registry.json', cacheSize: 0, batchSize };
  const translator = new BatchTranslator(options);
  // Not among the options: those are sent to the worker, where a function can't go.
  translator.onerror = translator.backing.onerror = onerror;
  const responses = texts.map((text) => translator.translate({ from, to, text, html: false }));
  const done = await Promise.race([Promise.all(responses), failed.promise]);
  return done.map(({ target }) => target.text);
}

async function main([models, tsv, output, ...rest]) {
  if (!output || rest.length) {
    throw new UsageError('use: production-outputs.mjs MODELS EVALUATION.tsv OUTPUT_FOLDER');
  }
  const { engine, version, chromium } = findPackages();
  const executablePath = findChromium();
  const columns = await readColumns(tsv);
  const files = await readModels(models);
  files.set('/index.html', '<!doctype html><link rel="icon" href="data:,">');
  const server = await serve(files, engine);
  let browser;
  try {
    browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
    console.error(`Bergamot ${version} in Chromium ${browser.version()}`);
    await mkdir(output, { recursive: true });
    for (const { from, to, column } of DIRECTIONS) {
      const texts = columns[column];
      const page = await browser.newPage();
      page.on('console', (message) => console.error(`[page] ${message.text()}`));
      await page.goto(`http://localhost:${server.address().port}/index.html`);
      const work = { from, to, texts, batchSize: BATCH_SIZE };
      const translations = await page.evaluate(translateInPage, work);
      await page.close();
      const lines = translations.map((text) => text.replace(/[\r\n]+/g, ' '));
      const path = join(output, `${basename(tsv).split('.')[0]}.${from}-${to}.txt`);
      await writeFile(path, lines.map((line) => `${line}\n`).join(''));
      console.error(`${path}: ${lines.length} lines`);
    }
  } finally {
    await browser?.close();
    server.close();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  // A file that can't be read or written is told well enough by the system's message.
  const plain = error instanceof UsageError || error.syscall;
  console.error(plain ? `error: ${error.message}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
