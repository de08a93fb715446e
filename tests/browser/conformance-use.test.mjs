// The draft of the Translator API, sentence by sentence, with the polyfill in the place of the browser's
// own: what a translator does.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { visitPolyfill } from './conformance.mjs';
import { openSite } from './harness.mjs';
import { longText } from './texts.mjs';

let site;
let visitor;
before(async () => {
  site = await openSite();
  visitor = await visitPolyfill(site);
});
after(async () => {
  await visitor.leave();
  await site.close();
});
/** Each test has a translator of its own. */
beforeEach(async () => {
  await visitor.run(async () => {
    globalThis.translator?.destroy();
    globalThis.translator = await Translator.create(EN_PT);
  });
});
const run = (code, argument) => visitor.run(code, argument);

describe('arguments', () => {
  test('texts_are_converted_to_strings', async () => {
    const results = await run(async () => {
      const results = [];
      for (const [value, text] of [
        [undefined, 'undefined'],
        [null, 'null'],
        [42, '42'],
        [{ toString: () => 'Good morning.' }, 'Good morning.'],
        [['Good', 'morning.'], 'Good,morning.'],
      ]) {
        const expected = await translator.translate(text);
        results.push(
          (await translator.translate(value)) === expected &&
            (await read(translator.translateStreaming(value))).join('') === expected &&
            (await translator.measureInputUsage(value)) === (await translator.measureInputUsage(text)),
        );
      }
      return results;
    });
    assert.deepEqual(results, Array(5).fill(true));
  });

  test('wrong_ones_reject_or_from_the_stream_throw', async () => {
    const results = await run(async () => {
      const own = new Error('mine');
      const throws = {
        toString() {
          throw own;
        },
      };
      const cases = [
        [],
        [Symbol('text')],
        ['text', 5],
        ['text', 'options'],
        ['text', { signal: null }],
        ['text', { signal: {} }],
        ['text', { signal: new AbortController() }],
      ];
      const names = ['translate', 'measureInputUsage', 'translateStreaming'];
      const found = [];
      for (const name of names) {
        for (const values of cases) {
          const result = await outcome(() => translator[name](...values));
          found.push(`${name} ${result}`);
        }
        const [how, what] = await outcome(() => translator[name](throws));
        found.push(`${name} ${how} ${what}`);
      }
      return [...new Set(found)];
    });
    assert.deepEqual(results, [
      'translate rejected,TypeError',
      'translate rejected Error',
      'measureInputUsage rejected,TypeError',
      'measureInputUsage rejected Error',
      'translateStreaming thrown,TypeError',
      'translateStreaming thrown Error',
    ]);
  });

  test('options_may_be_null_or_hold_anything_else', async () => {
    const results = await run(() =>
      Promise.all(
        [undefined, null, {}, { signal: undefined }, { other: 1 }, () => {}].map((options) =>
          translator.translate('Good morning.', options),
        ),
      ),
    );
    assert.deepEqual(results, Array(6).fill(results[0]));
    assert.match(results[0], /bom dia/i);
  });
});

describe('translate', () => {
  test('gives_back_what_there_is_nothing_to_translate_in', async () => {
    const different = await run(async () => {
      const texts = ['', ' ', '     ', ' \r\n\t\f', '\u00a0\u2003', '\u200b\u00ad\ufeff'];
      for (let c = 0; c <= 0x9f; c++) if (c < 0x20 || c >= 0x7f) texts.push(String.fromCharCode(c));
      const translated = await Promise.all(texts.map((text) => translator.translate(text)));
      const streamed = await Promise.all(
        texts.map(async (text) => (await read(translator.translateStreaming(text))).join('')),
      );
      const different = texts.filter((text, n) => translated[n] !== text || streamed[n] !== text);
      const around = texts.map((text) => `Hello ${text} world`);
      const others = await Promise.all(around.map((text) => translator.translate(text)));
      return [different, around.filter((text, n) => others[n] === text)];
    });
    assert.deepEqual(different, [[], []]);
  });

  test('settles_each_of_many_calls_with_its_own_answer', async () => {
    const [together, alone] = await run(async () => {
      const texts = ['Good morning.', 'The library is closed.', '', 'Where is the station?'];
      const together = await Promise.all(texts.map((text) => translator.translate(text)));
      const alone = [];
      for (const text of texts) alone.push(await translator.translate(text));
      return [together, alone];
    });
    assert.deepEqual(together, alone);
  });
});

describe('aborting', () => {
  test('before_during_and_after_a_call', async () => {
    const results = await run(async (long) => {
      const results = [];
      for (const reason of [undefined, 'a reason', new Error('an error')]) {
        const same = (value) =>
          reason === undefined
            ? value instanceof DOMException && value.name === 'AbortError'
            : value === reason;
        for (const name of ['translate', 'measureInputUsage']) {
          const controller = new AbortController();
          const { signal } = controller;
          const promises = [translator[name](long, { signal }), translator[name](long, { signal })];
          controller.abort(reason);
          promises.push(translator[name](long, { signal }));
          for (const promise of promises) {
            results.push(await promise.then(() => false, same));
          }
        }
      }
      const late = new AbortController();
      const text = await translator.translate('Good morning.', { signal: late.signal });
      late.abort();
      return [new Set(results).size, results[0], results.length, text];
    }, longText(300));
    assert.deepEqual(results.slice(0, 3), [1, true, 18]);
    assert.match(results[3], /bom dia/i);
  });

  test('one_call_leaves_the_others_alone', async () => {
    const results = await run(async (long) => {
      const controller = new AbortController();
      const first = outcome(() => translator.translate(long, { signal: controller.signal }));
      const second = outcome(() => translator.translate('Good morning.'));
      controller.abort('reason');
      return [await first, (await second)[0]];
    }, longText(300));
    assert.deepEqual(results, [['rejected', 'reason'], 'resolved']);
  });
});

describe('destroy', () => {
  test('rejects_what_is_pending_and_what_comes_later_and_open_streams', async () => {
    const results = await run(async (long) => {
      const isAbort = (error) => error instanceof DOMException && error.name === 'AbortError';
      const calls = () => [
        translator.translate(long),
        translator.measureInputUsage(long),
        translator.translate(''),
      ];
      const stream = translator.translateStreaming(long);
      const promises = [...calls(), read(stream)];
      const returned = [translator.destroy(), translator.destroy()];
      promises.push(...calls());
      const errors = await Promise.all(promises.map((promise) => promise.then(() => false, isAbort)));
      const later = await outcome(() => translator.translateStreaming(long));
      const { sourceLanguage, inputQuota } = translator;
      return { errors, returned, later, known: [sourceLanguage, inputQuota > 0] };
    }, longText(300));
    assert.deepEqual(results, {
      errors: Array(7).fill(true),
      returned: [undefined, undefined],
      later: ['thrown', 'AbortError'],
      known: ['en', true],
    });
  });

  test('of_one_translator_leaves_the_others_alone', async () => {
    const text = await run(async () => {
      const other = await Translator.create(EN_PT);
      translator.destroy();
      return other.translate('Good morning.').finally(() => other.destroy());
    });
    assert.match(text, /bom dia/i);
  });
});

describe('translateStreaming', () => {
  test('is_a_stream_of_strings_that_together_are_the_translation', async () => {
    const results = await run(async (texts) => {
      const results = [];
      for (const text of texts) {
        const stream = translator.translateStreaming(text);
        const chunks = await read(stream);
        results.push({
          isStream: stream instanceof ReadableStream,
          strings: chunks.every((chunk) => typeof chunk === 'string' && chunk !== ''),
          same: chunks.join('') === (await translator.translate(text)),
          chunks: chunks.length,
        });
      }
      return results;
    }, [
      ...['Good morning.', '', '  \n', '\tGood morning.  The library is closed. \r\n\r\n'],
      ...['The library \ud83d is closed.', longText(600)],
    ]);
    for (const { isStream, strings, same } of results) {
      assert.deepEqual([isStream, strings, same], [true, true, true]);
    }
    const counts = results.map(({ chunks }) => chunks);
    assert.deepEqual(counts.slice(0, 3), [1, 0, 1]);
    assert.ok(counts.at(-1) > 3, `${counts.at(-1)} parts of a long text`);
  });

  test('tells_the_first_sentence_long_before_the_last', async () => {
    const [first, whole, length] = await run(async (long) => {
      const start = performance.now();
      const reader = translator.translateStreaming(long).getReader();
      const { value } = await reader.read();
      const first = performance.now() - start;
      while (!(await reader.read()).done);
      return [first, performance.now() - start, value.length];
    }, longText(1500));
    assert.ok(first < whole / 3, `${first} of ${whole} ms`);
    assert.ok(length < 600, `${length} characters at first`);
  });

  test('throws_where_it_was_aborted_before_and_fails_where_it_is_aborted_later', async () => {
    const results = await run(async (long) => {
      const controller = new AbortController();
      const { signal } = controller;
      const stream = translator.translateStreaming(long, { signal });
      const reader = stream.getReader();
      await reader.read();
      const error = new Error('mine');
      controller.abort(error);
      const is = (value) => value === error;
      const read = [await reader.read().catch(is), await reader.closed.catch(is)];
      const thrown = await outcome(() => translator.translateStreaming(long, { signal }));
      const atOnce = new AbortController();
      const second = translator.translateStreaming(long, { signal: atOnce.signal });
      atOnce.abort();
      const piped = await outcome(() => second.pipeTo(new WritableStream()));
      return [...read, thrown, piped];
    }, longText(600));
    assert.deepEqual(results, [true, true, ['thrown', 'Error'], ['rejected', 'AbortError']]);
  });

  test('stops_when_nobody_reads_on', async () => {
    const results = await run(async (long) => {
      const stream = translator.translateStreaming(long);
      const chunks = [];
      for await (const chunk of stream) {
        chunks.push(chunk);
        if (chunks.length === 2) break;
      }
      const cancelled = await outcome(() => translator.translateStreaming(long).cancel('why not'));
      const start = performance.now();
      const text = await translator.translate('Good morning.');
      return [chunks.length, cancelled, text, performance.now() - start];
    }, longText(3000));
    assert.deepEqual(results.slice(0, 2), [2, ['resolved', undefined]]);
    assert.match(results[2], /bom dia/i);
    assert.ok(results[3] < 5000, `the next text took ${results[3]} ms`);
  });
});

describe('the quota', () => {
  test('is_what_measureInputUsage_may_say', async () => {
    const results = await run(async () => {
      const { inputQuota } = translator;
      const usage = async (length) => translator.measureInputUsage('a'.repeat(length));
      return { inputQuota, empty: await usage(0), ten: await usage(10), many: await usage(1e4) };
    });
    assert.ok(results.inputQuota >= 1e5 && Number.isFinite(results.inputQuota));
    assert.ok(results.empty > 0, 'positive where there is a quota');
    assert.ok(results.many / results.ten > 500, 'about proportional to the length');
  });

  test('is_a_limit_for_both_ways_to_translate', async () => {
    const results = await run(async () => {
      const { inputQuota } = translator;
      const text = 'a'.repeat(inputQuota + 1);
      const describe = (error) => [
        ...[error.name, error instanceof QuotaExceededError, error instanceof DOMException],
        ...[error.quota === inputQuota, error.requested > error.quota, error.code],
      ];
      return [
        (await translator.measureInputUsage(text)) > inputQuota,
        await translator.translate(text).catch(describe),
        await read(translator.translateStreaming(text)).catch(describe),
        await translator.measureInputUsage('a'.repeat(inputQuota)) === inputQuota,
      ];
    });
    const error = ['QuotaExceededError', true, true, true, true, 22];
    assert.deepEqual(results, [true, error, error, true]);
  });

  test('has_an_error_also_where_the_browser_has_no_class_for_it', async () => {
    const other = await visitor.context.newPage();
    await other.goto('/blank.html');
    const results = await other.evaluate(async () => {
      delete globalThis.QuotaExceededError;
      const { installPolyfill } = await import(new URL('package/index.js', location.href).href);
      installPolyfill({ force: true });
      const options = { sourceLanguage: 'en', targetLanguage: 'en' };
      const translator = await Translator.create(options);
      const text = 'a'.repeat(translator.inputQuota + 1);
      const error = await translator.translate(text).catch((error) => error);
      const { name, code, quota, requested } = error;
      const isOne = error instanceof QuotaExceededError && error instanceof DOMException;
      return { name, code, more: requested - quota, isOne };
    });
    assert.deepEqual(results, { name: 'QuotaExceededError', code: 22, more: 1, isOne: true });
    await other.close();
  });
});
