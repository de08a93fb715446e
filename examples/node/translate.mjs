#!/usr/bin/env node
// Translates its arguments, or else the lines of the standard input, and prints each translation as soon
// as it is there, in the order of the lines.

import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Translator } from 'pocketglot';

const USAGE = `usage: translate.mjs [options] [text …]

Without a text, lines are read from the standard input.
  --from LANGUAGE   of the texts (en)
  --to LANGUAGE     of the translations (pt)
  --registry URL    list of models: a URL or a path (models/registry.json)
  --threads NUMBER  how many threads compute (all cores but one, at most 8)
  --help            prints this`;

/** So many lines may be on their way: enough to keep all threads busy, whatever the length of the input. */
const AHEAD = 256;

const OPTIONS = /** @type {const} */ ({
  from: { type: 'string', default: 'en' },
  to: { type: 'string', default: 'pt' },
  registry: { type: 'string', default: 'models/registry.json' },
  threads: { type: 'string' },
  help: { type: 'boolean', default: false },
});

/**
 * Says what went wrong. The program ends when nothing is left to do: leaving at once, while a worker is
 * starting, crashes Node.js 20 now and then.
 * @param {Error} error
 */
function tell(error) {
  console.error(`translate.mjs: ${error.message}`);
  process.exitCode = 1;
}

/**
 * Says what went wrong, and ends.
 * @param {Error} error
 * @returns {never}
 */
function fail(error, status = 1) {
  tell(error);
  process.exit(status);
}

function readCommandLine() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return fail(/** @type {Error} */ (error), 2);
  }
}

/**
 * @param {ReturnType<typeof readCommandLine>['values']} values
 * @param {string[]} texts
 */
async function main({ from, to, registry, threads }, texts) {
  const translator = await Translator.create({
    sourceLanguage: from,
    targetLanguage: to,
    registry,
    threads: threads === undefined ? undefined : Number(threads),
  });
  const lines = texts.length > 0 ? texts : createInterface({ input: process.stdin });
  /** @type {Promise<void>[]} */
  const printing = [];
  for await (const line of lines) {
    printing.push(print(translator.translate(line), printing.at(-1)));
    if (printing.length > AHEAD) await printing.shift();
  }
  await Promise.all(printing);
  translator.destroy();
}

/**
 * Prints a translation after what comes before it.
 * @param {Promise<string>} translation
 * @param {Promise<void>} [before]
 */
async function print(translation, before) {
  try {
    const [text] = await Promise.all([translation, before]);
    console.log(text);
  } catch (error) {
    fail(/** @type {Error} */ (error));
  }
}

// Whoever reads the output may have seen enough, as `head` has.
process.stdout.on('error', (/** @type {NodeJS.ErrnoException} */ error) => (error.code === 'EPIPE' ? process.exit() : fail(error)));

const { values, positionals } = readCommandLine();
if (values.help) console.log(USAGE);
else await main(values, positionals).catch(tell);
