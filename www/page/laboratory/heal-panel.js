// Letting a smaller model learn again: how long and by which text, how far it is, what came of it.

import { html, nothing, render } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { texts } from './texts.js';
import { nameOf } from '../workbench/describe.js';
import { Healer, MINUTES } from '../workbench/healer.js';
import { curvesOf } from './heal-curves.js';

/** @typedef {import('../dials/view.js').Parts} Parts */

export class HealPanel {
  #root;
  #parts;
  #healer;
  /** What a file of the visitor's lacks. */
  #problem = '';
  /** For screen readers: results, not every step. */
  #said = '';
  /** What was said last, so that it is said once. */
  #told = '';

  /** @param {HTMLElement} root @param {Parts} parts */
  constructor(root, parts) {
    this.#root = root;
    this.#parts = parts;
    this.#healer = new Healer(parts, () => this.draw());
  }

  draw() {
    this.#tell();
    const active = document.activeElement;
    const inside = active instanceof HTMLElement && this.#root.contains(active);
    render(this.#template(), this.#root);
    // A button that goes away leaves its focus to the one that takes its place.
    if (inside && (active.hidden || active.closest('[hidden]') || !active.isConnected)) this.#focus();
  }

  #focus() {
    const next = [...this.#root.querySelectorAll('button.button')].find((button) => !button.closest('[hidden]'));
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  }

  #template() {
    const { heal } = texts;
    const { state, outcome, curve } = this.#healer;
    const idle = state === 'idle';
    const drawn = curve.losses.length > 0 || curve.chrf.length > 0;
    return html`
      <p>${heal.about}</p>
      <div class="heal-choices" ?hidden=${!idle}>
        ${this.#minutes()} ${this.#text()}
        <p class="muted">${heal.cost}</p>
        <p class="actions">
          <button type="button" class="button" ?disabled=${!this.#healer.ready} @click=${() => void this.#healer.start()}>
            ${heal.start}
          </button>
          <span class="muted" ?hidden=${this.#parts.workbench.made !== undefined}>${heal.noModel}</span>
        </p>
      </div>
      ${drawn || !idle ? html`<div class="heal-run">${idle ? nothing : this.#figures()} ${curvesOf(curve)}</div>` : nothing}
      ${this.#controls(idle)} ${idle && outcome ? this.#outcome(outcome) : nothing}
      <p class="visually-hidden" role="status">${this.#said}</p>
    `;
  }

  #minutes() {
    const { heal } = texts;
    return html`<fieldset class="heal-minutes">
      <legend>${heal.minutesLabel}</legend>
      <div class="segments">
        ${MINUTES.map(
          (minutes) =>
            html`<label
              ><input
                type="radio"
                name="heal-minutes"
                value=${minutes}
                aria-label=${heal.minutes(minutes)}
                .checked=${live(minutes === this.#healer.minutes)}
                @change=${() => this.#healer.choose({ minutes })}
              /><span>${minutes}</span></label
            >`,
        )}
      </div>
    </fieldset>`;
  }

  #text() {
    const { heal } = texts;
    const { text } = this.#healer;
    return html`<label class="file">
        <span>${heal.text}</span>
        <input type="file" accept=".txt,text/plain" @change=${this.#choose} />
      </label>
      <p class="trouble" role="alert">${this.#problem}</p>
      <p class="muted">
        ${text ? heal.textNow(text.name, text.lines.length) : heal.textOurs}
        ${text
          ? html`<button type="button" class="text-button" @click=${() => this.#healer.choose({ text: undefined })}>
              ${texts.ourSet}
            </button>`
          : nothing}
      </p>`;
  }

  #figures() {
    const { heal } = texts;
    const { progress, subject, state } = this.#healer;
    const phase = state === 'stopping' ? 'stopping' : (progress?.phase ?? 'preparing');
    const name = subject ? nameOf(subject) : '';
    return html`
      <p>${heal.phases[phase](name)}</p>
      <progress max="1" value=${progress?.done ?? 0} aria-label=${heal.progressLabel}></progress>
      <p class="figures">${progress ? heal.figures(progress) : nothing}</p>
    `;
  }

  /** @param {boolean} idle */
  #controls(idle) {
    const { heal } = texts;
    const { state } = this.#healer;
    const paused = state === 'pausing';
    return html`<p class="actions" ?hidden=${idle}>
      <button
        type="button"
        class="button quiet"
        ?hidden=${state === 'stopping'}
        @click=${() => (paused ? this.#healer.resume() : this.#healer.pause())}
      >
        ${paused ? heal.resume : heal.pause}
      </button>
      <button type="button" class="button" ?hidden=${state === 'stopping'} @click=${() => this.#healer.stop()}>
        ${heal.stop}
      </button>
      <button type="button" class="text-button" @click=${() => this.#healer.discard()}>${heal.discard}</button>
    </p>`;
  }

  /** @param {import('../workbench/healer.js').Outcome} outcome */
  #outcome(outcome) {
    const { experiment, kind } = outcome;
    const { app, dials, workbench } = this.#parts;
    const { made, work } = workbench;
    const elsewhere = experiment && experiment.pair === app.direction.name && made?.experiment !== experiment && !work;
    return html`
      <p class=${kind === 'broken' ? 'trouble' : nothing}>${this.#sentence(outcome)}</p>
      ${elsewhere
        ? html`<p class="actions">
            <button type="button" class="text-button" @click=${() => dials.pick(experiment)}>${texts.heal.use}</button>
          </p>`
        : nothing}
    `;
  }

  /** @param {import('../workbench/healer.js').Outcome} outcome */
  #sentence({ kind, error, experiment, steps, before, after }) {
    const { heal } = texts;
    if (kind !== 'broken') return heal.outcomes[kind](steps, before ?? 0, after ?? 0);
    const reason = texts.message(error?.message ?? '');
    return experiment ? heal.brokenKept(reason, steps, before ?? 0, after ?? 0) : heal.broken(reason);
  }

  #tell() {
    const { heal } = texts;
    const { state, progress, outcome } = this.#healer;
    const { phase, judgement } = progress ?? {};
    let key = '';
    let text = '';
    if (state === 'idle') {
      key = outcome ? `over ${outcome.kind} ${outcome.steps}` : '';
      text = outcome ? this.#sentence(outcome) : '';
    } else if (phase === 'paused') [key, text] = ['paused', heal.paused];
    else if (judgement) {
      // Who goes on has heard of the last judgement.
      key = `judged ${judgement.step}`;
      text = this.#told === 'paused' ? heal.begun : heal.judged(judgement);
    } else [key, text] = ['begun', heal.begun];
    if (key === this.#told) return;
    this.#told = key;
    this.#said = text;
  }

  #choose = async (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const [file] = input.files ?? [];
    if (!file) return;
    this.#problem = await this.#healer.useFile(file).then(
      () => '',
      () => texts.heal.unreadable(file.name),
    );
    input.value = '';
    this.draw();
  };
}
