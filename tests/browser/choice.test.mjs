// CPU or GPU: the choice, and how it is come by. The engine and its jobs are stand-ins here that take
// the times that a test gives them.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { faster, gpuIsOfUse } from '../../www/package/choice.js';
import { Graphics, nameOf } from '../../www/package/graphics.js';
import { Measuring } from '../../www/package/measure.js';
import { Place } from '../../www/package/place.js';

const MODEL = { language: 'en', identity: 'https://example.com/en-pt.gz 1234' };

/** What this browser has kept, by URL. */
const kept = new Map();
/** How often something was asked of the browser or of the engine. */
const counts = { requestAdapter: 0, open: 0, use: 0, drop: 0, destroy: 0 };
let adapter;

Object.defineProperty(globalThis, 'navigator', {
  value: {
    userAgent: 'test',
    gpu: {
      async requestAdapter() {
        counts.requestAdapter++;
        return adapter;
      },
    },
  },
});
globalThis.caches = {
  open: async () => ({
    match: async (key) => kept.get(key)?.clone(),
    put: async (key, response) => void kept.set(key, response),
  }),
};

beforeEach(() => {
  kept.clear();
  adapter = { info: { vendor: 'test', architecture: 'one' } };
  for (const name of Object.keys(counts)) counts[name] = 0;
});

/** Measuring goes on as long as there is a model: a test that fails would never end. @type {Place[]} */
const places = [];
afterEach(() => places.splice(0).forEach((place) => place.close()));

class Gpu {
  static async open() {
    counts.open++;
    return new Gpu();
  }
  adapter = () => 'test';
  memory_bytes = () => 100;
  give_back() {}
  destroy = () => void counts.destroy++;
  free() {}
}

const engineOf = () => ({
  use_gpu() {
    counts.use++;
    return { adapter: 'test', weight_bytes: 10 };
  },
  drop_gpu: () => void counts.drop++,
});

/** A worker with a model, whose jobs take `times[backend]` for one sentence and for many. */
function worker(times) {
  const runs = [];
  const told = [];
  let busy = false;
  const jobs = {
    async run(engine, texts, { gpu, signal }) {
      const backend = gpu ? 'webgpu' : 'wasm';
      const size = texts.length === 1 ? 'short' : 'long';
      const run = { backend, size, aborted: false };
      runs.push(run);
      await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, times[gpu ? 'gpu' : 'cpu'][size]);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          run.aborted = true;
          reject(signal.reason);
        });
      });
      return { texts, backend };
    },
  };
  const graphics = new Graphics(async () => ({ engine: { Gpu } }), () => {});
  const measuring = new Measuring({
    jobs,
    graphics,
    threads: () => 2,
    isBusy: () => busy,
    onbreakdown: (error) => assert.fail(error),
  });
  const place = new Place(engineOf(), graphics, (facts) => told.push(facts));
  places.push(place);
  return {
    runs,
    told,
    graphics,
    measuring,
    place,
    setBusy: (value) => (busy = value),
    /** What was told, once that is something like this. */
    async until(condition) {
      for (const end = Date.now() + 10_000; !told.some(condition);) {
        assert.ok(Date.now() < end, `told: ${JSON.stringify(told)}, runs: ${JSON.stringify(runs)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return told.find(condition);
    },
  };
}

const isMeasured = ({ choice }) => choice?.measured !== undefined;
const MIXED = { cpu: { short: 5, long: 120 }, gpu: { short: 40, long: 50 } };
const SLOW_GPU = { cpu: { short: 5, long: 50 }, gpu: { short: 1500, long: 9000 } };

const sample = (length, cpu_ms, gpu_ms) => ({ sentences: 1, length, cpu_ms, gpu_ms });

test('a_text_goes_where_one_of_its_length_is_faster', () => {
  // 10 ms + 0.1 a character against 50 + 0.01: they meet at 444.
  const measured = { short: sample(100, 20, 51), long: sample(3000, 310, 80) };
  assert.equal(faster(measured, 10), 'wasm');
  assert.equal(faster(measured, 440), 'wasm');
  assert.equal(faster(measured, 450), 'webgpu');
  assert.equal(faster(measured, 100_000), 'webgpu');
  assert.ok(gpuIsOfUse(measured));
  // Shorter than anything that was measured: as with the short one, wherever the lines lead.
  assert.equal(faster({ short: sample(100, 4, 2), long: sample(3000, 310, 155) }, 10), 'webgpu');
});

test('a_gpu_that_is_slower_with_both_is_of_no_use_and_so_is_one_that_took_too_long', () => {
  assert.ok(!gpuIsOfUse({ short: sample(100, 20, 51), long: sample(3000, 310, 311) }));
  assert.ok(!gpuIsOfUse({ short: sample(100, 20), long: sample(3000, 310) }));
  const unfinished = { short: sample(100, 20, 10), long: sample(3000, 310) };
  assert.ok(!gpuIsOfUse(unfinished));
  assert.equal(faster(unfinished, 1), 'wasm');
});

test('an_adapter_is_called_what_the_browser_tells_of_it', () => {
  const info = { vendor: 'nvidia', architecture: 'ampere', device: '', description: '' };
  assert.equal(nameOf({ info }), 'nvidia ampere');
  assert.equal(nameOf({ info: { ...info, description: 'GeForce' } }), 'GeForce');
  assert.equal(nameOf({ info: {} }), undefined);
  assert.equal(nameOf({}), undefined);
});

test('both_are_measured_after_a_rest_and_the_cpu_translates_until_then', async () => {
  const { measuring, place, runs, until } = worker(MIXED);
  measuring.want(place, MODEL);
  assert.equal(counts.requestAdapter, 0, 'nothing begins at once');
  assert.ok(!place.takes('auto', 1e6));
  const { choice, gpu } = await until(isMeasured);
  const { short, long } = choice.measured;
  assert.equal(short.sentences, 1);
  assert.ok(long.sentences >= 30 && long.length > 1500);
  for (const [{ cpu_ms, gpu_ms }, size] of [[short, 'short'], [long, 'long']]) {
    assert.ok(Math.abs(cpu_ms - MIXED.cpu[size]) < 30, `${size}: ${cpu_ms}`);
    assert.ok(Math.abs(gpu_ms - MIXED.gpu[size]) < 30, `${size}: ${gpu_ms}`);
  }
  assert.deepEqual(gpu, { adapter: 'test one', weight_bytes: 10, memory_bytes: 100 });
  assert.ok(!place.takes('auto', 20));
  assert.ok(place.takes('auto', 1e6));
  assert.ok(!place.takes('wasm', 1e6));
  assert.ok(place.takes('webgpu', 20));
  const before = runs.length;
  measuring.want(place, MODEL);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(runs.length, before, 'once is enough');
});

test('nothing_is_measured_while_the_page_waits_for_something', async () => {
  const { measuring, place, runs, until, setBusy } = worker(MIXED);
  setBusy(true);
  measuring.want(place, MODEL);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.equal(runs.length, 0);
  setBusy(false);
  await until(isMeasured);
});

test('a_slow_gpu_is_given_up_early_and_gives_its_memory_back', async () => {
  const { measuring, place, runs, until } = worker(SLOW_GPU);
  measuring.want(place, MODEL);
  const started = Date.now();
  const { choice } = await until(isMeasured);
  assert.ok(Date.now() - started < 5000);
  assert.equal(choice.measured.short.gpu_ms, undefined);
  assert.equal(choice.measured.long.gpu_ms, undefined);
  assert.ok(runs.some(({ backend, aborted }) => backend === 'webgpu' && aborted));
  assert.ok(!runs.some(({ backend, size }) => backend === 'webgpu' && size === 'long'));
  assert.ok(!place.onGpu);
  assert.deepEqual([counts.drop, counts.destroy], [1, 1]);
});

test('a_translation_interrupts_a_measurement_which_begins_again_later', async () => {
  const { measuring, place, runs, until } = worker({
    cpu: { short: 5, long: 600 },
    gpu: { short: 40, long: 200 },
  });
  measuring.want(place, MODEL);
  while (!runs.some(({ size }) => size === 'long')) await new Promise((done) => setTimeout(done, 5));
  measuring.interrupt();
  assert.ok(runs.at(-1).aborted, 'at once');
  const { choice } = await until(isMeasured);
  assert.ok(choice.measured.long.cpu_ms > 550);
  assert.equal(runs.filter(({ backend, size }) => backend === 'wasm' && size === 'short').length, 3);
});

test('what_was_measured_is_remembered_for_the_same_circumstances', async () => {
  const first = worker(MIXED);
  first.measuring.want(first.place, MODEL);
  const { choice } = await first.until(isMeasured);

  const second = worker(MIXED);
  second.measuring.want(second.place, MODEL);
  assert.deepEqual((await second.until(isMeasured)).choice.measured, choice.measured);
  assert.deepEqual(
    second.runs.map(({ backend, size }) => `${backend} ${size}`),
    ['webgpu short', 'webgpu long'],
    'only the shaders are compiled',
  );
  assert.ok(second.place.takes('auto', 1e6));

  adapter = { info: { vendor: 'test', architecture: 'two' } };
  const third = worker(MIXED);
  third.measuring.want(third.place, MODEL);
  await third.until(isMeasured);
  assert.ok(third.runs.some(({ backend }) => backend === 'wasm'), 'another adapter is measured');

  const other = worker(MIXED);
  other.measuring.want(other.place, { language: 'en', identity: 'another file' });
  await other.until(isMeasured);
  assert.ok(other.runs.some(({ backend }) => backend === 'wasm'), 'another model is measured');
});

test('a_gpu_that_has_lost_is_not_opened_on_later_visits', async () => {
  const first = worker(SLOW_GPU);
  first.measuring.want(first.place, MODEL);
  await first.until(isMeasured);
  assert.equal(counts.open, 1);
  const second = worker(SLOW_GPU);
  second.measuring.want(second.place, MODEL);
  await second.until(isMeasured);
  assert.equal(counts.open, 1);
  assert.deepEqual(second.runs, []);
});

test('without_an_adapter_the_reason_is_told_and_nothing_is_measured', async () => {
  adapter = null;
  const { measuring, place, runs, told, until } = worker(MIXED);
  measuring.want(place, MODEL);
  const { choice, gpu } = await until(({ choice }) => choice?.no_gpu !== undefined);
  assert.match(choice.no_gpu, /no GPU/);
  assert.equal(gpu, undefined);
  assert.equal(told.length, 1);
  assert.deepEqual(runs, []);
});

test('a_lost_gpu_is_told_once_where_it_was_used_and_auto_never_takes_it_again', async () => {
  const { place, told, graphics } = worker(MIXED);
  const unused = new Place(engineOf(), graphics, (facts) => told.push(facts));
  await place.attach({ asked: true });
  await unused.attach({ asked: true });
  assert.ok(place.takes('webgpu', 10));
  told.length = 0;
  for (let twice = 0; twice < 2; twice++) {
    const reason = graphics.fail('test: it fell\n  here');
    place.lose(reason);
    unused.lose(reason);
  }
  assert.deepEqual(told.map(({ lost }) => lost), ['it fell', undefined]);
  for (const { choice, gpu } of told) {
    assert.equal(choice.no_gpu, 'The GPU stopped: it fell');
    assert.equal(gpu, undefined);
  }
  assert.equal(counts.destroy, 1);
  assert.ok(!place.takes('webgpu', 10));
  await place.attach({ asked: true });
  assert.equal(counts.open, 1, 'a translation does not open it anew');
  await place.attach({ asked: true, again: true });
  assert.equal(counts.open, 2, 'a new translator does');
  place.learn({ short: sample(10, 9, 1), long: sample(100, 90, 1) });
  assert.ok(place.takes('webgpu', 10));
  assert.ok(!place.takes('auto', 10));
});

test('the_device_closes_with_the_last_model_also_if_that_is_still_on_its_way', async () => {
  const { place, graphics } = worker(MIXED);
  const other = new Place(engineOf(), graphics, () => {});
  await Promise.all([place.attach(), other.attach()]);
  assert.deepEqual([counts.open, counts.use], [1, 2]);
  place.close();
  assert.equal(counts.destroy, 0);
  other.close();
  assert.equal(counts.destroy, 1);

  const late = new Place(engineOf(), graphics, () => {});
  const attaching = late.attach();
  late.close();
  await attaching;
  assert.deepEqual([counts.open, counts.use, counts.destroy], [2, 2, 2]);
  const next = new Place(engineOf(), graphics, () => {});
  await next.attach();
  assert.ok(next.onGpu);
});
