// The package by itself, as another site would use it: the Translator API, its errors, cancelling,
// awkward texts.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { DIST, MODEL, assertWords, openSite, visitPackage } from './harness.mjs';
import { EXPECTED, PARAGRAPH, longText } from './texts.mjs';

let site;
before(async () => (site = await openSite()));
after(() => site.close());

const EN_PT = { sourceLanguage: 'en', targetLanguage: 'pt' };
const PT_EN = { sourceLanguage: 'pt', targetLanguage: 'en' };

describe('Translator.create', () => {
  test('both_directions_translate', async () => {
    const { run, leave } = await visitPackage(site);
    const code = async ({ Translator }, { pair, text }) =>
      (await Translator.create(pair)).translate(text);
    assertWords(await run(code, { pair: EN_PT, text: PARAGRAPH.en }), EXPECTED.en);
    assertWords(await run(code, { pair: PT_EN, text: PARAGRAPH.pt }), EXPECTED.pt);
    await leave();
  });

  test('progress_goes_from_0_to_1_and_tells_bytes', async () => {
    const { run, leave } = await visitPackage(site);
    const create = async ({ Translator }, options) => {
      const events = [];
      const monitor = (m) =>
        m.addEventListener('downloadprogress', ({ loaded, total, loadedBytes, totalBytes }) =>
          events.push({ loaded, total, loadedBytes, totalBytes }),
        );
      const translator = await Translator.create({ ...options, monitor });
      await translator.kept;
      const { wire_bytes, kept, verified } = translator.info;
      translator.destroy();
      return { events, wire_bytes, kept, verified };
    };
    const first = await run(create, EN_PT);
    const shares = first.events.map((event) => event.loaded);
    assert.equal(shares[0], 0);
    assert.equal(shares.at(-1), 1);
    assert.equal(shares.filter((share) => share === 1).length, 1);
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    assert.ok(first.events.every((event) => event.total === 1));
    assert.equal(first.events.at(-1).loadedBytes, first.wire_bytes);
    assert.ok(first.kept && first.verified);

    const second = await run(create, EN_PT);
    assert.deepEqual(
      second.events.map((event) => event.loaded),
      [0, 1],
    );
    assert.equal(site.server.count(MODEL['en-pt']), 1, 'the second time it comes from storage');
    await leave();
  });

  test('region_tags_find_the_language', async () => {
    const { run, leave } = await visitPackage(site);
    const tags = await run(async ({ Translator }) => {
      const translator = await Translator.create({
        sourceLanguage: 'EN-us',
        targetLanguage: 'pt-br',
      });
      return [translator.sourceLanguage, translator.targetLanguage, translator.info.target];
    });
    assert.deepEqual(tags, ['en', 'pt', 'pt']);
    await leave();
  });

  test('whoever_asks_for_a_model_in_other_words_shares_it', async () => {
    const { run, page, leave } = await visitPackage(site);
    const texts = await run(async ({ Translator }, pair) => {
      const one = await Translator.create(pair);
      const other = await Translator.create({ sourceLanguage: 'en-GB', targetLanguage: 'pt-BR' });
      const before = await other.translate('Good morning.');
      one.destroy();
      const third = await Translator.create(pair);
      other.destroy();
      const after = await third.translate('Good morning.');
      await third.kept;
      third.destroy();
      return [before, after];
    }, EN_PT);
    for (const text of texts) assert.match(text, /bom dia/i);
    assert.equal(site.server.count(MODEL['en-pt']), 1);
    while (page.workers().length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await leave();
  });

  test('availability_tells_what_a_pair_needs', async () => {
    const { run, leave } = await visitPackage(site);
    const states = await run(async ({ Translator, package: { describeModel } }, pair) => {
      const before = await Translator.availability(pair);
      const creating = Translator.create(pair);
      const during = await Translator.availability(pair);
      await (await creating).kept;
      const after = await Translator.availability(pair);
      const { wire_bytes, licence } = await describeModel(pair);
      const none = await Translator.availability({ sourceLanguage: 'en', targetLanguage: 'fi' });
      return { before, during, after, none, wire_bytes, licence };
    }, EN_PT);
    const { wire_bytes, licence, ...availability } = states;
    assert.deepEqual(availability, {
      before: 'downloadable',
      during: 'downloading',
      after: 'available',
      none: 'unavailable',
    });
    assert.equal(wire_bytes, readFileSync(DIST + MODEL['en-pt']).length);
    assert.match(licence, /MPL/);
    await leave();
  });

  test('wrong_arguments_are_refused_by_name', async () => {
    const { run, leave } = await visitPackage(site);
    const names = await run(async ({ Translator }) => {
      const pair = { sourceLanguage: 'en', targetLanguage: 'pt' };
      const name = (promise) =>
        promise.then(
          () => 'no error',
          (error) => `${error.constructor.name} ${error.name}`,
        );
      const translator = await Translator.create(pair);
      return {
        nothing: await name(Translator.create()),
        missing: await name(Translator.create({ sourceLanguage: 'en' })),
        badTag: await name(Translator.create({ ...pair, targetLanguage: 'not a tag' })),
        badMonitor: await name(Translator.create({ ...pair, monitor: 1 })),
        badSignal: await name(Translator.create({ ...pair, signal: {} })),
        badThreads: await name(Translator.create({ ...pair, threads: 0 })),
        halfThreads: await name(Translator.create({ ...pair, threads: 1.5 })),
        badBackend: await name(Translator.create({ ...pair, backend: 'gpu' })),
        badListener: await name(Translator.create({ ...pair, onbackend: true })),
        badModel: await name(Translator.create({ ...pair, model: 'http://' })),
        unknownPair: await name(Translator.create({ sourceLanguage: 'en', targetLanguage: 'fi' })),
        noText: await name(translator.translate()),
        noArray: await name(translator.translateBatch('text')),
        noStrings: await name(translator.translateBatch(['text', 1])),
        construct: await name((async () => new Translator())()),
      };
    });
    assert.deepEqual(names, {
      nothing: 'TypeError TypeError',
      missing: 'TypeError TypeError',
      badTag: 'RangeError RangeError',
      badMonitor: 'TypeError TypeError',
      badSignal: 'TypeError TypeError',
      badThreads: 'RangeError RangeError',
      halfThreads: 'RangeError RangeError',
      badBackend: 'TypeError TypeError',
      badListener: 'TypeError TypeError',
      badModel: 'TypeError TypeError',
      unknownPair: 'DOMException NotSupportedError',
      noText: 'TypeError TypeError',
      noArray: 'TypeError TypeError',
      noStrings: 'TypeError TypeError',
      construct: 'TypeError TypeError',
    });
    await leave();
  });

  test('a_monitor_that_throws_rejects_with_its_error', async () => {
    const { run, leave } = await visitPackage(site);
    const message = await run(
      ({ Translator }, pair) =>
        Translator.create({
          ...pair,
          monitor: () => {
            throw new Error('mine');
          },
        }).catch((error) => error.message),
      EN_PT,
    );
    assert.equal(message, 'mine');
    await leave();
  });

  test('a_model_may_be_given_as_url_or_blob_and_must_fit_the_languages', async () => {
    const { run, leave } = await visitPackage(site);
    const results = await run(
      async ({ Translator }, { path, text }) => {
        const pair = { sourceLanguage: 'en', targetLanguage: 'pt' };
        const blob = await (await fetch(path)).blob();
        const fromBlob = await Translator.create({ ...pair, model: blob });
        const fromUrl = await Translator.create({ ...pair, model: new URL(path, location.href) });
        const wrong = await Translator.create({
          sourceLanguage: 'pt',
          targetLanguage: 'en',
          model: path,
        }).catch((e) => e);
        return [
          await fromBlob.translate(text),
          await fromUrl.translate(text),
          wrong.name,
          wrong.message,
        ];
      },
      { path: MODEL['en-pt'], text: PARAGRAPH.en },
    );
    assertWords(results[0], EXPECTED.en);
    assert.equal(results[1], results[0]);
    assert.equal(results[2], 'NotSupportedError');
    assert.match(results[3], /from en to pt, not from pt to en/);
    await leave();
  });
});

describe('one translator', () => {
  let visitor;
  before(async () => {
    visitor = await visitPackage(site);
    await visitor.run(
      async ({ Translator }, pair) => void (window.translator = await Translator.create(pair)),
      EN_PT,
    );
  });
  after(() => visitor.leave());
  const translate = (text) => visitor.run((_, text) => window.translator.translate(text), text);

  test('a_batch_keeps_its_order_and_leaves_blank_texts_alone', async () => {
    const texts = ['Good morning.', '', 'The library is closed.', ' \n\t', 'Good morning.'];
    const results = await visitor.run((_, texts) => window.translator.translateBatch(texts), texts);
    assert.equal(results.length, 5);
    assertWords(results[0], ['bom dia']);
    assertWords(results[2], ['biblioteca']);
    assert.deepEqual([results[1], results[3]], ['', ' \n\t']);
    assert.equal(results[4], results[0]);
  });

  test('blank_texts_come_back_as_they_are', async () => {
    for (const text of ['', '   ', '\r\n\r\n', '\u00a0\t'])
      assert.equal(await translate(text), text);
    assert.deepEqual(await visitor.run(() => window.translator.translateBatch([])), []);
  });

  test('emoji_alone_give_an_answer', async () => {
    assert.notEqual((await translate('🎉🎉 👩‍👩‍👧‍👦 🇧🇷')).trim(), '');
  });

  test('a_line_of_20000_characters_without_a_space_is_answered', { timeout: 300_000 }, async () => {
    const answer = await translate('abcdefghij'.repeat(2000));
    assert.ok(answer.length > 0);
    assert.match(await translate('Good morning.'), /bom dia/i, 'and the translator goes on');
  });

  test('lone_surrogates_do_not_disturb_their_sentence', async () => {
    for (const text of ['The library \ud83d is closed.', '\udc00The library is closed.']) {
      const answer = await translate(text);
      assertWords(answer, ['biblioteca']);
      assert.ok(await visitor.page.evaluate((answer) => answer.isWellFormed(), answer));
    }
  });

  test('mixed_scripts_are_answered', async () => {
    const answer = await translate('The word 圖書館 means library, and библиотека too.');
    assertWords(answer, ['biblioteca', 'palavra']);
  });

  test('windows_line_ends_stay', async () => {
    const answer = await translate('Good morning.\r\n\r\nThe library is closed.\r\n');
    assert.match(answer, /^bom dia\S*\r\n\r\n.*biblioteca.*\r\n$/i);
    assert.equal(answer.match(/\r\n/g).length, 3);
  });

  test('a_short_text_overtakes_a_long_one_and_aborting_settles_at_once', async () => {
    const result = await visitor.run(async (_, long) => {
      const controller = new AbortController();
      const events = [];
      const batch = window.translator
        .translateBatch(long.split('\n\n'), {
          signal: controller.signal,
          onprogress: ({ done, total }) => events.push(done / total),
        })
        .then(
          () => 'finished',
          (error) => error.name,
        );
      while (events.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
      const asked = performance.now();
      const short = await window.translator.translate('Where is the library?');
      const overtaken = performance.now() - asked;
      const share = events.at(-1);
      const abortedAt = performance.now();
      controller.abort();
      const name = await batch;
      const settled = performance.now() - abortedAt;
      const next = performance.now();
      await window.translator.translate('Good morning.');
      return { short, overtaken, share, name, settled, next: performance.now() - next };
    }, longText(5000));
    assertWords(result.short, ['biblioteca']);
    assert.ok(result.share < 1, `the long job was still at work (${result.share})`);
    assert.equal(result.name, 'AbortError');
    assert.ok(result.settled < 300, `settled after ${result.settled} ms`);
    assert.ok(result.overtaken < 3000, `the short text took ${result.overtaken} ms`);
    assert.ok(result.next < 3000, `the next text took ${result.next} ms`);
  });

  test('an_aborted_signal_rejects_with_its_reason', async () => {
    const reasons = await visitor.run(async () => {
      const signal = AbortSignal.abort('no more');
      return [
        await window.translator.translate('Good morning.', { signal }).catch((reason) => reason),
        await window.translator
          .translateBatch(['Good morning.'], { signal })
          .catch((reason) => reason),
      ];
    });
    assert.deepEqual(reasons, ['no more', 'no more']);
  });
});

describe('destroy', () => {
  test('calls_in_progress_and_later_ones_get_an_abort_error', async () => {
    const { run, leave } = await visitPackage(site);
    const names = await run(
      async ({ Translator }, { pair, text }) => {
        const translator = await Translator.create(pair);
        const other = await Translator.create(pair);
        const running = translator.translate(text);
        translator.destroy();
        translator.destroy();
        const during = await running.catch((error) => `${error.constructor.name} ${error.name}`);
        const after = await translator
          .translate('Hello.')
          .catch((error) => `${error.constructor.name} ${error.name}`);
        return [during, after, await other.translate('The library is closed.')];
      },
      { pair: EN_PT, text: PARAGRAPH.en.repeat(20) },
    );
    assert.deepEqual(names.slice(0, 2), ['DOMException AbortError', 'DOMException AbortError']);
    assertWords(names[2], ['biblioteca']);
    await leave();
  });

  test('the_signal_of_create_destroys_the_translator_later', async () => {
    const { run, leave } = await visitPackage(site);
    const reason = await run(async ({ Translator }, pair) => {
      const controller = new AbortController();
      const translator = await Translator.create({ ...pair, signal: controller.signal });
      controller.abort('over');
      return translator.translate('Hello.').catch((reason) => reason);
    }, EN_PT);
    assert.equal(reason, 'over');
    await leave();
  });

  test('after_the_last_one_the_worker_ends_and_its_memory_is_given_back', async () => {
    const { run, page, leave } = await visitPackage(site);
    await run(
      async ({ Translator }, pair) =>
        void (window.two = [await Translator.create(pair), await Translator.create(pair)]),
      EN_PT,
    );
    const engines = page.workers().filter((worker) => worker.url().endsWith('/worker.js'));
    assert.equal(engines.length, 1);
    await run(() => window.two[0].destroy());
    assert.match(await run(() => window.two[1].translate('Good morning.')), /bom dia/i);
    await run(() => window.two[1].kept);
    const ended = page.workers().map((one) => new Promise((done) => one.once('close', done)));
    await run(() => window.two[1].destroy());
    await Promise.all(ended);
    assert.equal(page.workers().length, 0);
    const again = await run(
      async ({ Translator }, pair) => (await Translator.create(pair)).translate('Good morning.'),
      EN_PT,
    );
    assert.match(again, /bom dia/i);
    assert.equal(site.server.count(MODEL['en-pt']), 1);
    await leave();
  });
});
