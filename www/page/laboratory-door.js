// The way into the laboratory: its code is fetched when someone opens it.

import { element, setText } from './dom.js';
import { texts } from './texts.js';

/** @typedef {import('./dials/view.js').Parts} Parts */
/** @typedef {import('./laboratory/main.js').LaboratoryView} LaboratoryView */

const OPEN = 'pocketglot.laboratory';

const elements = {
  button: element('open-laboratory', HTMLButtonElement),
  section: element('laboratory', HTMLElement),
};

export class Door {
  isOpen = wasOpen();
  #parts;
  #callbacks;
  #onchange;
  /** @type {LaboratoryView | undefined} */
  #view;
  #loading = false;
  /** @type {Error | undefined} */
  #error;

  /**
   * @param {Parts} parts
   * @param {{ importFiles: (files: File[]) => void, onexport: () => void, onopen: () => void }} callbacks
   * @param {() => void} onchange
   */
  constructor(parts, callbacks, onchange) {
    this.#parts = parts;
    this.#callbacks = callbacks;
    this.#onchange = onchange;
    elements.button.addEventListener('click', () => (this.isOpen && !this.#error ? this.#close() : void this.#open(true)));
    if (this.isOpen) void this.#open(false);
  }

  /** @param {boolean} byHand */
  async #open(byHand) {
    this.isOpen = true;
    remember(true);
    this.#error = undefined;
    this.#loading = this.#view === undefined;
    this.#onchange();
    try {
      this.#view ??= await this.#make();
      if (byHand) this.#callbacks.onopen();
    } catch {
      this.#error = new Error(texts.laboratory.unreachable);
    }
    this.#loading = false;
    this.#onchange();
    if (byHand && this.#view) queueMicrotask(() => document.getElementById('laboratory-label')?.focus());
  }

  async #make() {
    const [{ LaboratoryView }] = await Promise.all([import('./laboratory/main.js'), style()]);
    return new LaboratoryView(elements.section, this.#parts, this.#callbacks);
  }

  #close() {
    this.isOpen = false;
    remember(false);
    this.#onchange();
  }

  draw() {
    const { button, section } = elements;
    const open = this.isOpen && this.#view !== undefined;
    section.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (this.#error) setText(button, texts.laboratory.retry);
    else if (this.#loading) setText(button, texts.laboratory.opening);
    else setText(button, open ? texts.closeLaboratory : texts.openLaboratory);
    const hint = /** @type {HTMLElement} */ (button.nextElementSibling);
    setText(hint, this.#error?.message ?? texts.laboratoryHint);
    if (open) this.#view?.draw();
  }
}

/** Its styles, before it is drawn. */
function style() {
  return new Promise((resolve, reject) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = 'style/laboratory.css';
    link.onload = resolve;
    link.onerror = () => {
      link.remove();
      reject(new Error('laboratory.css'));
    };
    document.head.append(link);
  });
}

function wasOpen() {
  try {
    return sessionStorage.getItem(OPEN) !== null;
  } catch {
    return false;
  }
}

/** @param {boolean} open */
function remember(open) {
  try {
    if (open) sessionStorage.setItem(OPEN, '1');
    else sessionStorage.removeItem(OPEN);
  } catch {
    // It is closed after a reload, no more.
  }
}
