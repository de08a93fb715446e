// The recipe on the left of the laboratory: steps as cards, presets, text, and the button that runs it.

import { html, nothing, render } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { repeat } from 'lit-html/directives/repeat.js';
import { texts } from './texts.js';
import { presetName, presetTexts } from '../workbench/describe.js';
import { sameRecipe } from '../workbench/same-recipe.js';
import { watchDrags } from './drag.js';
import { typedNames } from './fields.js';
import { methods, names, placeFor } from './methods.js';
import { picture } from './pictures.js';
import { locate } from './problem.js';
import { readJson, recipeText } from './recipe-text.js';
import { methodName, stepCard } from './step-card.js';
import { Steps } from './steps.js';

/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */
/** @typedef {import('./steps.js').Card} Card */
/** @typedef {import('./fields.js').Draft} Draft */
/** @typedef {import('./methods.js').Step} Step */

/** The one that can be pressed: a recipe can be run, or the one that runs be stopped. */
const RUN_BUTTON = '.run-bar button:not([hidden])';

/**
 * @typedef {object} Callbacks
 * @property {(recipe: Recipe) => void} onrun
 * @property {() => void} oncancel
 * @property {(recipe: Recipe) => void} [onchange] whenever a step has changed
 */

/**
 * @typedef {object} Running
 * @property {'opening' | 'compressing' | 'measuring' | 'scoring'} at
 * @property {number} done of that, from 0 to 1
 * @property {string} [what] the compressor is at: a matrix, or a name of its own
 */

/**
 * @typedef {object} Shown
 * @property {Recipe} [recipe] takes the place of the steps on screen, with a way back; left out, they stay
 * @property {{ name: string, recipe: Recipe }[]} presets
 * @property {string} [problem] why the last run failed
 * @property {Running} [running]
 */

export class RecipeEditor {
  #root;
  #callbacks;
  #steps = new Steps();
  /** @type {Shown} */
  #shown = { presets: [] };
  /** What ran last. @type {Recipe | undefined} */
  #ran;
  /** Why that failed, and the steps on screen when it did: with the first change it is gone. @type {{ problem: import('./problem.js').Problem, recipe: Recipe } | undefined} */
  #failed;
  /** @type {Map<string, Draft>} */
  #drafts = new Map();
  /** The text below the steps, while it differs from them. @type {{ text: string, wrong?: string } | undefined} */
  #text;
  /** Cards that were added here explain themselves. @type {Set<number>} */
  #fresh = new Set();
  #said = '';
  #drawing = false;
  #stale = false;

  /** @param {HTMLElement} root @param {Callbacks} callbacks */
  constructor(root, callbacks) {
    this.#root = root;
    this.#callbacks = callbacks;
    watchDrags(root, (id, to) => this.#move(id, to));
  }

  /** A copy of the steps on screen. */
  get recipe() {
    return this.#steps.recipe;
  }

  /** @param {Shown} shown */
  show(shown) {
    const { recipe, running } = shown;
    if (Boolean(running) !== Boolean(this.#shown.running)) {
      this.#say(running ? texts.recipe.started : texts.recipe.ended);
    }
    const before = this.#shown;
    this.#shown = shown;
    if (recipe && this.#steps.untouched) this.#steps.start(recipe);
    else if (recipe && !sameRecipe(recipe, this.recipe)) {
      this.#drafts.clear();
      this.#steps.replace(recipe, `open ${JSON.stringify(recipe)}`);
      this.#say(texts.recipe.loaded);
    }
    if (shown.problem !== before.problem) this.#failed = this.#fail(shown.problem);
    this.#draw();
  }

  /** @param {string | undefined} message */
  #fail(message) {
    if (message === undefined) return undefined;
    const { recipe } = this;
    // Steps that were changed while they ran may not be the ones that the message counts.
    const changed = this.#ran !== undefined && !sameRecipe(this.#ran, recipe);
    return { problem: changed ? { text: message } : locate(message), recipe };
  }

  // --- What people do ---

  #desk = {
    /** @param {Card} card @param {string} name */
    draft: ({ id }, name) => this.#drafts.get(`${id} ${name}`),
    /** @param {Card} card @param {string} name @param {Draft} draft @param {Step} [step] */
    ontype: ({ id }, name, draft, step) => {
      this.#drafts.set(`${id} ${name}`, draft);
      if (step) this.#steps.change(id, step, name);
      this.#changed();
    },
    /** @param {Card} card @param {string} name */
    onleave: ({ id }, name) => {
      const key = `${id} ${name}`;
      if (this.#drafts.get(key)?.wrong === undefined) this.#drafts.delete(key);
      this.#draw();
    },
    /** @param {Card} card @param {string} name @param {Step} step */
    onset: ({ id }, name, step) => {
      this.#steps.change(id, step, name);
      this.#forget(id);
      this.#changed();
    },
    /** @param {Card} card @param {number} by */
    onmove: ({ id }, by) => this.#move(id, this.#steps.place(id) + by),
    /** @param {Card} card */
    onduplicate: ({ id, step }) => this.#add(step, this.#steps.place(id) + 1),
    /** @param {Card} card */
    onremove: ({ id, step }) => {
      const at = this.#steps.place(id);
      this.#steps.remove(id);
      this.#forget(id);
      this.#changed(texts.recipe.removed(methodName(step.method)));
      const { cards } = this.#steps;
      this.#focus(cards[Math.min(at, cards.length - 1)]?.id);
    },
  };

  /** What was typed into fields that a card no longer has. @param {number} id */
  #forget(id) {
    const card = this.#steps.cards[this.#steps.place(id)];
    const there = card ? typedNames(card.step) : [];
    for (const key of this.#drafts.keys()) {
      const [owner, name] = key.split(' ');
      if (Number(owner) === id && !there.includes(name)) this.#drafts.delete(key);
    }
  }

  /** @param {number} id @param {number} to */
  #move(id, to) {
    if (!this.#steps.move(id, to)) return;
    const { cards } = this.#steps;
    this.#changed(texts.recipe.moved(methodName(cards[to].step.method), to + 1, cards.length));
    const card = this.#root.querySelector(`[data-step="${id}"]`);
    // A button at the end of its way is dead: the one for the way back takes over.
    const active = document.activeElement;
    if (!card?.contains(active) || (active instanceof HTMLButtonElement && active.disabled)) {
      const button = card?.querySelector('.moves button:not(:disabled)');
      if (button instanceof HTMLElement) button.focus({ preventScroll: true });
    }
    card?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Step} step @param {number} at */
  #add(step, at) {
    const { id } = this.#steps.insert(step, at);
    this.#fresh.add(id);
    const { length } = this.#steps.cards;
    this.#changed(texts.recipe.added(methodName(step.method), at + 1, length));
    this.#focus(id);
  }

  /** @param {import('./methods.js').MethodName} name */
  #addMethod(name) {
    const menu = this.#root.querySelector('.add-step');
    if (menu instanceof HTMLDetailsElement) menu.open = false;
    const { example } = methods[name];
    const steps = this.#steps.cards.map(({ step }) => step);
    this.#add(example, placeFor(steps, example));
  }

  /** @param {string} name */
  #choosePreset(name) {
    const preset = this.#shown.presets.find((one) => one.name === name);
    if (!preset) return;
    this.#drafts.clear();
    // Going through the list is one change: what stood there before can be brought back at once.
    this.#steps.replace(preset.recipe, 'preset');
    this.#changed(texts.recipe.presetChosen(presetName(name)));
  }

  #undo() {
    this.#drafts.clear();
    this.#steps.undo();
    this.#changed(texts.recipe.undone);
  }

  #applyText() {
    const result = readJson(this.#text?.text ?? '');
    if ('wrong' in result) {
      this.#text = { text: this.#text?.text ?? '', wrong: result.wrong };
      this.#draw();
      return;
    }
    this.#text = undefined;
    this.#drafts.clear();
    this.#steps.replace(result.recipe, `text ${JSON.stringify(result.recipe)}`);
    this.#changed(texts.recipe.applied);
  }

  #run() {
    const wrong = [...this.#drafts.values()].some((draft) => draft.wrong !== undefined);
    if (wrong) {
      this.#say(texts.recipe.correct);
      this.#draw();
      this.#find('.step [aria-invalid="true"]')?.focus();
      return;
    }
    this.#ran = this.recipe;
    this.#callbacks.onrun(this.recipe);
  }

  // --- What is seen ---

  /** The same words twice would not be read twice. @param {string} text */
  #say(text) {
    this.#said = text !== '' && text === this.#said ? `${text}\u00A0` : text;
  }

  /** @param {string} [said] */
  #changed(said = '') {
    this.#say(said);
    this.#draw();
    this.#callbacks.onchange?.(this.recipe);
  }

  /** @param {number | undefined} id of a card; without one, what adds a card */
  #focus(id) {
    this.#find(id === undefined ? '.add-step summary' : `[data-step="${id}"]`)?.focus();
  }

  #draw() {
    // A field that goes away while someone writes in it says so, in the middle of the drawing.
    this.#stale = true;
    if (this.#drawing) return;
    const { activeElement } = document;
    this.#drawing = true;
    try {
      while (this.#stale) {
        this.#stale = false;
        render(this.#template(), this.#root);
      }
    } finally {
      this.#drawing = false;
    }
    if (activeElement instanceof HTMLElement && this.#root.contains(activeElement))
      this.#refocus(activeElement);
  }

  /** Elements that change their place, or can no longer be pressed, lose the focus. @param {HTMLElement} element */
  #refocus(element) {
    let next = element;
    if (element.hidden) next = this.#find(RUN_BUTTON) ?? element;
    else if (element.matches('.recipe-head :disabled'))
      next = this.#find('#recipe-preset') ?? element;
    else if (element.matches('.recipe-text :disabled'))
      next = this.#find('#recipe-json') ?? element;
    if (next !== document.activeElement) next.focus({ preventScroll: true });
  }

  /** @param {string} selector */
  #find(selector) {
    return /** @type {HTMLElement | null} */ (this.#root.querySelector(selector));
  }

  #template() {
    const { cards, canUndo } = this.#steps;
    return html`<section class="recipe" aria-labelledby="recipe-title">
      <div class="recipe-head">
        <h3 id="recipe-title">${texts.recipe.title}</h3>
        <button
          type="button"
          class="text-button"
          ?disabled=${!canUndo}
          @click=${() => this.#undo()}
        >
          ${texts.recipe.undo}
        </button>
      </div>
      ${this.#presetsTemplate()}
      <ol class="steps" aria-label=${texts.recipe.steps} ?hidden=${cards.length === 0}>
        ${repeat(
          cards,
          ({ id }) => id,
          (card, at) => this.#cardTemplate(card, at),
        )}
      </ol>
      <p class="empty" ?hidden=${cards.length > 0}>${texts.recipe.empty}</p>
      ${this.#addTemplate()}
      ${recipeText(this.recipe, this.#text, {
        onwrite: (text) => {
          this.#text = { text };
          this.#draw();
        },
        onapply: () => this.#applyText(),
        ondiscard: () => {
          this.#text = undefined;
          this.#draw();
        },
      })}
      ${this.#runTemplate()}
      <p class="visually-hidden" role="status">${this.#said}</p>
    </section>`;
  }

  #presetsTemplate() {
    const { presets } = this.#shown;
    const recipe = this.recipe;
    const chosen = presets.find((preset) => sameRecipe(preset.recipe, recipe))?.name ?? '';
    const about = chosen === '' ? texts.recipe.ownAbout : presetTexts(chosen)?.about;
    return html`<div class="field presets">
      <label for="recipe-preset">${texts.recipe.preset}</label>
      <select
        id="recipe-preset"
        aria-describedby="recipe-preset-about"
        @change=${(/** @type {{ currentTarget: HTMLSelectElement }} */ event) => this.#choosePreset(event.currentTarget.value)}
      >
        <option value="" ?disabled=${chosen !== ''} .selected=${live(chosen === '')}>
          ${texts.recipe.ownRecipe}
        </option>
        ${presets.map(
          ({ name }) =>
            html`<option value=${name} .selected=${live(name === chosen)}>
              ${presetName(name)}
            </option>`,
        )}
      </select>
      <p class="help" id="recipe-preset-about">${about}</p>
    </div>`;
  }

  /** @param {Card} card @param {number} at */
  #cardTemplate(card, at) {
    const problem = this.#problem();
    return stepCard(this.#desk, card, {
      at,
      count: this.#steps.cards.length,
      fresh: this.#fresh.has(card.id),
      problem: problem?.step === at ? problem : undefined,
    });
  }

  #addTemplate() {
    return html`<details class="add-step">
      <summary>${texts.recipe.add}</summary>
      <ul>
        ${names.map(
          (name) =>
            html`<li>
              <button type="button" @click=${() => this.#addMethod(name)}>
                ${picture(name)}
                <span
                  ><strong>${texts.methods[name].name}</strong> ${texts.methods[name].does}</span
                >
              </button>
            </li>`,
        )}
      </ul>
    </details>`;
  }

  #runTemplate() {
    const { running } = this.#shown;
    const problem = this.#problem();
    const elsewhere = problem && !(problem.step !== undefined && this.#steps.cards[problem.step]);
    return html`<div class="run">
      ${elsewhere ? html`<p class="wrong" role="alert">${problem.text}</p>` : nothing}
      <div class="run-bar">
        <button
          type="button"
          class="button"
          ?hidden=${running !== undefined}
          ?disabled=${this.#steps.cards.length === 0}
          @click=${() => this.#run()}
        >
          ${texts.recipe.run}
        </button>
        <button
          type="button"
          class="button quiet"
          ?hidden=${running === undefined}
          @click=${() => this.#callbacks.oncancel()}
        >
          ${texts.recipe.cancel}
        </button>
        <div class="run-progress" ?hidden=${running === undefined}>
          <progress
            max="1"
            value=${running?.done ?? 0}
            aria-label=${texts.recipe.running}
          ></progress>
          <p class="help">
            ${running ? whatOf(running) : nothing}
            <span>${texts.recipe.percent(running?.done ?? 0)}</span>
          </p>
        </div>
      </div>
    </div>`;
  }

  #problem() {
    const failed = this.#failed;
    return failed && sameRecipe(failed.recipe, this.recipe) ? failed.problem : undefined;
  }
}

/** @param {Running} running */
function whatOf({ at, what }) {
  if (at !== 'compressing') return texts.dials[at];
  if (what === undefined || what === '') return texts.recipe.working;
  if (what === 'calibration') return texts.recipe.calibration;
  if (what === 'gzip') return texts.recipe.gzip;
  return texts.recipe.matrix(what);
}
