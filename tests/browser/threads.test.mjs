// Threads and builds of the engine: the same translations whatever computes them, and no call that
// hangs whatever happens to a helper.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FAILED_REQUESTS, assertWords, faults, openSite, visitPackage } from './harness.mjs';
import { EXPECTED, PARAGRAPH, longText } from './texts.mjs';

const PAIR = { sourceLanguage: 'en', targetLanguage: 'pt' };
const THREAD = '/package/thread.js';

let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** A visit with `window.translator`, after `prepare` has arranged the server. */
async function visitTranslator({ threads, isolated = true, allowed, prepare }) {
  const visitor = await visitPackage(site, { path: null, allowed });
  site.server.isolated = isolated;
  prepare?.();
  await visitor.page.goto('/blank.html');
  await visitor.run(
    async ({ Translator }, options) => void (window.translator = await Translator.create(options)),
    { ...PAIR, threads },
  );
  return visitor;
}

/** Waits until so many threads compute. */
const untilThreads = ({ page }, count) =>
  page.waitForFunction((count) => window.translator.info.threads === count, count);

const translate = ({ run }, text) => run((_, text) => window.translator.translate(text), text);
const info = ({ run }) => run(() => window.translator.info);

/** Changes what the browser says that it can, before the engine is started. @param {string} code */
const startWith = (code) => () => site.server.faults.set('/package/worker.js', faults.appended(code));

/** As a browser without relaxed SIMD: one probe holds the opcode of a relaxed dot product. */
const WITHOUT_RELAXED = `
{
  const { validate } = WebAssembly;
  WebAssembly.validate = (bytes) => !bytes.includes(0x93) && validate(bytes);
}`;

/** As a browser that gives no shared memory to pages that are not isolated. */
const WITHOUT_SHARED_MEMORY = `
{
  const { Memory } = WebAssembly;
  WebAssembly.Memory = function (options) {
    if (options.shared) throw new TypeError('not here');
    return new Memory(options);
  };
}`;

/** As WebKitGTK: an isolated page can make shared memory, and yet not post it. */
const WITHOUT_CLASS = `
{
  delete globalThis.SharedArrayBuffer;
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message.memory) throw new DOMException('not here', 'DataCloneError');
    postMessage.call(this, message, ...rest);
  };
}`;

/** As a browser from before WebAssembly had atomics. */
const WITHOUT_ATOMICS = `
{
  const { validate } = WebAssembly;
  WebAssembly.validate = (bytes) => !bytes.includes(0xfe) && validate(bytes);
}`;

const TEXT = longText(600);

test('both_builds_and_any_number_of_threads_give_the_same_translation', async () => {
  const results = new Map();
  for (const [name, engine, count, options] of [
    ['one thread', 'relaxed', 1, { threads: 1 }],
    ['two threads', 'relaxed', 2, { threads: 2 }],
    ['three threads', 'relaxed', 3, { threads: 3 }],
    ['not isolated', 'relaxed', 1, { threads: 2, isolated: false }],
    ['plain SIMD', 'simd', 2, { threads: 2, prepare: startWith(WITHOUT_RELAXED) }],
    ['nothing to share', 'relaxed', 1, { threads: 2, prepare: startWith(WITHOUT_CLASS) }],
    [
      'no shared memory',
      'relaxed',
      1,
      { threads: 2, isolated: false, prepare: startWith(WITHOUT_SHARED_MEMORY) },
    ],
  ]) {
    const visitor = await visitTranslator(options);
    await untilThreads(visitor, count);
    results.set(name, await translate(visitor, TEXT));
    const { threads, engine: build } = await info(visitor);
    assert.deepEqual([threads, build], [count, engine], name);
    const modules = site.server.requests.filter((path) => path.endsWith('.wasm'));
    assert.deepEqual(modules, [`/package/engine-${engine}.wasm`], `${name}: one is downloaded`);
    await visitor.leave();
  }
  for (const [name, text] of results) assert.equal(text, results.get('one thread'), name);
});

test('the_page_decides_on_threads_where_nobody_says', async () => {
  const visitor = await visitTranslator({});
  const cores = await visitor.page.evaluate(() => navigator.hardwareConcurrency);
  await untilThreads(visitor, Math.min(8, Math.max(Math.min(2, cores), cores - 1)));
  await visitor.leave();
});

test('of_several_numbers_of_threads_the_largest_counts', async () => {
  const visitor = await visitTranslator({ threads: 1 });
  assert.equal((await info(visitor)).threads, 1);
  await visitor.run(
    async ({ Translator }, options) => {
      const other = await Translator.create(options);
      await other.translate('Good morning.');
    },
    { ...PAIR, threads: 3 },
  );
  await untilThreads(visitor, 3);
  await visitor.leave();
});

test('a_browser_without_atomics_is_told_so', async () => {
  const visitor = await visitPackage(site, { path: null });
  startWith(WITHOUT_ATOMICS)();
  await visitor.page.goto('/blank.html');
  const error = await visitor.run(
    ({ Translator }, pair) => Translator.create(pair).catch(({ name, message }) => ({ name, message })),
    PAIR,
  );
  assert.equal(error.name, 'NotSupportedError');
  assert.match(error.message, /no WebAssembly atomics/);
  await visitor.leave();
});

for (const [what, fault] of [
  ['cannot_be_loaded', faults.notFound()],
  ['cannot_start', faults.replaced('throw new Error("no");', 'text/javascript')],
]) {
  test(`a_helper_that_${what}_is_done_without`, async () => {
    const visitor = await visitTranslator({
      threads: 3,
      allowed: FAILED_REQUESTS,
      prepare: () => site.server.faults.set(THREAD, fault),
    });
    assertWords(await translate(visitor, PARAGRAPH.en), EXPECTED.en);
    assert.equal((await info(visitor)).threads, 1);
    await visitor.leave();
  });
}

for (const [what, fault] of [
  ['cannot_be_loaded', faults.notFound()],
  ['cannot_start', faults.replaced('throw new Error("no");', 'text/javascript')],
]) {
  test(`a_worker_for_unpacking_that_${what}_is_done_without`, async () => {
    const visitor = await visitTranslator({
      allowed: FAILED_REQUESTS,
      prepare: () => site.server.faults.set('/package/gunzip.js', fault),
    });
    assertWords(await translate(visitor, PARAGRAPH.en), EXPECTED.en);
    await visitor.leave();
  });
}

/** A translator with a helper that breaks down in its work. */
async function visitWithTrap() {
  const visitor = await visitTranslator({
    threads: 2,
    prepare: () => site.server.faults.set(THREAD, faults.appended(TRAP)),
  });
  await untilThreads(visitor, 2);
  return visitor;
}

const workersStarted = () => site.server.count('/package/worker.js');

test('a_helper_that_breaks_down_costs_no_call_which_is_made_again_on_a_new_worker', async () => {
  const visitor = await visitWithTrap();
  site.server.faults.clear();
  assert.equal(workersStarted(), 1);
  const { translation, done } = await visitor.run(async (_, text) => {
    const done = [];
    const onprogress = (progress) => done.push(progress.done);
    const [translation] = await window.translator.translateBatch([text], { onprogress });
    return { translation, done };
  }, TEXT);
  assert.equal(workersStarted(), 2);
  assert.deepEqual(done, [...new Set(done)].sort((a, b) => a - b), 'progress goes on and never back');
  assert.equal(await translate(visitor, TEXT), translation);
  await visitor.leave();
});

test('a_helper_that_breaks_down_again_fails_the_calls_in_progress_and_the_next_ones_work', async () => {
  const visitor = await visitWithTrap();
  const error = await visitor.run(
    (_, text) => window.translator.translate(text).catch(({ name, message }) => ({ name, message })),
    longText(4000),
  );
  assert.equal(error.name, 'OperationError');
  assert.match(error.message, /engine stopped: unreachable, for the test/);
  assert.equal(workersStarted(), 2);
  site.server.faults.clear();
  assertWords(await translate(visitor, PARAGRAPH.en), EXPECTED.en);
  assert.equal(workersStarted(), 3);
  await visitor.leave();
});

/** The news of a first result never comes: the thread that should tell it breaks down. */
const TRAP = `
{
  const { postMessage } = self;
  self.postMessage = (message) => {
    if (message === 'news') throw new WebAssembly.RuntimeError('unreachable, for the test');
    postMessage(message);
  };
}`;

test('destroying_while_helpers_compute_ends_the_calls_and_all_workers', async () => {
  const visitor = await visitTranslator({ threads: 3 });
  await untilThreads(visitor, 3);
  await visitor.run(() => window.translator.kept);
  const ended = visitor.page.workers().map((one) => new Promise((done) => one.once('close', done)));
  assert.equal(ended.length, 3);
  const name = await visitor.run(async (_, text) => {
    let begun;
    const progress = new Promise((resolve) => (begun = resolve));
    const running = window.translator.translateBatch([text], { onprogress: begun });
    running.catch(() => {});
    await progress;
    window.translator.destroy();
    return running.catch((error) => error.name);
  }, longText(3000));
  assert.equal(name, 'AbortError');
  await Promise.all(ended);
  assert.deepEqual(visitor.page.workers(), []);
  await visitor.leave();
});

test('with_helpers_at_work_a_call_is_aborted_at_once_and_a_short_text_overtakes', async () => {
  const visitor = await visitTranslator({ threads: 2 });
  await untilThreads(visitor, 2);
  const result = await visitor.run(async (_, long) => {
    const controller = new AbortController();
    const { signal } = controller;
    let begun;
    const progress = new Promise((resolve) => (begun = resolve));
    const batch = window.translator.translateBatch(long.split('\n\n'), { signal, onprogress: begun });
    let over = false;
    const outcome = batch.then(() => 'finished', (error) => error.name).finally(() => (over = true));
    await progress;
    const short = await window.translator.translate('Where is the library?');
    const overtook = !over;
    const asked = performance.now();
    controller.abort();
    const name = await outcome;
    const settled = performance.now() - asked;
    await window.translator.translate('Good morning.');
    return { short, overtook, name, settled, next: performance.now() - asked };
  }, longText(5000));
  assertWords(result.short, ['biblioteca']);
  assert.ok(result.overtook, 'the long text was still at work');
  assert.equal(result.name, 'AbortError');
  assert.ok(result.settled < 100, `settled after ${result.settled} ms`);
  assert.ok(result.next < 2000, `the next text took ${result.next} ms`);
  await visitor.leave();
});

test('memory_stays_as_it_is_after_the_first_hundred_sentences', { timeout: 300_000 }, async () => {
  const visitor = await visitTranslator({
    threads: 2,
    prepare: () => site.server.faults.set('/package/worker.js', faults.appended(REPORT_MEMORY)),
  });
  await untilThreads(visitor, 2);
  const bytes = await visitor.run(async (_, text) => {
    const measure = () =>
      new Promise((resolve) => {
        const channel = new BroadcastChannel('memory');
        channel.onmessage = ({ data }) => typeof data === 'number' && (channel.close(), resolve(data));
        channel.postMessage('how much?');
      });
    const sentences = text.split(/(?<=\.)\s+/);
    const at = [];
    for (let i = 0; i < 400; i++) {
      // Alone, and now and then as a document that helpers share.
      if (i % 50 === 49) await window.translator.translateBatch([text]);
      else await window.translator.translate(`${i}: ${sentences[i % sentences.length]}`);
      if (i === 99 || i === 399) at.push(await measure());
    }
    return at;
  }, TEXT);
  assert.ok(bytes[0] > 1e6);
  // The largest batches of two threads may meet for the first time; 300 leaks would be more.
  assert.ok(bytes[1] - bytes[0] <= 2 ** 20, `${bytes[1] - bytes[0]} bytes more`);
  await visitor.leave();
});

const REPORT_MEMORY = `
{
  const channel = new BroadcastChannel('memory');
  channel.onmessage = async ({ data }) =>
    data === 'how much?' && channel.postMessage((await host).memory.buffer.byteLength);
}`;
