// The recipe as text: JSON that can be edited, TOML to take along.

import { html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { stringify } from 'smol-toml';
import { texts } from './texts.js';
import { isMethod, names } from './methods.js';

/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */

/** @param {Recipe} recipe */
export const toJson = (recipe) => JSON.stringify(recipe, undefined, 2);

/**
 * A recipe in JSON. What the keys of its steps mean is for the compressor to judge.
 * @param {string} text
 * @returns {{ recipe: Recipe } | { wrong: string }}
 */
export function readJson(text) {
  let value;
  let empty = false;
  try {
    value = JSON.parse(text, (_, part) => {
      empty ||= part === null || Math.abs(part) === Infinity;
      return part;
    });
  } catch (error) {
    return { wrong: texts.recipe.notJson(/** @type {Error} */ (error).message) };
  }
  const keys = value !== null && typeof value === 'object' ? Object.keys(value) : [];
  if (keys.length !== 1 || !Array.isArray(value.step)) return { wrong: texts.recipe.noSteps };
  // TOML has no word for it, nor has any key of a recipe.
  if (empty) return { wrong: texts.recipe.noNull };
  for (const [at, step] of value.step.entries()) {
    if (typeof step?.method !== 'string') return { wrong: texts.recipe.noMethod(at + 1) };
    if (!isMethod(step.method))
      return { wrong: texts.recipe.badMethod(at + 1, step.method, names) };
  }
  return { recipe: value };
}

/**
 * @param {Recipe} recipe
 * @param {{ text: string, wrong?: string } | undefined} draft what was written, where it is not yet used
 * @param {{ onwrite: (text: string) => void, onapply: () => void, ondiscard: () => void }} callbacks
 */
export function recipeText(recipe, draft, { onwrite, onapply, ondiscard }) {
  const { wrong } = draft ?? {};
  return html`<details class="recipe-text">
    <summary>${texts.recipe.text}</summary>
    <label for="recipe-json">${texts.recipe.json}</label>
    <textarea
      id="recipe-json"
      rows="10"
      spellcheck="false"
      autocapitalize="off"
      autocomplete="off"
      aria-invalid=${wrong ? 'true' : nothing}
      aria-describedby=${wrong ? 'recipe-json-wrong recipe-json-help' : 'recipe-json-help'}
      .value=${live(draft?.text ?? toJson(recipe))}
      @input=${(/** @type {{ currentTarget: HTMLTextAreaElement }} */ event) => onwrite(event.currentTarget.value)}
    ></textarea>
    ${wrong ? html`<p class="wrong" id="recipe-json-wrong" role="alert">${wrong}</p>` : nothing}
    <p class="help" id="recipe-json-help">${texts.recipe.jsonHelp}</p>
    <div class="recipe-actions">
      <button type="button" class="button" ?disabled=${!draft} @click=${onapply}>
        ${texts.recipe.apply}
      </button>
      <button type="button" class="text-button" ?disabled=${!draft} @click=${ondiscard}>
        ${texts.recipe.discard}
      </button>
    </div>
    <p class="label" id="recipe-toml">${texts.recipe.toml}</p>
    <pre tabindex="0" role="group" aria-labelledby="recipe-toml">${stringify(recipe)}</pre>
  </details>`;
}
