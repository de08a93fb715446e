// Second attempts of calls whose worker died, without a worker.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Retries, loss, onlyForward, twice } from '../../www/package/retry.js';

const unaborted = () => new AbortController().signal;

/** An attempt that meets these outcomes one after another: errors are thrown. */
function attempts(...outcomes) {
  const attempt = async () => {
    attempt.made++;
    const outcome = outcomes.shift();
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  attempt.made = 0;
  return attempt;
}

for (const [name, run] of [
  ['a_call', twice],
  ['a_translation', (attempt) => new Retries().run(attempt, { urgent: true, signal: unaborted() })],
]) {
  test(`${name}_is_made_again_once_and_only_after_a_loss`, async () => {
    assert.equal(await run(attempts('first')), 'first');
    assert.equal(await run(attempts(loss('gone'), 'second')), 'second');
    const hopeless = attempts(loss('gone'), loss('gone again'), 'third');
    await assert.rejects(run(hopeless), { name: 'OperationError', message: 'gone again' });
    assert.equal(hopeless.made, 2);
    const other = attempts(new TypeError('no'), 'second');
    await assert.rejects(run(other), { name: 'TypeError', message: 'no' });
    assert.equal(other.made, 1);
  });
}

test('a_second_loss_is_no_reason_for_whoever_waits_to_try_again', async () => {
  const load = attempts(loss('one'), loss('two'), loss('three'), 'there');
  await assert.rejects(twice(() => twice(load)), { message: 'two' });
  assert.equal(load.made, 2);
});

/** A retried call that begins when it is its turn, and ends when it is told to. */
function lost(retries, urgent, signal = unaborted()) {
  const call = { isBegun: false, isFirst: true };
  const attempt = () => {
    if (call.isFirst) {
      call.isFirst = false;
      return Promise.reject(loss('gone'));
    }
    call.isBegun = true;
    return new Promise((resolve, reject) => Object.assign(call, { resolve, reject }));
  };
  call.outcome = retries.run(attempt, { urgent, signal });
  call.outcome.catch(() => {});
  return call;
}
const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

test('second_attempts_run_alone_the_urgent_ones_first', async () => {
  const retries = new Retries();
  const [first, long, short] = [lost(retries, false), lost(retries, false), lost(retries, true)];
  const begun = () => [first, long, short].map(({ isBegun }) => isBegun);
  await pause();
  assert.deepEqual(begun(), [true, false, false]);
  first.reject(loss('gone again'));
  await assert.rejects(first.outcome, { message: 'gone again' });
  await pause();
  assert.deepEqual(begun(), [true, false, true]);
  short.resolve('short');
  assert.equal(await short.outcome, 'short');
  await pause();
  assert.deepEqual(begun(), [true, true, true]);
  long.resolve('long');
  assert.equal(await long.outcome, 'long');
});

test('a_call_that_is_aborted_while_it_waits_for_its_second_attempt_ends_at_once', async () => {
  const retries = new Retries();
  const controller = new AbortController();
  const [first, second] = [lost(retries, true), lost(retries, true, controller.signal)];
  await pause();
  controller.abort('enough');
  await assert.rejects(second.outcome, (reason) => reason === 'enough');
  first.resolve('done');
  await pause();
  assert.equal(second.isBegun, false);
});

test('progress_of_a_second_attempt_is_told_when_it_has_caught_up', () => {
  const told = [];
  const report = onlyForward(({ done }) => told.push(done));
  for (const done of [0, 2, 5, 0, 3, 5, 6]) report({ done, total: 6 });
  assert.deepEqual(told, [0, 2, 5, 6]);
});
