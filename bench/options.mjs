// The command line of the bench.

import { parseArgs } from 'node:util';
import { UsageError } from './errors.mjs';

export const MEASURES = ['batch', 'latency', 'cold', 'memory', 'bytes', 'page', 'compress', 'gpu'];
/** Long, so only when it is asked for. */
const EXTRA_MEASURES = ['flat', 'heal'];

export const HELP = `Pocketglot side by side with its peers, in the same Chromium.

  make bench ARGS="…"        sets up, builds and runs
  node bench/main.mjs …      only runs

  --only LIST        measures, with commas between: ${[...MEASURES, ...EXTRA_MEASURES].join(', ')}
                     (default: all but ${EXTRA_MEASURES.join(', ')}: 10,000 translations in one page,
                     five minutes of training)
  --engines LIST     engines by their ids, see below (default: all); \`page\`, \`compress\`,
                     \`heal\` and \`gpu\` have rows of their own
  --pair PAIR        en-pt or pt-en (default: en-pt)
  --rounds N         rounds; in each, every engine runs once (default: 5)
  --limit N          measure at most N texts, spread over the input
  --source FILE      text to translate instead of our evaluation set: a text a line
  --reference FILE   its reference translations, line by line; without them no quality is known
  --dist FOLDER      another built page of ours (default: POCKETGLOT_DIST, else dist)
  --browser "FLAGS"  more flags for Chromium, such as --js-flags=--no-enable-avx-vnni: what the same
                     machine would do without that instruction, which older ones lack
  --adapter KIND     for \`gpu\`: hardware, software (Chromium's SwiftShader), or auto: the machine's
                     own graphics processor where Chromium can use it (default: auto)
  --json FILE        where everything goes (default: target/bench/results.json)
  --help

Engines:
`;

const OPTIONS = {
  only: { type: 'string' },
  engines: { type: 'string' },
  pair: { type: 'string', default: 'en-pt' },
  rounds: { type: 'string', default: '5' },
  limit: { type: 'string' },
  source: { type: 'string' },
  reference: { type: 'string' },
  dist: { type: 'string' },
  browser: { type: 'string', default: '' },
  adapter: { type: 'string', default: 'auto' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
};

/** @param {string} name @param {string | undefined} text */
function positive(name, text) {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--${name} ${text}: a positive number is needed`);
  return Number(text);
}

/** @param {string} name @param {string | undefined} text @param {string[]} known @param {string[]} all */
function chosen(name, text, known, all) {
  if (text === undefined) return all;
  const list = text.split(',').map((entry) => entry.trim());
  const unknown = list.find((entry) => !known.includes(entry));
  if (unknown !== undefined)
    throw new UsageError(`--${name}: "${unknown}" is none of ${known.join(', ')}`);
  return known.filter((entry) => list.includes(entry));
}

/**
 * @param {string[]} args
 * @param {string[]} engineIds
 */
export function readOptions(args, engineIds) {
  let values;
  try {
    ({ values } = parseArgs({ args, options: OPTIONS }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  const { pair, source, reference, dist, adapter, json, help } = values;
  if (!['en-pt', 'pt-en'].includes(pair)) throw new UsageError(`--pair ${pair}: en-pt or pt-en`);
  if (!['auto', 'hardware', 'software'].includes(adapter))
    throw new UsageError(`--adapter ${adapter}: auto, hardware or software`);
  if (reference !== undefined && source === undefined)
    throw new UsageError('--reference needs --source');
  const [from, to] = pair.split('-');
  return {
    help,
    ...{ from, to, source, reference, dist, adapter, json },
    measures: chosen('only', values.only, [...MEASURES, ...EXTRA_MEASURES], MEASURES),
    engines: chosen('engines', values.engines, engineIds, engineIds),
    rounds: positive('rounds', values.rounds),
    limit: positive('limit', values.limit),
    browserFlags: values.browser.split(/\s+/).filter(Boolean),
  };
}
