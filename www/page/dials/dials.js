// The dials: where they stand, and what happens when someone turns one.

import { AT_REST, planOf } from '../workbench/dial-recipes.js';
import { keepDials, keptDials } from '../workbench/keep.js';

/** @typedef {import('../direction.js').Direction} Direction */
/** @typedef {import('../workbench/dial-recipes.js').Dials} Positions */
/** @typedef {import('../workbench/workbench.js').Workbench} Workbench */
/** @typedef {import('../workbench/experiment.js').Experiment} Experiment */
/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */

/** A dial that is still being turned need not be followed at every notch. */
const SETTLE_MS = 120;

export class DialBoard {
  positions;
  /** A recipe of the laboratory or of a link, which the dials can't show. @type {Recipe | undefined} */
  recipe;

  #workbench;
  #onchange;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Direction | undefined} */
  #direction;

  /** @param {Workbench} workbench @param {() => void} onchange */
  constructor(workbench, onchange) {
    this.#workbench = workbench;
    this.#onchange = onchange;
    const { positions, recipe } = keptDials();
    this.positions = positions;
    this.recipe = recipe;
  }

  get atRest() {
    return this.recipe === undefined && this.plan.recipe.step.length === 0;
  }

  get plan() {
    return this.recipe ? { recipe: this.recipe } : planOf(this.positions);
  }

  /** The direction that is translated in now, whose model may have come or gone. @param {Direction} direction */
  follow(direction) {
    const ready = direction.phase === 'ready' ? direction : undefined;
    if (ready === this.#direction) return;
    this.#direction = ready;
    clearTimeout(this.#timer);
    if (!ready) this.#workbench.leave();
    else if (!this.atRest) this.apply();
  }

  /** @param {Partial<Positions>} change */
  turn(change) {
    this.#move({ ...this.positions, ...change });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.apply(), SETTLE_MS);
  }

  /** Makes a recipe that was written by hand. @param {Recipe} recipe */
  use(recipe) {
    this.#move({ ...AT_REST }, recipe.step.length > 0 ? recipe : undefined);
    this.apply();
  }

  /** Translates with what was tried before: made again, or from its file. @param {Experiment} experiment */
  pick(experiment) {
    if (!this.#workbench.files.has(experiment)) return this.use(experiment.recipe);
    this.#move({ ...AT_REST }, experiment.recipe);
    clearTimeout(this.#timer);
    if (this.#direction) void this.#workbench.reuse(this.#direction, experiment);
  }

  reset() {
    this.use({ step: [] });
  }

  /** @param {Positions} positions @param {Recipe} [recipe] */
  #move(positions, recipe) {
    this.positions = positions;
    this.recipe = recipe;
    keepDials(positions, recipe);
    this.#onchange();
  }

  /** Makes what the dials mean: by itself after a turn, by hand after a failure or a stop. */
  apply() {
    clearTimeout(this.#timer);
    if (this.#direction) void this.#workbench.apply(this.#direction, this.plan);
  }
}
