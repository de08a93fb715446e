// Controls of a step, drawn with the browser's own elements. What someone is typing stays as typed,
// even where it is no value yet: that is a draft, and the recipe keeps what it had.

import { html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { texts } from './texts.js';
import { methodOf } from './methods.js';

/** @typedef {import('./methods.js').Step} Step */
/** @typedef {import('./methods.js').Control} Control */
/** @typedef {import('./steps.js').Card} Card */
/** @typedef {{ label: string, help?: string }} Words */
/** @typedef {Words & { options?: Record<string, Words> }} FieldWords */
/** What was typed, and what is wrong with it. @typedef {{ text: string, wrong?: string }} Draft */

/**
 * What fields need of the editor.
 * @typedef {object} Desk
 * @property {(card: Card, name: string) => Draft | undefined} draft
 * @property {(card: Card, name: string, draft: Draft, step?: Step) => void} ontype with the step that it means, if any
 * @property {(card: Card, name: string) => void} onleave nothing more is typed
 * @property {(card: Card, name: string, step: Step) => void} onset
 */

/** @param {Desk} desk @param {Card} card @param {import('./problem.js').Problem} [problem] of this step */
export function fields(desk, card, problem) {
  const method = methodOf(card.step);
  if (!method) return nothing;
  const wrong = (/** @type {string[]} */ keys) =>
    problem?.key !== undefined && keys.includes(problem.key) ? problem.text : undefined;
  const controls = method.controls(card.step);
  return html`
    ${method.targets.length > 0 ? target(desk, card, method.targets, wrong(['target'])) : nothing}
    ${controls.map((control) => field(desk, card, control, wrong(control.keys)))}
  `;
}

/** Whether a field shows what is wrong with the key. @param {Step} step @param {string | undefined} key */
export function showsKey(step, key) {
  const method = methodOf(step);
  if (!method || key === undefined) return false;
  const keys = method.controls(step).flatMap((control) => control.keys);
  return keys.includes(key) || (key === 'target' && method.targets.length > 0);
}

/** Names of the fields of a step that are typed into. @param {Step} step */
export function typedNames(step) {
  const method = methodOf(step);
  if (!method) return [];
  const typed = method.controls(step).filter(({ kind }) => kind === 'number' || kind === 'layers');
  const pattern = method.targets.length > 0 && !method.targets.includes(String(step.target));
  return [...typed.map(({ id }) => id), ...(pattern ? ['pattern'] : [])];
}

/** @param {Step} step @param {string} id @returns {FieldWords} */
function wordsOf(step, id) {
  const all = /** @type {Record<string, { fields: Record<string, FieldWords> }>} */ (texts.methods);
  return all[step.method].fields[id];
}

/** @param {Desk} desk @param {Card} card @param {Control} control @param {string | undefined} wrong */
function field(desk, card, control, wrong) {
  const words = wordsOf(card.step, control.id);
  const { kind, value } = control;
  const set = (/** @type {unknown} */ value) => desk.onset(card, control.id, control.set(value));
  if (kind === 'choice') {
    const options = /** @type {string[]} */ (control.options).map((option) => ({
      option,
      label: words.options?.[option].label ?? option,
      closed: control.closed?.includes(option) ?? false,
    }));
    const help = words.options?.[String(value)]?.help ?? words.help;
    return select(frame(card, control.id, words.label, help, wrong), String(value), options, set);
  }
  if (kind === 'switch')
    return check(frame(card, control.id, words.label, words.help, wrong), value === true, set);
  if (kind === 'share')
    return slider(frame(card, control.id, words.label, words.help, wrong), Number(value), set);
  const read =
    kind === 'layers' ? readLayers : (/** @type {string} */ text) => readNumber(text, control);
  const shown = Array.isArray(value) ? value.join(', ') : String(value ?? '');
  const numeric = kind === 'number' ? control : undefined;
  return typed(
    desk,
    card,
    control,
    frame(card, control.id, words.label, words.help, wrong),
    shown,
    read,
    numeric,
  );
}

/** @param {Desk} desk @param {Card} card @param {string[]} words @param {string | undefined} wrong */
function target(desk, card, words, wrong) {
  const { step } = card;
  const value = String(step.target ?? '');
  const all = /** @type {Record<string, Words>} */ (texts.recipe.targets);
  const chosen = words.includes(value) ? value : 'pattern';
  const options = [...words, 'pattern'].map((option) => ({
    option,
    label: all[option].label,
    closed: false,
  }));
  const set = (/** @type {string} */ word) =>
    desk.onset(card, 'target', { ...step, target: word === 'pattern' ? 'encoder.*' : word });
  const choice = select(
    frame(
      card,
      'target',
      texts.recipe.target,
      all[chosen].help,
      chosen === 'pattern' ? undefined : wrong,
    ),
    chosen,
    options,
    set,
  );
  if (chosen !== 'pattern') return choice;
  const control = {
    id: 'pattern',
    set: (/** @type {string} */ pattern) => ({ ...step, target: pattern }),
  };
  const read = (/** @type {string} */ text) =>
    text.trim() === '' ? { wrong: texts.recipe.patternMissing } : { value: text.trim() };
  const at = frame(card, 'pattern', texts.recipe.pattern, texts.recipe.patternHelp, wrong);
  return html`${choice}${typed(desk, card, control, at, value, read)}`;
}

// --- What is typed ---

/** @typedef {{ value: unknown } | { wrong: string }} Read */

/** @param {string} text @param {Control} control @returns {Read} */
function readNumber(text, { least = 0, most = Infinity, whole = false }) {
  const value = text.trim() === '' ? NaN : Number(text);
  const good = value >= least && value <= most && (!whole || Number.isInteger(value));
  return good ? { value } : { wrong: texts.recipe.range(least, most, whole) };
}

/** @param {string} text @returns {Read} */
function readLayers(text) {
  const parts = text.split(',').map((part) => part.trim());
  const layers = parts.map(Number);
  const good = parts.every((part) => /^\d+$/.test(part)) && new Set(layers).size === layers.length;
  return good ? { value: layers } : { wrong: texts.recipe.layersWrong };
}

// --- Elements ---

/**
 * What stands around a control: its label, its help, what is wrong.
 * @typedef {{ id: string, label: string, help: string | undefined, wrong: string | undefined }} Frame
 */

/** @param {Card} card @param {string} name @param {string} label @param {string | undefined} help @param {string | undefined} wrong @returns {Frame} */
const frame = ({ id }, name, label, help, wrong) => ({
  id: `step-${id}-${name}`,
  label,
  help,
  wrong,
});

/** @param {Frame} frame */
const described = ({ id, help, wrong }) =>
  [...(wrong ? [`${id}-wrong`] : []), ...(help ? [`${id}-help`] : [])].join(' ') || nothing;

/** @param {Frame} frame */
const notes = ({ id, help, wrong }) => html`
  ${wrong ? html`<p class="wrong" id=${`${id}-wrong`}>${wrong}</p>` : nothing}
  ${help ? html`<p class="help" id=${`${id}-help`}>${help}</p>` : nothing}
`;

/**
 * @param {Frame} frame @param {string} value
 * @param {{ option: string, label: string, closed: boolean }[]} options
 * @param {(value: string) => void} set
 */
function select(frame, value, options, set) {
  // A recipe written by hand may hold what is no option: it is shown as it is, for the compressor to judge.
  const known = options.some(({ option }) => option === value);
  const all = known ? options : [{ option: value, label: value, closed: false }, ...options];
  return html`<div class="field">
    <label for=${frame.id}>${frame.label}</label>
    <select
      id=${frame.id}
      aria-invalid=${frame.wrong ? 'true' : nothing}
      aria-describedby=${described(frame)}
      @change=${(/** @type {{ currentTarget: HTMLSelectElement }} */ event) => set(event.currentTarget.value)}
    >
      ${all.map(
        ({ option, label, closed }) =>
          html`<option value=${option} ?disabled=${closed} .selected=${live(option === value)}>
            ${label}
          </option>`,
      )}
    </select>
    ${notes(frame)}
  </div>`;
}

/** @param {Frame} frame @param {boolean} value @param {(value: boolean) => void} set */
const check = (frame, value, set) =>
  html`<div class="field switch">
    <label>
      <input
        type="checkbox"
        id=${frame.id}
        aria-invalid=${frame.wrong ? 'true' : nothing}
        aria-describedby=${described(frame)}
        .checked=${live(value)}
        @change=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => set(event.currentTarget.checked)}
      />
      <span>${frame.label}</span>
    </label>
    ${notes(frame)}
  </div>`;

/** A share above 0 and below 1. @param {Frame} frame @param {number} value @param {(value: number) => void} set */
function slider(frame, value, set) {
  // Any step, so that a share such as 0.125 stays as it is until someone moves it.
  const round = (/** @type {string} */ text) => Math.round(Number(text) * 100) / 100;
  return html`<div class="field">
    <label for=${frame.id}>${frame.label}</label>
    <div class="slider">
      <input
        type="range"
        id=${frame.id}
        min="0.01"
        max="0.99"
        step="any"
        aria-valuetext=${texts.recipe.percent(value)}
        aria-invalid=${frame.wrong ? 'true' : nothing}
        aria-describedby=${described(frame)}
        .value=${live(String(value))}
        @input=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => set(round(event.currentTarget.value))}
      />
      <output for=${frame.id}>${texts.recipe.percent(value)}</output>
    </div>
    ${notes(frame)}
  </div>`;
}

/**
 * @param {Desk} desk @param {Card} card
 * @param {{ id: string, set: (value: any) => Step }} control
 * @param {Frame} frame @param {string} value
 * @param {(text: string) => Read} read
 * @param {Control} [numeric] the range of a number
 */
function typed(desk, card, control, frame, value, read, numeric) {
  const draft = desk.draft(card, control.id);
  const at = { ...frame, wrong: draft?.wrong ?? frame.wrong };
  const oninput = (
    /** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget: { value: text } },
  ) => {
    const result = read(text);
    if ('wrong' in result) desk.ontype(card, control.id, { text, wrong: result.wrong });
    else desk.ontype(card, control.id, { text }, control.set(result.value));
  };
  return html`<div class="field">
    <label for=${at.id}>${at.label}</label>
    <input
      type=${numeric ? 'number' : 'text'}
      id=${at.id}
      min=${numeric?.least ?? nothing}
      max=${numeric?.most ?? nothing}
      step=${numeric ? (numeric.whole ? 1 : 'any') : nothing}
      spellcheck="false"
      autocapitalize="off"
      autocomplete="off"
      aria-invalid=${at.wrong ? 'true' : nothing}
      aria-describedby=${described(at)}
      .value=${live(draft?.text ?? value)}
      @input=${oninput}
      @change=${() => desk.onleave(card, control.id)}
    />
    ${notes(at)}
  </div>`;
}
