// A step of the recipe: what it is, what it does, where it goes.

import { html, nothing } from 'lit-html';
import { texts } from './texts.js';
import { fields, showsKey } from './fields.js';
import { icon } from './icons.js';
import { isCalibrated, isMethod, methodOf } from './methods.js';
import { picture } from './pictures.js';

/** @typedef {import('./methods.js').MethodName} MethodName */
/** @typedef {import('./steps.js').Card} Card */

/**
 * @typedef {object} Moves
 * @property {(card: Card, by: number) => void} onmove
 * @property {(card: Card) => void} onduplicate
 * @property {(card: Card) => void} onremove
 */

/** @param {string} name */
export const methodName = (name) => (isMethod(name) ? texts.methods[name].name : name);

/**
 * @param {import('./fields.js').Desk & Moves} desk @param {Card} card
 * @param {{ at: number, count: number, fresh: boolean, problem?: import('./problem.js').Problem }} place
 */
export function stepCard(desk, card, { at, count, fresh, problem }) {
  const { step } = card;
  const name = methodName(step.method);
  const number = at + 1;
  const known = isMethod(step.method);
  const wrong = !known
    ? texts.recipe.unknown(step.method)
    : showsKey(step, problem?.key)
      ? undefined
      : problem?.text;
  return html`<li
    class="step"
    data-step=${card.id}
    tabindex="-1"
    aria-label=${texts.recipe.step(number, name)}
  >
    <header>
      <span class="grip" title=${texts.recipe.drag} aria-hidden="true">${icon('grip')}</span>
      ${known ? picture(/** @type {MethodName} */ (step.method)) : nothing}
      <h4><span class="number">${number}</span> ${name}</h4>
      <div class="moves">
        ${button('up', texts.recipe.up(number, name), at === 0, () => desk.onmove(card, -1))}
        ${button('down', texts.recipe.down(number, name), at === count - 1, () => desk.onmove(card, 1))}
        ${button('duplicate', texts.recipe.duplicate(number, name), false, () => desk.onduplicate(card))}
        ${button('remove', texts.recipe.remove(number, name), false, () => desk.onremove(card))}
      </div>
    </header>
    <div class="step-body">
      ${wrong ? html`<p class="wrong" role="alert">${wrong}</p>` : nothing}
      ${known ? about(step, fresh) : nothing}
      <div class="fields">${fields(desk, card, problem)}</div>
      ${exceptions(step)}
      <p class="calibrated" ?hidden=${!isCalibrated(step)}>${texts.recipe.calibrated}</p>
    </div>
  </li>`;
}

/** A table that has no control; the recipe as text has it. @param {Card['step']} step */
function exceptions({ except }) {
  const count = except && typeof except === 'object' ? Object.keys(except).length : 0;
  return count > 0 ? html`<p class="help">${texts.recipe.exceptions(count)}</p>` : nothing;
}

/** @param {'up' | 'down' | 'duplicate' | 'remove'} name @param {string} label @param {boolean} disabled @param {() => void} onclick */
const button = (name, label, disabled, onclick) =>
  html`<button
    type="button"
    class="icon-button"
    data-move=${name}
    aria-label=${label}
    title=${label}
    ?disabled=${disabled}
    @click=${onclick}
  >
    ${icon(name)}
  </button>`;

/** @param {Card['step']} step @param {boolean} open */
function about(step, open) {
  const name = /** @type {MethodName} */ (step.method);
  const { does, gives } = texts.methods[name];
  const papers = methodOf(step)?.papers(step) ?? [];
  return html`<details class="about" ?open=${open}>
    <summary>${texts.recipe.about}</summary>
    <div class="about-body">
      ${picture(name)}
      <div>
        <p>${does}</p>
        <p>${gives}</p>
        <p class="papers">${papers.length > 1 ? texts.recipe.papers : texts.recipe.paper}</p>
        <ul>
          ${papers.map(
            ({ authors, year, title, url }) =>
              html`<li>
                <a href=${url} target="_blank" rel="noreferrer"
                  ><span lang="en">${texts.recipe.citation(authors, year, title)}</span>
                  <span class="visually-hidden">${texts.recipe.newTab}</span></a
                >
              </li>`,
          )}
        </ul>
      </div>
    </div>
  </details>`;
}
