// Many callers of one page: one engine and one copy of each model, every call settled, work that is given
// up really stopped.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DIST, MODEL, assertWords, faults, openSite, visitPackage } from './harness.mjs';
import { EXPECTED, PARAGRAPH, longText } from './texts.mjs';

const EN_PT = { sourceLanguage: 'en', targetLanguage: 'pt' };
const PT_EN = { sourceLanguage: 'pt', targetLanguage: 'en' };
const WORKER = '/package/worker.js';

/** All code that a visit fetches before its first translation, each file gzipped. */
const FIRST_VISIT = 450_000;
/** Where a machine under load may be late: what is meant is 100 ms. */
const STOPPED_MS = 1000;
/** What the engine's memory may have grown by when as many texts meet in another order. */
const GROWTH = 2 ** 20;

let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** A visit with more code at the end of a script of the package. */
const visitWith = (path, code) =>
  visitPackage(site, { prepare: () => site.server.faults.set(path, faults.appended(code)) });

/** Answers questions of the page. */
const REPORT = `
{
  const channel = new BroadcastChannel('report');
  channel.onmessage = async ({ data }) => {
    if (data === 'memory?') channel.postMessage({ memory: (await host).memory.buffer.byteLength });
    if (data === 'last?') channel.postMessage({ last });
  };
  let last = 0;
  const { poll } = Engine.prototype;
  Engine.prototype.poll = async function (budget) {
    const report = await poll.call(this, budget);
    last = performance.timeOrigin + performance.now();
    return report;
  };
}`;

const ask = ({ page }, question) =>
  page.evaluate(
    (question) =>
      new Promise((resolve) => {
        const channel = new BroadcastChannel('report');
        channel.onmessage = ({ data }) => {
          if (typeof data === 'string') return;
          channel.close();
          resolve(data);
        };
        channel.postMessage(question);
      }),
    question,
  );

const engines = (page) => page.workers().filter((worker) => worker.url().endsWith('/worker.js'));

/** The same numbers from 0 to 1 in every run. */
function seeded(seed) {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

test('importing_costs_one_request_and_starts_nothing_and_a_first_translation_little', async (t) => {
  const { page, run, leave } = await visitPackage(site);
  await run(() => {});
  await page.waitForTimeout(200);
  assert.deepEqual(site.server.requests, ['/blank.html', '/package/index.js']);
  assert.deepEqual(page.workers(), []);
  assert.equal(await run(({ Translator }, pair) => Translator.availability(pair), EN_PT), 'downloadable');
  assert.deepEqual(site.server.requests.slice(2), [WORKER, '/models/registry.json']);
  const text = await run(
    async ({ Translator }, { pair, text }) => (await Translator.create(pair)).translate(text),
    { pair: EN_PT, text: PARAGRAPH.en },
  );
  assertWords(text, EXPECTED.en);
  const code = [...new Set(site.server.requests)].filter((path) => path.startsWith('/package/'));
  assert.ok(code.some((path) => path.endsWith('.wasm')));
  const bytes = code.reduce((sum, path) => sum + gzipSync(readFileSync(DIST + path), { level: 9 }).length, 0);
  t.diagnostic(`${code.join(', ')}: ${bytes} bytes`);
  assert.ok(bytes <= FIRST_VISIT, `${bytes} bytes gzipped, expected at most ${FIRST_VISIT}`);
  await leave();
});

/** A hundred texts, no two the same, most of a sentence or two, some of a page. */
function hundredTexts(random) {
  const sentences = { en: longText(300).split(/(?<=[.?])\s+/), pt: PARAGRAPH.pt.split(/(?<=\.)\s+/) };
  return Array.from({ length: 100 }, (_, i) => {
    const language = i % 4 === 3 ? 'pt' : 'en';
    const count = i % 10 === 0 ? 12 : 1 + Math.floor(random() * 2);
    const pick = () => sentences[language][Math.floor(random() * sentences[language].length)];
    return { language, text: `${i}: ${Array.from({ length: count }, pick).join(' ')}` };
  });
}

test('of_100_calls_with_30_aborts_each_settles_with_its_translation_or_its_reason', { timeout: 300_000 }, async (t) => {
  const visitor = await visitWith(WORKER, REPORT);
  const { page, run } = visitor;
  await run(
    async ({ Translator }, { EN_PT, PT_EN }) => {
      const create = (pair) => Translator.create({ ...pair, threads: 2, backend: 'wasm' });
      window.all = { en: await Promise.all([create(EN_PT), create(EN_PT), create(EN_PT)]), pt: [await create(PT_EN)] };
    },
    { EN_PT, PT_EN },
  );
  await page.waitForFunction(() => window.all.en[0].info.threads === 2);
  assert.equal(engines(page).length, 1, 'all translators share an engine');
  assert.equal(site.server.requests.filter((path) => path.endsWith('.wasm')).length, 1);
  for (const path of Object.values(MODEL)) assert.equal(site.server.count(path), 1, 'and one copy of a model');

  const random = seeded(7);
  const texts = hundredTexts(random);
  const aborts = new Map();
  while (aborts.size < 30) aborts.set(Math.floor(random() * 100), random());
  const { expected, seconds } = await run(async (_, texts) => {
    const begun = performance.now();
    const expected = [];
    for (const { language, text } of texts) expected.push(await window.all[language][0].translate(text));
    return { expected, seconds: (performance.now() - begun) / 1000 };
  }, texts);

  const storm = () =>
    run(
      async (_, { texts, aborts, span }) => {
        const before = performance.now();
        const settled = await Promise.all(
          texts.map(async ({ language, text }, i) => {
            const translators = window.all[language];
            const controller = new AbortController();
            const when = new Map(aborts).get(i);
            if (when !== undefined) setTimeout(() => controller.abort(`reason ${i}`), when * span);
            const { signal } = controller;
            return translators[i % translators.length].translate(text, { signal }).then(
              (value) => ({ value }),
              (reason) => ({ reason }),
            );
          }),
        );
        return { settled, ms: performance.now() - before };
      },
      // Spread over about the time that all of it takes with two threads.
      { texts, aborts: [...aborts], span: seconds * 500 },
    );

  const memory = [];
  for (let round = 0; round < 3; round++) {
    const { settled, ms } = await storm();
    let given = 0;
    settled.forEach(({ value, reason }, i) => {
      if (reason === undefined) return assert.equal(value, expected[i], `text ${i}`);
      given++;
      assert.ok(aborts.has(i), `text ${i} was not aborted, but failed: ${reason}`);
      assert.equal(reason, `reason ${i}`);
    });
    t.diagnostic(`${given} of 30 aborted before they were done, ${Math.round(ms)} ms in all`);
    assert.ok(given >= 5, `only ${given} calls were aborted in time to see anything`);
    memory.push((await ask(visitor, 'memory?')).memory);
    assert.equal(page.workers().filter((worker) => !worker.url().endsWith('gunzip.js')).length, 2);
  }
  t.diagnostic(`memory after each round: ${memory.join(', ')}`);
  assert.ok(memory[2] - memory[0] <= GROWTH, `${memory[2] - memory[0]} bytes more after two more rounds`);

  await run(() => Promise.all(Object.values(window.all).flatMap((all) => all.map(({ kept }) => kept))));
  const ended = page.workers().map((worker) => new Promise((resolve) => worker.once('close', resolve)));
  await run(() => Object.values(window.all).flat().forEach((translator) => translator.destroy()));
  await Promise.all(ended);
  assert.deepEqual(page.workers(), []);
  await visitor.leave();
});

test('a_short_text_overtakes_a_long_one_of_another_translator_and_model', async () => {
  const { run, leave } = await visitPackage(site);
  const result = await run(
    async ({ Translator }, { EN_PT, PT_EN, long, short }) => {
      const create = (pair) => Translator.create({ ...pair, threads: 1, backend: 'wasm' });
      const [one, other] = [await create(EN_PT), await create(PT_EN)];
      let isOver = false;
      const controller = new AbortController();
      const { signal } = controller;
      const batch = one.translateBatch(long.split('\n\n'), { signal }).catch(() => {});
      void batch.then(() => (isOver = true));
      await new Promise((resolve) => setTimeout(resolve, 100));
      const text = await other.translate(short);
      controller.abort();
      return { text, isOver };
    },
    { EN_PT, PT_EN, long: longText(10_000), short: PARAGRAPH.pt },
  );
  assertWords(result.text, EXPECTED.pt);
  assert.ok(!result.isOver, 'the long text was still at work');
  await leave();
});

/** Processor time in ms that all pages together have taken so far, whatever their threads are. */
async function processorTime(session) {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const pages = processInfo.filter(({ type }) => type === 'renderer');
  return pages.reduce((sum, { cpuTime }) => sum + 1000 * cpuTime, 0);
}

/** How long is looked on after a call was aborted: far longer than any part of its work takes. */
const AFTERMATH_MS = 600;

for (const threads of [1, 2]) {
  test(`aborting_while_${threads}_compute_settles_at_once_and_ends_the_work`, { timeout: 120_000 }, async (t) => {
    const visitor = await visitWith(WORKER, REPORT);
    await visitor.run(
      async ({ Translator }, options) => void (window.translator = await Translator.create(options)),
      { ...EN_PT, threads, backend: 'wasm' },
    );
    await visitor.page.waitForFunction((threads) => window.translator.info.threads === threads, threads);
    const session = await site.browser.newBrowserCDPSession();
    const settled = [];
    const stopped = [];
    const spent = [];
    for (let i = 0; i < 9; i++) {
      const { asked, ms } = await visitor.run(async (_, text) => {
        const controller = new AbortController();
        const { signal } = controller;
        let begun;
        const progress = new Promise((resolve) => (begun = resolve));
        const outcome = window.translator
          .translateBatch(text.split('\n\n'), { signal, onprogress: begun })
          .catch((reason) => reason);
        await progress;
        const asked = performance.now();
        controller.abort('enough');
        if ((await outcome) !== 'enough') throw new Error('It was not aborted.');
        return { asked: performance.timeOrigin + asked, ms: performance.now() - asked };
      }, longText(6000));
      settled.push(ms);
      const before = await processorTime(session);
      await visitor.page.waitForTimeout(AFTERMATH_MS);
      spent.push((await processorTime(session)) - before);
      const { last } = await ask(visitor, 'last?');
      stopped.push(Math.max(0, last - asked));
    }
    const median = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
    const said = (times) => `${median(times).toFixed(1)} ms in the median, at most ${Math.max(...times).toFixed(1)}`;
    t.diagnostic(`settled after ${said(settled)}; the engine's last work ended after ${said(stopped)}`);
    t.diagnostic(`processor time of all threads in the ${AFTERMATH_MS} ms that followed: ${said(spent)}`);
    assert.ok(Math.max(...settled) < STOPPED_MS);
    assert.ok(median(stopped) < STOPPED_MS / 2);
    assert.ok(median(spent) < AFTERMATH_MS / 2, 'no thread goes on with it');
    await visitor.leave();
  });
}
