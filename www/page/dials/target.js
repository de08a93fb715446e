// The translation of the smaller model in the target pane, with the words marked that the original has
// otherwise; and the list of them.

import { element, setText } from '../dom.js';
import { languageOf } from '../languages.js';
import { texts } from '../texts.js';
import { elements as page } from '../view.js';
import { nameOf } from '../workbench/describe.js';

/** @typedef {import('./view.js').Parts} Parts */
/** @typedef {import('../workbench/difference.js').Hunk} Hunk */

export const elements = {
  changes: element('changes', HTMLDetailsElement),
  changesLabel: element('changes-label', HTMLElement),
  changesBody: element('changes-body', HTMLDivElement),
};

/** More would not be read. */
const LISTED = 200;

/** What is drawn, so that what has not changed is left alone and a selection in it stays. @type {unknown[]} */
let drawn = [];
/** @type {unknown[]} */
let listed = [];
/** @param {unknown[]} a @param {unknown[]} b */
const equal = (a, b) => a.length === b.length && a.every((value, n) => value === b[n]);

/**
 * Draws the pane, unless it shows the original.
 * @param {Parts} parts
 * @param {boolean} showOriginal
 * @returns {boolean} whether it did
 */
export function renderTarget({ app, workbench: { made }, comparison }, showOriginal) {
  const { difference, stale } = comparison;
  const here = made !== undefined && difference !== undefined && app.translation !== '';
  page.original.hidden = !here || app.work !== undefined;
  page.original.setAttribute('aria-pressed', String(showOriginal));
  if (!here || showOriginal || app.partial) {
    drawn = [];
    return false;
  }
  const now = [difference, texts.locale];
  if (!equal(now, drawn)) {
    drawn = now;
    page.target.replaceChildren(...difference.hunks.flatMap(marked));
  }
  page.target.classList.toggle('stale', stale || app.stale);
  return true;
}

/** @param {Hunk} hunk @returns {(string | HTMLElement)[]} */
function marked({ a, b, changed }) {
  if (!changed) return [b];
  const title = texts.dials.otherWords(a.trim());
  if (b !== '') return spread(b, (words) => mark('changed', words, title));
  // Something is missing here: a place to hover over.
  return [mark('missing', '', title)];
}

/** White space around words stays outside. @param {string} text @param {(words: string) => HTMLElement} wrap */
function spread(text, wrap) {
  const words = text.trim();
  const from = text.indexOf(words);
  return [text.slice(0, from), wrap(words), text.slice(from + words.length)];
}

/** @param {string} name @param {string} words @param {string} title */
function mark(name, words, title) {
  const node = document.createElement('mark');
  node.className = name;
  node.textContent = words;
  node.title = title;
  return node;
}

/** What the pane says of whose translation it is. @param {Parts} parts @param {boolean} showOriginal */
export function nameOfShown({ workbench: { made }, comparison }, showOriginal) {
  if (!made || !comparison.difference) return '';
  if (showOriginal) return texts.dials.originalShown;
  return texts.dials.shown(nameOf(made.experiment), made.rough);
}

/** @param {Parts} parts */
export function renderChanges({ app, workbench: { made }, comparison, dials }) {
  const { changes, changesLabel, changesBody } = elements;
  const { difference, stale, error } = comparison;
  changes.hidden = dials.atRest || !made;
  if (changes.hidden) return;
  changes.classList.toggle('stale', stale);
  setText(changesLabel, difference ? texts.dials.changes(difference.changed, difference.total) : texts.dials.changesNone);
  const { target } = app.pair;
  const note = error ? texts.dials.failed(error.message) : app.text.trim() === '' ? texts.dials.noText : '';
  const now = [difference, texts.locale, note, target];
  if (equal(now, listed)) return;
  listed = now;
  if (!difference || note) return changesBody.replaceChildren(note);
  const hunks = difference.hunks.filter(({ changed }) => changed).slice(0, LISTED);
  changesBody.replaceChildren(...(hunks.length > 0 ? [table(hunks, languageOf(target).htmlLang)] : []));
}

/** @param {Hunk[]} hunks @param {string} lang */
function table(hunks, lang) {
  const table = document.createElement('table');
  const head = table.createTHead().insertRow();
  for (const name of [texts.dials.original, texts.dials.smaller]) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { a, b } of hunks) {
    const row = body.insertRow();
    for (const words of [a.trim(), b.trim()]) {
      const cell = row.insertCell();
      cell.textContent = words === '' ? texts.dials.nothing : words;
      if (words === '') cell.className = 'muted';
      else cell.lang = lang;
    }
  }
  return table;
}
