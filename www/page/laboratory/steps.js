// The steps of a recipe while someone works on them: cards with names that last, and a way back.

import { tidy } from './methods.js';

/** @typedef {import('./methods.js').Step} Step */
/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */
/** `id` stays with a step wherever it goes. @typedef {{ id: number, step: Step }} Card */

/** So many changes can be taken back. */
const MOST_UNDO = 200;

export class Steps {
  /** @type {readonly Card[]} */
  cards = [];
  #next = 1;
  /** What there was before each change. @type {{ cards: readonly Card[], change: string }[]} */
  #past = [];

  get recipe() {
    // The type of recipes gives each step a target, which those for the whole package do not have.
    return /** @type {Recipe} */ ({ step: this.cards.map(({ step }) => structuredClone(step)) });
  }

  /** Nothing was put here, and nothing taken away. */
  get untouched() {
    return this.cards.length === 0 && !this.canUndo;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  /** @param {number} id */
  place(id) {
    return this.cards.findIndex((card) => card.id === id);
  }

  /** The steps to begin with: there is no way back from them. @param {Recipe} recipe */
  start(recipe) {
    this.cards = this.#cardsOf(recipe);
    this.#past = [];
  }

  /** Other steps in place of these. @param {Recipe} recipe @param {string} change the same one again replaces it */
  replace(recipe, change) {
    this.#become(this.#cardsOf(recipe), change);
  }

  /** @param {Step} step @param {number} at @returns {Card} */
  insert(step, at) {
    const card = this.#card(structuredClone(step));
    const cards = [...this.cards.slice(0, at), card, ...this.cards.slice(at)];
    this.#become(cards, `insert ${card.id}`);
    return card;
  }

  /** @param {number} id */
  remove(id) {
    this.#become(
      this.cards.filter((card) => card.id !== id),
      `remove ${id}`,
    );
  }

  /** @param {number} id @param {number} to its place then */
  move(id, to) {
    const from = this.place(id);
    if (from < 0 || to < 0 || to >= this.cards.length || to === from) return false;
    const cards = [...this.cards];
    cards.splice(to, 0, ...cards.splice(from, 1));
    this.#become(cards, `move ${id} ${to}`);
    return true;
  }

  /** @param {number} id @param {Step} step @param {string} what of it is new: turning a dial on and on is one change */
  change(id, step, what) {
    const cards = this.cards.map((card) => (card.id === id ? { id, step: tidy(step) } : card));
    this.#become(cards, `change ${id} ${what}`);
  }

  undo() {
    this.cards = this.#past.pop()?.cards ?? this.cards;
  }

  /** @param {Recipe} recipe */
  #cardsOf(recipe) {
    return recipe.step.map((step) => this.#card(structuredClone(step)));
  }

  /** @param {Step} step @returns {Card} */
  #card(step) {
    const id = this.#next;
    this.#next += 1;
    return { id, step };
  }

  /** @param {readonly Card[]} cards @param {string} change */
  #become(cards, change) {
    if (this.#past.at(-1)?.change !== change) this.#past.push({ cards: this.cards, change });
    if (this.#past.length > MOST_UNDO) this.#past.shift();
    this.cards = cards;
  }
}
