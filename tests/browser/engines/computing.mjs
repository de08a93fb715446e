// Work in progress: threads, what is aborted, what overtakes, what ends.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longText } from '../texts.mjs';
import { abortWhileComputing, translateAll } from './in-page.mjs';
import { PAIR, SENTENCE, TEXTS } from './site.mjs';

/** @param {import('./scenarios.mjs').Given} given */
export function computing({ site, expected, shared }) {
  test('an_isolated_page_has_threads_where_memory_can_be_shared', async () => {
    const visitor = await site().visit();
    const { batch, info } = await visitor.run(translateAll, {
      pair: { ...PAIR, threads: 3 },
      texts: TEXTS,
      untilThreads: shared ? 3 : 1,
    });
    assert.deepEqual(batch, expected());
    assert.equal(info.threads, shared ? 3 : 1);
    await visitor.close();
  });

  test('a_call_is_aborted_at_once_and_a_short_text_overtakes_a_long_one', async () => {
    const visitor = await site().visit();
    const result = await visitor.run(abortWhileComputing, {
      pair: PAIR,
      sentence: SENTENCE,
      long: longText(5000),
    });
    assert.equal(result.short, expected()[0]);
    assert.ok(result.overtook, 'the long text was still at work');
    assert.equal(result.name, 'AbortError');
    assert.ok(result.settled < 100, `settled after ${result.settled} ms`);
    assert.equal(result.next, expected()[0]);
    assert.equal(result.before, 'no more');
    await visitor.close();
  });

  test('after_destroy_calls_end_and_a_new_translator_works', async () => {
    const visitor = await site().visit();
    const outcomes = await visitor.run(
      async ({ Translator }, { pair, sentence, long }) => {
        const first = await Translator.create(pair);
        await first.kept;
        const running = first.translate(long);
        first.destroy();
        const during = await running.catch(({ name }) => name);
        const after = await first.translate(sentence).catch(({ name }) => name);
        return [during, after, await (await Translator.create(pair)).translate(sentence)];
      },
      { pair: PAIR, sentence: SENTENCE, long: longText(600) },
    );
    assert.deepEqual(outcomes, ['AbortError', 'AbortError', expected()[0]]);
    await visitor.close();
  });
}
