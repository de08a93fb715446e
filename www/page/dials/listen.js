// The person at the dials: every control and what it turns.

import { setText } from '../dom.js';
import { textOf } from '../text-file.js';
import { texts } from '../texts.js';
import { TestSetError, readTestSet } from '../workbench/test-set.js';
import { elements } from './view.js';

/** @typedef {import('./view.js').Parts} Parts */

/**
 * Scores with a file from now on.
 * @param {Parts} parts
 * @param {File} file
 * @throws an Error with a message for people
 */
export async function useTestSetFile({ app, workbench }, file) {
  try {
    workbench.useTestSet(readTestSet(file.name, await textOf(file), app.pair));
  } catch (error) {
    if (!(error instanceof TestSetError)) throw error;
    const { testSetErrors } = texts.dials;
    const { kind, line } = error;
    throw new Error(kind === 'line' ? testSetErrors.line(line ?? 0) : testSetErrors[kind]);
  }
}

/** @param {Parts} parts */
export function listen(parts) {
  const { dials, workbench } = parts;
  const { precisions, sparsity, choices, reset, makingStop, makingAgain, verdict, testSet, testSetProblem, ourSet } = elements;

  precisions.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement) dials.turn({ bits: Number(target.value) });
  });
  sparsity.addEventListener('input', () => dials.turn({ sparsity: Number(sparsity.value) / 100 }));
  for (const [name, select] of Object.entries(choices))
    select.addEventListener('change', () => dials.turn({ [name]: select.value }));

  reset.addEventListener('click', () => {
    dials.reset();
    // The button goes away with what it undoes.
    sparsity.focus();
  });
  makingStop.addEventListener('click', () => workbench.stop());
  makingAgain.addEventListener('click', () => {
    if (workbench.stopped && !workbench.error) void workbench.score();
    else dials.apply();
  });
  verdict.addEventListener('click', ({ target }) => {
    if (target instanceof HTMLButtonElement && target.dataset.turn) dials.turn(JSON.parse(target.dataset.turn));
  });

  testSet.addEventListener('change', async () => {
    const [file] = testSet.files ?? [];
    if (!file) return;
    const problem = await useTestSetFile(parts, file).then(
      () => '',
      (error) => error.message,
    );
    setText(testSetProblem, problem);
    // The same file may be chosen again after it was mended.
    testSet.value = '';
  });
  ourSet.addEventListener('click', () => {
    workbench.useTestSet(undefined);
    testSet.focus();
  });
}
