// What there is to see of the element, in its shadow tree. Made by script without markup or style
// attributes, so that it works under any content security policy.

import { bytesLoaded, languageName } from './labels.js';
import { style } from './style.js';

/** @typedef {import('./labels.js').Labels} Labels */
/** @typedef {import('./work.js').State} State */

/**
 * @typedef {object} Look
 * @property {State} state
 * @property {string} from
 * @property {string} to
 * @property {string} text
 * @property {string} translation
 * @property {boolean} isCurrent whether the translation is that of the text
 * @property {boolean} isAsked whether the user has asked for translations, so that they come by themselves
 * @property {boolean} canSwap
 * @property {boolean} isDisabled
 * @property {boolean} isReadOnly
 * @property {string | null} placeholder
 * @property {Error} [error]
 * @property {import('./work.js').Progress} [progress]
 * @property {'copied' | 'copyFailed'} [note] said for a moment instead of what the state says
 * @property {Labels} labels
 */

/** @typedef {'start' | 'cancel' | 'retry'} Action */

const SVG = 'http://www.w3.org/2000/svg';
const SWAP = 'M4 8.5h15M15 4.5l4 4-4 4M20 15.5H5M9 11.5l-4 4 4 4';

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className of the style sheet, and name of the part
 * @param {Node[]} children
 */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.setAttribute('part', className);
  element.append(...children);
  return element;
}

/** @param {string} className @param {Node[]} children */
function button(className, ...children) {
  const element = make('button', className, ...children);
  element.type = 'button';
  return element;
}

function swapIcon() {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', SWAP);
  svg.append(path);
  return svg;
}

/** What the button at the bottom does now, if anything. @param {Look} look @returns {Action | undefined} */
function actionOf({ state, isCurrent, isAsked }) {
  if (state === 'error') return 'retry';
  if (state === 'loading' || state === 'translating') return 'cancel';
  return !isAsked && !isCurrent ? 'start' : undefined;
}

/** @param {Look} look */
function newsOf({ state, error, progress, note, labels }) {
  if (note !== undefined) return labels[note];
  if (state === 'error') return labels.errors[error?.name ?? ''] ?? error?.message ?? '';
  // A short text is translated before one could read that it is at work.
  if (state === 'translating') return progress ? labels.translating : labels.idle;
  return state === 'ready' ? labels.idle : labels[state];
}

export class View {
  box = make('div', 'box');
  sourceName = make('span', 'language source-language');
  targetName = make('span', 'language target-language');
  swap = button('swap', swapIcon());
  source = make('textarea', 'source');
  target = make('output', 'output');
  copy = button('copy');
  news = make('p', 'status');
  bar = make('progress', 'progress');
  bytes = make('p', 'bytes');
  action = button('action');
  /** @type {Action | undefined} */
  does;

  /** @param {ShadowRoot} root */
  constructor(root) {
    this.source.rows = 1;
    // Its language is the text's; the page's translator, if the browser has one, must leave both alone.
    for (const pane of [this.source, this.target]) {
      pane.dir = 'auto';
      pane.translate = false;
    }
    this.target.tabIndex = 0;
    this.target.setAttribute('aria-live', 'polite');
    this.news.setAttribute('role', 'status');
    this.bar.max = 1;
    root.adoptedStyleSheets = [style()];
    this.box.append(
      make('div', 'head', make('div', 'from', this.sourceName, this.swap), this.targetName),
      make('div', 'panes', make('div', 'pane', this.source), make('div', 'pane target', this.target, this.copy)),
      make('div', 'foot', this.bar, make('div', 'news', this.news, this.bytes), this.action),
    );
    root.append(this.box);
  }

  /** @param {Look} look */
  show(look) {
    const { state, from, to, translation, progress, labels, isDisabled } = look;
    this.box.lang = labels.locale;
    setText(this.sourceName, languageName(from, labels.locale));
    setText(this.targetName, languageName(to, labels.locale));
    name(this.swap, labels.swap);
    this.swap.hidden = !look.canSwap;
    this.swap.disabled = isDisabled;

    // Setting a value moves the caret, even if it is the same.
    if (this.source.value !== look.text) this.source.value = look.text;
    this.source.lang = from;
    this.source.readOnly = look.isReadOnly;
    this.source.disabled = isDisabled;
    this.source.placeholder = look.placeholder ?? labels.placeholder;
    this.source.setAttribute('aria-label', labels.source);

    setText(this.target, translation);
    this.target.lang = to;
    this.target.setAttribute('aria-label', labels.target);
    this.target.setAttribute('aria-busy', String(state === 'translating'));
    this.target.classList.toggle('stale', !look.isCurrent);
    setText(this.copy, look.note === 'copied' ? labels.copied : labels.copy);
    this.copy.disabled = translation === '' || !look.isCurrent;

    setText(this.news, newsOf(look));
    this.news.classList.toggle('trouble', state === 'error');
    this.#showProgress(look);
    this.does = actionOf(look);
    const isHidden = this.does === undefined || (state === 'translating' && !progress);
    if (this.does) setText(this.action, labels[this.does]);
    if (isHidden && this.#hasFocus(this.action)) this.source.focus();
    this.action.hidden = isHidden;
    this.action.disabled = isDisabled;
    this.action.classList.toggle('first', this.does === 'start');
  }

  /** @param {Look} look */
  #showProgress({ state, progress, labels }) {
    this.bar.hidden = state !== 'loading' && !progress;
    this.bar.setAttribute('aria-label', state === 'loading' ? labels.loading : labels.translating);
    if (progress) this.bar.value = progress.loaded / progress.total;
    else this.bar.removeAttribute('value');
    const isDownload = state === 'loading' && progress !== undefined;
    this.bytes.hidden = !isDownload;
    if (isDownload) setText(this.bytes, bytesLoaded(labels, progress));
  }

  /** @param {HTMLElement} element */
  #hasFocus(element) {
    return /** @type {ShadowRoot} */ (element.getRootNode()).activeElement === element;
  }
}

/** Screen readers say again what is only set again. @param {HTMLElement} element @param {string} text */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {HTMLElement} element @param {string} label */
function name(element, label) {
  element.title = label;
  element.setAttribute('aria-label', label);
}
