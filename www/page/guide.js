// The first visit's path, from a dial to a model of one's own: four steps that tick themselves off.

import { element } from './dom.js';
import { texts } from './texts.js';

/** @typedef {import('./texts.js').Texts['guide']['steps']} Steps */
/** @typedef {keyof Steps} Step */

const KEY = 'pocketglot.guide';
/** @type {Step[]} */
const STEPS = ['turn', 'compare', 'laboratory', 'export'];

const elements = {
  all: element('guide', HTMLElement),
  list: element('guide-steps', HTMLOListElement),
  dismiss: element('guide-dismiss', HTMLButtonElement),
};

/** Steps that were taken, on any visit. @type {Set<string>} */
const taken = new Set(read());

function read() {
  try {
    return /** @type {string[]} */ (JSON.parse(localStorage.getItem(KEY) ?? '[]'));
  } catch {
    return [];
  }
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify([...taken]));
  } catch {
    // It will be shown again.
  }
}

/** @param {Step} step */
export function take(step) {
  if (taken.has(step)) return;
  taken.add(step);
  keep();
  drawGuide();
}

export function drawGuide() {
  const next = STEPS.find((step) => !taken.has(step));
  elements.all.hidden = next === undefined;
  const { steps, done } = texts.guide;
  elements.list.replaceChildren(
    ...STEPS.map((step) => {
      const item = document.createElement('li');
      item.textContent = steps[step];
      if (taken.has(step)) {
        item.className = 'taken';
        const mark = document.createElement('span');
        mark.className = 'visually-hidden';
        mark.textContent = ` (${done})`;
        item.append(mark);
      } else if (step === next) item.setAttribute('aria-current', 'step');
      return item;
    }),
  );
}

elements.dismiss.addEventListener('click', () => {
  for (const step of STEPS) taken.add(step);
  keep();
  drawGuide();
  document.getElementById('sparsity')?.focus();
});
