// What happens when a worker dies: calls are made again once or fail, none hangs, and whoever comes later
// finds everything in order.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BREAKDOWN, MODEL, assertWords, faults, openSite, visitPackage } from './harness.mjs';
import { EXPECTED, PARAGRAPH, longText } from './texts.mjs';

const EN_PT = { sourceLanguage: 'en', targetLanguage: 'pt' };
const PT_EN = { sourceLanguage: 'pt', targetLanguage: 'en' };
const WORKER = '/package/worker.js';
const THREAD = '/package/thread.js';

/** Where a machine under load may be late: what is meant is at once. */
const AT_ONCE_MS = 1000;

let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** A visit with more code at the end of a script of the package. */
const visitWith = (path, code) =>
  visitPackage(site, { prepare: () => site.server.faults.set(path, faults.appended(code)) });

/** Translates and tells what became of it. */
const outcome = ({ run }, text) =>
  run(
    (_, text) =>
      window.translator.translate(text).then(
        (value) => ({ value }),
        ({ name, message }) => ({ name, message }),
      ),
    text,
  );

const createTranslator = ({ run }, options) =>
  run(
    async ({ Translator }, options) => void (window.translator = await Translator.create(options)),
    options,
  );

/** The worker ends itself while it has something to do, as when a browser ends it: without an event. */
const VANISH = (word) => `
{
  const { submit } = Engine.prototype;
  Engine.prototype.submit = function (texts, ...options) {
    if (texts.some((text) => text.includes('${word}'))) self.close();
    return submit.call(this, texts, ...options);
  };
}`;

test('a_worker_that_ends_without_a_word_is_noticed_and_its_call_made_again', async () => {
  const visitor = await visitWith(WORKER, VANISH('council'));
  await createTranslator(visitor, { ...EN_PT, threads: 1 });
  site.server.faults.clear();
  assertWords((await outcome(visitor, PARAGRAPH.en)).value, EXPECTED.en);
  assert.equal(site.server.count(WORKER), 2);
  await visitor.leave();
});

test('a_worker_that_ends_without_a_word_again_fails_the_call_and_others_go_on', async () => {
  const visitor = await visitWith(WORKER, VANISH('council'));
  await createTranslator(visitor, { ...EN_PT, threads: 1 });
  const { name, message } = await outcome(visitor, PARAGRAPH.en);
  assert.equal(name, 'OperationError');
  assert.match(message, /translation worker stopped: the browser has ended it/);
  assert.match((await outcome(visitor, 'Good morning.')).value, /bom dia/i);
  assert.equal(site.server.count(WORKER), 3);
  await visitor.leave();
});

const VANISH_WHEN_TOLD = "new BroadcastChannel('vanish').onmessage = () => self.close();";

test('a_worker_that_ended_while_nobody_waited_is_replaced_by_the_next_call', async () => {
  const visitor = await visitWith(WORKER, VANISH_WHEN_TOLD);
  await createTranslator(visitor, { ...EN_PT, threads: 1 });
  await visitor.run(() => window.translator.kept);
  const [worker] = visitor.page.workers();
  const ended = new Promise((resolve) => worker.once('close', resolve));
  await visitor.page.evaluate(() => new BroadcastChannel('vanish').postMessage(''));
  await ended;
  assertWords((await outcome(visitor, PARAGRAPH.en)).value, EXPECTED.en);
  await visitor.leave();
});

/** A helper that is counted on and is gone a moment later. */
const VANISHING_HELPER = `
self.onmessage = ({ data: port }) => {
  port.onmessage = async () => {
    port.postMessage({ type: 'started', lock: await holdLock() });
    new BroadcastChannel('helper').onmessage = () => self.close();
  };
};`;

test('a_helper_that_ends_without_a_word_is_noticed_and_costs_no_call', async () => {
  const visitor = await visitWith(THREAD, VANISHING_HELPER);
  await createTranslator(visitor, { ...EN_PT, threads: 2 });
  await visitor.page.waitForFunction(() => window.translator.info.threads === 2);
  site.server.faults.clear();
  await visitor.page.evaluate(() => new BroadcastChannel('helper').postMessage('vanish'));
  await visitor.page.waitForFunction(() => window.translator.info.threads === 1);
  assertWords((await outcome(visitor, PARAGRAPH.en)).value, EXPECTED.en);
  assert.equal(site.server.count(WORKER), 2);
  await visitor.leave();
});

test('a_worker_for_unpacking_that_ends_without_a_word_fails_the_load_and_the_next_one_works', async () => {
  const vanish = `
{
  const { onmessage } = self;
  self.onmessage = (event) => {
    onmessage(event);
    event.data.onmessage = () => self.close();
  };
}`;
  const visitor = await visitWith('/package/gunzip.js', vanish);
  await assert.rejects(createTranslator(visitor, EN_PT), /OperationError: The unpacking of the model stopped/);
  site.server.faults.clear();
  await createTranslator(visitor, EN_PT);
  assertWords((await outcome(visitor, PARAGRAPH.en)).value, EXPECTED.en);
  await visitor.leave();
});

/** The worker ends itself when it has told the first part of a translation. */
const VANISH_IN_THE_MIDDLE = `
{
  const { poll } = Engine.prototype;
  Engine.prototype.poll = async function (budget) {
    const report = await poll.call(this, budget);
    if (report.texts.length > 0) setTimeout(() => self.close());
    return report;
  };
}`;

test('a_stream_whose_worker_ends_in_the_middle_goes_on_where_it_was', async () => {
  const visitor = await visitWith(WORKER, VANISH_IN_THE_MIDDLE);
  await createTranslator(visitor, { ...EN_PT, threads: 1 });
  site.server.faults.clear();
  const [parts, whole] = await visitor.run(async (_, text) => {
    const parts = [];
    for await (const part of window.translator.translateStreaming(text)) parts.push(part);
    return [parts, await window.translator.translate(text)];
  }, longText(300));
  assert.equal(parts.join(''), whole);
  assert.ok(parts.length > 2, `${parts.length} parts`);
  assert.equal(site.server.count(WORKER), 2);
  await visitor.leave();
});

test('a_text_that_kills_its_worker_fails_alone', async () => {
  const visitor = await visitWith(WORKER, BREAKDOWN);
  const outcomes = await visitor.run(
    async ({ Translator }, { EN_PT, PT_EN, texts }) => {
      const translators = { en: await Translator.create(EN_PT), pt: await Translator.create(PT_EN) };
      const calls = texts.map(([language, text]) => translators[language].translate(text));
      return (await Promise.allSettled(calls)).map(({ value, reason }) => value ?? `${reason.name}: ${reason.message}`);
    },
    {
      EN_PT,
      PT_EN,
      texts: [['en', PARAGRAPH.en], ['en', 'A BREAKDOWN.'], ['pt', PARAGRAPH.pt], ['en', 'Good morning.']],
    },
  );
  assertWords(outcomes[0], EXPECTED.en);
  assert.match(outcomes[1], /^OperationError: .*unreachable, for the test/);
  assertWords(outcomes[2], EXPECTED.pt);
  assert.match(outcomes[3], /bom dia/i);
  assert.equal(site.server.count(WORKER), 3, 'it died once for all and once for the one');
  await visitor.leave();
});

test('a_call_is_aborted_at_once_while_its_second_attempt_loads_the_model', async () => {
  const visitor = await visitWith(WORKER, BREAKDOWN);
  await createTranslator(visitor, EN_PT);
  await visitor.run(async () => {
    await window.translator.kept;
    await caches.delete('pocketglot-models-v1');
  });
  const again = site.server.count(MODEL['en-pt']) + 1;
  site.server.faults.set(MODEL['en-pt'], faults.slow(1e6));
  await visitor.run(() => {
    window.controller = new AbortController();
    const { signal } = window.controller;
    window.call = window.translator.translate('A BREAKDOWN.', { signal }).catch((reason) => reason);
  });
  while (site.server.count(MODEL['en-pt']) < again) await visitor.page.waitForTimeout(20);
  const { reason, ms } = await visitor.run(async () => {
    const asked = performance.now();
    window.controller.abort('enough');
    return { reason: await window.call, ms: performance.now() - asked };
  });
  assert.equal(reason, 'enough');
  assert.ok(ms < AT_ONCE_MS);
  while (!site.server.abandoned.includes(MODEL['en-pt'])) await visitor.page.waitForTimeout(20);
  await visitor.leave();
});

test('a_laboratory_that_ends_without_a_word_fails_its_call_and_the_next_one_works', async () => {
  const vanish = `
{
  const { onmessage } = self;
  self.onmessage = (event) => (event.data.method === 'measure' ? self.close() : onmessage(event));
}`;
  const visitor = await visitWith('/package/lab.worker.js', vanish);
  await visitor.run(
    async ({ package: { Model } }, pair) => void (window.model = await Model.load(pair)),
    EN_PT,
  );
  const measure = () =>
    visitor.run(async () => {
      // A smaller model, whose length when gzipped nobody knows yet.
      const { model } = await window.model.compress('half', { gzip: false });
      return model.measure().catch(({ name, message }) => `${name}: ${message}`);
    });
  assert.match(await measure(), /^OperationError: The laboratory stopped: the browser has ended it/);
  site.server.faults.clear();
  assert.ok((await measure()).wire_bytes > 1e6);
  await visitor.leave();
});
