// The dials: where they stand, and what happens when someone turns one.

import { AT_REST, planOf } from '../workbench/dial-recipes.js';
import { keepDials, keptDials } from '../workbench/keep.js';

/** @typedef {import('../direction.js').Direction} Direction */
/** @typedef {import('../workbench/dial-recipes.js').Dials} Positions */
/** @typedef {import('../workbench/workbench.js').Workbench} Workbench */
/** @typedef {import('../workbench/experiment.js').Wanted} Wanted */
/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */

/** A dial that is still being turned need not be followed at every notch. */
const SETTLE_MS = 120;

export class DialBoard {
  positions;
  /** A recipe of the laboratory or of a link, which the dials can't show. @type {Recipe | undefined} */
  recipe;
  /** A model that its recipe alone does not make. @type {Wanted | undefined} */
  picked;

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
    const { positions, recipe, picked } = keptDials();
    this.positions = positions;
    this.recipe = recipe;
    this.picked = picked;
  }

  get atRest() {
    return this.recipe === undefined && this.plan.recipe.step.length === 0;
  }

  get plan() {
    return this.recipe ? { recipe: this.recipe } : planOf(this.positions);
  }

  /** What is translated with: in another direction than it was picked for, what its recipe makes. @type {Pick<Wanted, 'recipe' | 'healed'>} */
  get choice() {
    const { picked } = this;
    const here = picked && this.#direction && this.#workbench.has(this.#direction, picked);
    return here ? picked : this.plan;
  }

  /** The direction that is translated in now, whose model may have come or gone. @param {Direction} direction */
  follow(direction) {
    const ready = direction.phase === 'ready' ? direction : undefined;
    if (ready === this.#direction) return;
    this.#direction = ready;
    clearTimeout(this.#timer);
    if (!ready) this.#workbench.leave();
    else if (!this.atRest) this.apply({ asked: false });
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

  /** Translates with what was tried before, or can be downloaded: made again, or from its file. @param {Wanted} wanted */
  pick(wanted) {
    if (!wanted.healed || wanted.healed.gone) return this.use(wanted.recipe);
    this.#move({ ...AT_REST }, wanted.recipe, wanted);
    this.apply();
  }

  reset() {
    this.use({ step: [] });
  }

  /** @param {Positions} positions @param {Recipe} [recipe] @param {Wanted} [picked] */
  #move(positions, recipe, picked) {
    this.positions = positions;
    this.recipe = recipe;
    this.picked = picked;
    keepDials(positions, recipe, picked);
    this.#onchange();
  }

  /**
   * Makes what the dials mean: by itself after a turn, by hand after a failure or a stop.
   * @param {{ asked: boolean }} [options] whether somebody has just asked for it, so that it may be downloaded
   */
  apply({ asked } = { asked: true }) {
    clearTimeout(this.#timer);
    const { picked } = this;
    if (!this.#direction) return;
    if (picked && this.#workbench.has(this.#direction, picked)) void this.#workbench.reuse(this.#direction, picked, asked);
    else void this.#workbench.apply(this.#direction, this.plan);
  }
}
