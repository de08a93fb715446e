// What screen readers are told of the dials: results, not every step on the way.

import { texts } from '../texts.js';
import { announce } from '../view.js';
import { nameOf } from '../workbench/describe.js';

/** @typedef {import('./view.js').Parts} Parts */

/** What they were told last. */
const told = { made: '', score: '', error: '' };

/** @param {Parts} parts */
export function announceDials({ workbench: { base, made, error } }) {
  const name = made ? `${made.experiment.id} ${made.rough}` : '';
  if (name !== told.made) {
    told.made = name;
    if (made) announce(texts.dials.announceMade(texts.dials.shown(nameOf(made.experiment), made.rough)));
  }
  const score = made?.experiment.score;
  const original = base?.experiment.score;
  const final = score && original && score.sentences === score.total ? `${name} ${score.chrf}` : '';
  if (final !== told.score) {
    told.score = final;
    if (final && score && original) announce(texts.dials.announceScore(score.chrf, score.chrf - original.chrf));
  }
  if ((error?.message ?? '') !== told.error) {
    told.error = error?.message ?? '';
    if (error) announce(texts.dials.failed(error.message));
  }
}
