// The code of docs/package/guide.md, as it stands there: blocks by section, and what they say that they print.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/files.mjs';

/**
 * @typedef {object} Block
 * @property {string} language
 * @property {string[]} marks such as `script`: how it is used
 * @property {string} text
 */

/** @typedef {{ title: string, blocks: Block[] }} Section */

const FENCE = /^```(\w+)(.*)\n([^]*?)^```$/gm;
/** A line that ends in what it prints. */
const PRINTS = /\bconsole\.log\(.*\);? *\/\/ (.+)$/gm;

/** @returns {Section[]} those that have code */
export function readGuide() {
  const page = readFileSync(join(ROOT, 'docs/package/guide.md'), 'utf8');
  const sections = page.split(/^## /m).slice(1);
  return sections
    .map((section) => ({
      title: section.slice(0, section.indexOf('\n')),
      blocks: [...section.matchAll(FENCE)].map(([, language, marks, text]) => ({
        language,
        marks: marks.trim().split(/\s+/).filter(Boolean),
        text,
      })),
    }))
    .filter(({ blocks }) => blocks.length > 0);
}

/** @param {Section} section @param {string} mark @returns {Block | undefined} */
export const blockOf = ({ blocks }, mark) => blocks.find(({ marks }) => marks[0] === mark);

/** The scripts that the guide puts beside the page, by name. @param {Section} section */
export const filesOf = ({ blocks }) =>
  new Map(
    blocks
      .filter(({ marks }) => marks[0]?.startsWith('file='))
      .map(({ marks, text }) => [marks[0].slice('file='.length), text]),
  );

/** What a block says that it prints, line by line. @param {Block} block */
export const printed = ({ text }) => [...text.matchAll(PRINTS)].map(([, text]) => text);
