// The dials' appearance: one function puts what is known on screen, however it came about.

import { element, setText } from '../dom.js';
import { texts } from '../texts.js';
import { ORIGINAL_BITS, PRECISIONS } from '../workbench/dial-recipes.js';
import { nameOf } from '../workbench/describe.js';
import { verdictOf } from './verdict.js';

/** @typedef {import('./dials.js').DialBoard} DialBoard */
/** @typedef {import('../workbench/workbench.js').Workbench} Workbench */
/** @typedef {import('../workbench/comparison.js').Comparison} Comparison */
/** @typedef {import('../app.js').App} App */
/** @typedef {{ app: App, dials: DialBoard, workbench: Workbench, comparison: Comparison }} Parts */

export const elements = {
  section: element('dials', HTMLElement),
  hint: element('dials-hint', HTMLParagraphElement),
  reset: element('reset', HTMLButtonElement),
  barOriginal: element('bar-original', HTMLDivElement),
  barNow: element('bar-now', HTMLDivElement),
  sizes: element('sizes', HTMLParagraphElement),
  precisions: element('precisions', HTMLDivElement),
  sparsity: element('sparsity', HTMLInputElement),
  sparsityText: element('sparsity-text', HTMLOutputElement),
  choices: {
    rounding: element('rounding', HTMLSelectElement),
    pruning: element('pruning', HTMLSelectElement),
    where: element('where', HTMLSelectElement),
  },
  methodNote: element('method-note', HTMLParagraphElement),
  testSet: element('test-set', HTMLInputElement),
  testSetNote: element('test-set-note', HTMLSpanElement),
  testSetProblem: element('test-set-problem', HTMLParagraphElement),
  ourSet: element('our-set', HTMLButtonElement),
  quality: element('quality', HTMLParagraphElement),
  making: element('making', HTMLProgressElement),
  makingText: element('making-text', HTMLSpanElement),
  makingStop: element('making-stop', HTMLButtonElement),
  makingAgain: element('making-again', HTMLButtonElement),
  verdict: element('verdict', HTMLParagraphElement),
};

/** Builds what depends on lists, and fills in what depends on the language alone. */
export function fillDials() {
  const { precisions, choices } = elements;
  const focused = document.activeElement?.id;
  const chosen = precisions.querySelector('input:checked');
  precisions.replaceChildren(
    ...PRECISIONS.map((bits) => {
      const label = document.createElement('label');
      const input = document.createElement('input');
      Object.assign(input, { type: 'radio', name: 'bits', id: `bits-${bits}`, value: String(bits) });
      const name = texts.dials.bits(bits);
      input.setAttribute('aria-label', bits === ORIGINAL_BITS ? `${name} (${texts.dials.bitsNote})` : name);
      const text = document.createElement('span');
      text.textContent = String(bits);
      label.append(input, text);
      return label;
    }),
  );
  if (chosen) element(chosen.id, HTMLInputElement).checked = true;
  for (const [name, select] of Object.entries(choices)) {
    const { value } = select;
    const names = texts.dials[/** @type {keyof typeof choices} */ (name)];
    select.replaceChildren(...Object.entries(names).map(([value, text]) => new Option(text, value)));
    if (value) select.value = value;
  }
  setText(elements.methodNote, texts.dials.methodNote);
  elements.making.setAttribute('aria-label', texts.qualityLabel);
  if (focused) document.getElementById(focused)?.focus();
}

/** @param {Parts} parts */
export function renderDials(parts) {
  renderPositions(parts);
  renderSizes(parts);
  renderQuality(parts);
  renderWork(parts);
  renderVerdict(parts);
}

/** @param {Parts} parts */
function renderPositions({ app, dials, workbench }) {
  const { positions } = dials;
  const ready = app.direction.phase === 'ready';
  const bits = elements.precisions.querySelector(`[value="${positions.bits}"]`);
  for (const input of elements.precisions.querySelectorAll('input')) {
    input.checked = input === bits && dials.recipe === undefined;
    input.disabled = !ready;
  }
  elements.sparsity.disabled = !ready;
  elements.sparsity.value = String(Math.round(100 * positions.sparsity));
  const share = texts.dials.sparsity(positions.sparsity);
  setText(elements.sparsityText, share);
  elements.sparsity.setAttribute('aria-valuetext', share);
  for (const [name, select] of Object.entries(elements.choices)) {
    select.value = positions[/** @type {keyof typeof elements.choices} */ (name)];
    select.disabled = !ready;
  }
  elements.reset.hidden = dials.atRest;
  setText(elements.hint, hintOf(ready, dials, workbench));
  const set = workbench.ownSet;
  elements.ourSet.hidden = set === undefined;
  if (set) setText(elements.testSetNote, texts.dials.testSet(set.name ?? '', set.pairs.length));
  else if (workbench.testSet) setText(elements.testSetNote, texts.dials.ourTestSet(workbench.testSet.pairs.length));
}

/** @param {boolean} ready @param {DialBoard} dials @param {Workbench} workbench */
function hintOf(ready, { atRest, recipe, choice, positions }, { missing }) {
  if (!ready) return recipe ? texts.dials.linkWaiting(nameOf(choice)) : texts.dials.waiting;
  if (missing.length > 0) return missing.map((what) => texts.dials.missing[what]).reduce(texts.together);
  if (choice.healed?.kind !== undefined) return texts.dials.downloaded(nameOf(choice));
  if (recipe) return texts.dials.byRecipe(nameOf(choice));
  if (atRest) return texts.dials.rest;
  if (positions.bits > ORIGINAL_BITS) return texts.dials.larger;
  if (positions.sparsity > 0) return texts.dials.pruned;
  return positions.rounding === 'nearest' ? texts.dials.roundedNearest : texts.dials.rounded;
}

/** @param {Parts} parts */
function renderSizes({ app, workbench: { base, made } }) {
  const before = base?.experiment.bytes.wire_bytes ?? app.direction.wireBytes;
  const now = made?.experiment.bytes;
  // While it is being packed, the file itself tells about how long the bar will be.
  const wire = now && (now.wire_bytes ?? estimate(now.file_bytes, base?.experiment.bytes));
  const longest = Math.max(before ?? 0, wire ?? 0);
  const share = (/** @type {number | undefined} */ bytes) => (longest > 0 ? `${(100 * (bytes ?? 0)) / longest}%` : '0');
  elements.barOriginal.style.inlineSize = share(before);
  elements.barNow.style.inlineSize = share(made ? wire : before);
  if (now) setText(elements.sizes, texts.dials.sizes(now, before));
  else setText(elements.sizes, base ? texts.dials.originalSizes(base.experiment.bytes) : texts.dials.download(before));
}

/** @param {number} fileBytes @param {{ file_bytes: number, wire_bytes?: number } | undefined} original */
function estimate(fileBytes, original) {
  return original?.wire_bytes && fileBytes * (original.wire_bytes / original.file_bytes);
}

/** @param {Parts} parts */
function renderQuality({ workbench: { base, made, work, ownSet, testSet } }) {
  const score = made?.experiment.score;
  const final = base?.experiment.score;
  const set = (score ? made?.experiment.set : base?.experiment.set) ?? ownSet?.name;
  let text = texts.dials.noScore;
  // Of the same sentences.
  if (score) text = texts.dials.score(score, base?.scores.get(score.sentences), set);
  else if (final) text = texts.dials.score(final, undefined, set);
  else if (made && !made.rough && !work && !testSet) text = texts.dials.noSet;
  setText(elements.quality, text);
}

/** @param {Parts} parts */
function renderWork({ dials, workbench: { base, made, work, error, stopped, wanted } }) {
  const { making, makingText, makingStop, makingAgain } = elements;
  const hadFocus = [makingStop, makingAgain].includes(/** @type {any} */ (document.activeElement));
  makingStop.hidden = work === undefined;
  making.hidden = work === undefined;
  making.removeAttribute('value');
  const unmade = !work && !dials.atRest && wanted !== undefined && (made === undefined || made.rough || made.experiment.recipe !== wanted);
  makingAgain.hidden = !(error || stopped || unmade);
  const away = unmade && dials.choice.healed?.kind !== undefined;
  if (error) setText(makingAgain, texts.dials.retry);
  else if (unmade) setText(makingAgain, away ? texts.download : texts.dials.makeAgain);
  else setText(makingAgain, texts.dials.scoreAgain);
  if (!work) {
    const ended = away ? texts.dials.away : stopped || unmade ? texts.dials.stopped : '';
    setText(makingText, error ? texts.dials.failed(error.message) : ended);
  } else if (work.what === 'compressing') {
    const { done = 0, what } = work.progress ?? {};
    making.value = done;
    const names = { calibration: texts.dials.calibration, gzip: texts.dials.gzip };
    const name = what && (names[/** @type {keyof typeof names} */ (what)] ?? what);
    setText(makingText, texts.dials.compressing(name, made?.rough === true));
  } else if (work.what === 'scoring') {
    const { score } = work.whose;
    if (score) making.value = score.sentences / score.total;
    setText(makingText, work.whose === base?.experiment ? texts.dials.scoringOriginal : texts.dials.scoring);
  } else if (work.what === 'fetching') {
    const { loaded, total } = work;
    if (total) making.value = loaded / total;
    setText(makingText, texts.downloading(nameOf(dials.choice), loaded, total));
  } else {
    if (work.what === 'searching') making.value = work.done;
    setText(makingText, texts.dials[work.what]);
  }
  makingText.classList.toggle('trouble', error !== undefined);
  if (hadFocus && document.activeElement === document.body) {
    const next = [makingStop, makingAgain].find((button) => !button.hidden);
    (next ?? elements.precisions.querySelector('input:checked') ?? elements.sparsity).focus();
  }
}

/** @param {Parts} parts */
function renderVerdict(parts) {
  const { verdict } = elements;
  const found = verdictOf(parts);
  verdict.className = found?.grade ?? '';
  const key = found ? `${found.text}|${found.action ?? ''}` : '';
  if (verdict.dataset.key === key) return;
  verdict.dataset.key = key;
  verdict.replaceChildren(found?.text ?? '');
  if (!found?.action) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'text-button';
  button.textContent = found.action;
  button.dataset.turn = JSON.stringify(found.turn);
  verdict.append(' ', button);
}
