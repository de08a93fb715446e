// Training in the page: what some minutes give back of what compression took.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { briefly } from '../errors.mjs';
import { ROOT } from '../places.mjs';

const MINUTES = 5;

const nearest = { method: 'quantize', target: 'all', bits: 3, group_size: 64, rounding: 'nearest' };

/** Rows: id, name, step. @type {[string, string, object][]} */
const DAMAGES = [['heal-nearest', `3 bits, to the nearest, ${MINUTES} minutes`, nearest]];

export const ROWS = new Map(DAMAGES.map(([id, name]) => [id, name]));

/** Our evaluation set, which has no part in the training. @param {string} from @param {string} to */
async function readPairs(from, to) {
  const text = await readFile(join(ROOT, 'data', 'evaluation.en-pt.tsv'), 'utf8');
  const [header, ...rows] = text.trimEnd().split('\n').map((line) => line.split('\t'));
  const [source, reference] = [header.indexOf(from), header.indexOf(to)];
  return rows.map((cells) => ({ source: cells[source], reference: cells[reference] }));
}

/**
 * Once each: it takes its minutes.
 * @param {import('../main.mjs').Context} context
 * @param {(text: string) => void} say
 * @returns {Promise<Record<string, import('../targets.mjs').Row>>}
 */
export async function measureHeal(context, say) {
  const { from, to } = context.options;
  const pairs = await readPairs(from, to);
  const rows = Object.fromEntries(DAMAGES.map(([id]) => [id, { rounds: [], scores: [] }]));
  for (const [id, , step] of DAMAGES) {
    const request = { url: `/pocketglot/models/${from}-${to}.safetensors.gz`, recipe: { step: [step] }, minutes: MINUTES, pairs };
    try {
      await context.training(async (visit) => {
        rows[id].rounds[0] = await visit.call('heal', request);
      });
    } catch (error) {
      rows[id].error = briefly(error);
      say(`heal, ${id}: ${rows[id].error}`);
    }
    say(`heal, ${id}`);
  }
  return rows;
}
