// What counts as a changed word.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference } from '../../www/page/workbench/difference.js';

const words = (parts) => parts.map(({ text }) => text.trim()).filter(Boolean);
const changed = (parts) => words(parts.filter((part) => part.changed));
const kept = (parts) => words(parts.filter((part) => !part.changed));
const text = (parts) => parts.map((part) => part.text).join('');

/** Words that both texts have in the same order, as many as can be: the textbook's table. */
function common(a, b) {
  const table = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
  a.forEach((left, i) =>
    b.forEach((right, j) => {
      table[i + 1][j + 1] =
        left === right ? table[i][j] + 1 : Math.max(table[i][j + 1], table[i + 1][j]);
    }),
  );
  return table[a.length][b.length];
}

test('equal_texts_have_no_changed_word', () => {
  const { a, b, changed, total } = difference('O gato dorme.', 'O gato dorme.');
  assert.deepEqual([changed, total], [0, 3]);
  assert.ok([...a, ...b].every((part) => !part.changed));
});

test('a_replaced_word_counts_once', () => {
  const result = difference('A comissão decidiu ontem.', 'A comitiva decidiu ontem.');
  assert.deepEqual([changed(result.a), changed(result.b)], [['comissão'], ['comitiva']]);
  assert.deepEqual([result.changed, result.total], [1, 4]);
});

test('words_that_went_count_if_none_came_in_their_place', () => {
  assert.equal(difference('um dois três quatro', 'um quatro').changed, 2);
  assert.equal(difference('um dois três quatro', 'um cinco quatro').changed, 2);
  assert.equal(difference('um quatro', 'um dois três quatro').changed, 2);
  assert.equal(difference('um dois três', 'dois três um').changed, 2, 'one went, one came');
});

test('each_text_keeps_its_white_space_and_none_is_a_change', () => {
  const [left, right] = ['  Um  dois\ntrês ', 'Um dois três'];
  const result = difference(left, right);
  assert.deepEqual([text(result.a), text(result.b)], [left, right]);
  assert.equal(result.changed, 0);
});

test('texts_without_words_are_texts', () => {
  assert.deepEqual(difference('', ''), { hunks: [], a: [], b: [], changed: 0, total: 0 });
  const lost = difference('um dois', '');
  assert.deepEqual([lost.changed, lost.total, changed(lost.a)], [2, 0, ['um', 'dois']]);
  const blank = difference(' \n', 'um');
  assert.deepEqual([blank.changed, blank.total, text(blank.a)], [1, 1, ' \n']);
});

test('as_many_words_as_can_be_stay', () => {
  // A small generator of our own, so that a failure can be repeated.
  let state = 7;
  const random = (below) => (state = (state * 48271) % 2147483647) % below;
  const sentence = () => Array.from({ length: random(14) }, () => 'abcde'[random(5)]).join(' ');
  for (let i = 0; i < 300; i++) {
    const [left, right] = [sentence(), sentence()];
    const result = difference(left, right);
    assert.deepEqual([text(result.a), text(result.b)], [left, right]);
    assert.deepEqual(kept(result.a), kept(result.b), `${left} | ${right}`);
    assert.equal(kept(result.b).length, common(words(result.a), words(result.b)), `${left} | ${right}`);
    assert.equal(result.hunks.map(({ a }) => a).join(''), left);
    assert.equal(result.hunks.map(({ b }) => b).join(''), right);
    assert.ok(result.hunks.every(({ changed }, n) => changed !== result.hunks[n - 1]?.changed || n === 0));
    assert.ok(result.changed >= changed(result.b).length);
    assert.ok(result.changed <= changed(result.a).length + changed(result.b).length);
  }
});
