// The bench's arithmetic and its verdicts, which need none of its packages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countWords, percentile, ratio, summary } from '../../bench/statistics.mjs';
import { judge } from '../../bench/targets.mjs';

test('percentiles_lie_between_neighbours', () => {
  assert.equal(percentile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(percentile([10, 20], 0.9), 19);
  assert.equal(percentile([7], 0.9), 7);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});

test('a_round_without_a_figure_does_not_count', () => {
  assert.deepEqual(summary([3, undefined, 1, 2, NaN]), { median: 2, min: 1, max: 3, rounds: 3 });
  assert.equal(summary([undefined]), undefined);
});

test('ratios_are_of_the_same_round', () => {
  // The second round was slow for both: the ratio does not care.
  assert.deepEqual(ratio([30, 15, 33], [10, 5, 11]), { median: 3, min: 3, max: 3, rounds: 3 });
  assert.equal(ratio([30, undefined], [undefined, 5]), undefined);
});

test('words_are_what_white_space_parts', () => {
  assert.equal(countWords('  Who leaked\u00a0the\treport? '), 4);
  assert.equal(countWords(' '), 0);
});

const TARGET = { name: 'speed', measure: 'batch', figure: 'speed', ours: 'ours', peer: 'peer', atLeast: 3 };
const row = (speed, chrf) => ({
  rounds: [{ speed }, { speed }],
  scores: [chrf === undefined ? undefined : { chrf, bleu: 40 }],
});
const verdict = (ours, peer) => judge(TARGET, { batch: { ours, peer } })?.verdict;

test('a_ratio_is_void_where_ours_is_worse', () => {
  assert.equal(verdict(row(30, 69), row(10, 69.1)), 'met');
  assert.equal(verdict(row(29, 69.5), row(10, 69.1)), 'not met');
  assert.match(verdict(row(30, 69), row(10, 69.2)), /^void: chrF is 0\.20 lower$/);
});

test('a_ratio_without_references_says_so', () => {
  assert.equal(verdict(row(30), row(10)), 'met, quality not compared');
});

test('a_ratio_of_what_computes_different_things_is_void', () => {
  const agreeing = (worst) => ({ ...row(30), agreement: { worst, atMost: 0.01 } });
  assert.equal(verdict(agreeing(0.002), row(10)), 'met');
  assert.equal(verdict(agreeing(0.02), row(10)), 'void: the outputs differ by 0.020');
  assert.match(verdict(agreeing(NaN), row(10)), /^void/);
});

test('what_was_not_measured_is_not_judged', () => {
  assert.equal(judge(TARGET, { batch: { ours: row(30, 69) } }), undefined);
  const failed = { rounds: [undefined], scores: [undefined], error: 'the page crashed' };
  assert.equal(verdict(row(30, 69), failed), 'no figure');
});
