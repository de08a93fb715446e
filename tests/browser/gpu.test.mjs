// The GPU engine, on an adapter in software: the same translations as on the CPU, whatever happens to
// the device. It is slow there, so texts are short.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { KILL, ask, winOnGpu } from './graphics.mjs';
import { WITH_GPU, faults, openSite, visitPackage } from './harness.mjs';

const EN_PT = { sourceLanguage: 'en', targetLanguage: 'pt' };
const PT_EN = { sourceLanguage: 'pt', targetLanguage: 'en' };
const TEXTS = ['Where is the library?', 'The train was late again.'];
const PATIENCE = { timeout: 300_000 };

let site;
before(async () => (site = await openSite(...WITH_GPU)));
after(() => site.close());

/** A visit with a worker to which `code` is added. */
async function visitWorker(code, options = {}) {
  const visitor = await visitPackage(site, { path: null, ...options });
  visitor.page.setDefaultTimeout(PATIENCE.timeout);
  if (code) site.server.faults.set('/package/worker.js', faults.appended(code));
  await visitor.page.goto('/blank.html');
  return visitor;
}

/** Makes `window.translator` and `window.told`, what `onbackend` was given. */
const create = ({ run }, options) =>
  run(async ({ Translator }, options) => {
    window.told = [];
    const onbackend = (info) => window.told.push(info);
    window.translator = await Translator.create({ ...options, onbackend });
  }, options);

const translateBatch = ({ run }, texts) =>
  run((_, texts) => window.translator.translateBatch(texts), texts);
const info = ({ run }) => run(() => window.translator.info);
const told = ({ run }) => run(() => window.told);

/** The same texts on the CPU, in the same page. */
const onCpu = ({ run }, pair, texts) =>
  run(
    async ({ Translator }, { pair, texts }) => {
      const translator = await Translator.create({ ...pair, backend: 'wasm' });
      const translations = await translator.translateBatch(texts);
      const { backend, gpu, choice } = translator.info;
      translator.destroy();
      return { translations, backend, gpu, choice };
    },
    { pair, texts },
  );

test('the_gpu_translates_as_the_cpu_does_and_says_so', PATIENCE, async () => {
  for (const [pair, texts] of [[EN_PT, TEXTS], [PT_EN, ['Onde fica a biblioteca?']]]) {
    const visitor = await visitWorker();
    await create(visitor, { ...pair, backend: 'webgpu' });
    const translations = await translateBatch(visitor, texts);
    const { backend, gpu, choice, memory_bytes } = await info(visitor);
    assert.equal(backend, 'webgpu');
    assert.match(gpu.adapter, /swiftshader/i);
    assert.ok(gpu.weight_bytes > 1e7 && gpu.memory_bytes > gpu.weight_bytes, JSON.stringify(gpu));
    assert.ok(memory_bytes > 1e7);
    assert.equal(choice, undefined);
    const news = await told(visitor);
    assert.ok(news.some(({ backend }) => backend === 'webgpu'));
    assert.ok(news.every(({ lost }) => lost === undefined));
    const cpu = await onCpu(visitor, pair, texts);
    assert.deepEqual(translations, cpu.translations);
    assert.deepEqual([cpu.backend, cpu.gpu, cpu.choice], ['wasm', undefined, undefined]);
    await visitor.leave();
  }
});

test('a_destroyed_translator_gives_the_gpu_its_memory_back', PATIENCE, async () => {
  const visitor = await visitWorker();
  await create(visitor, { ...EN_PT, backend: 'webgpu' });
  const [alone, both, after] = await visitor.run(async ({ Translator }, pair) => {
    const bytes = () => window.translator.info.gpu.memory_bytes;
    const alone = bytes();
    const other = await Translator.create({ ...pair, backend: 'webgpu' });
    await other.translate('Bom dia.');
    const both = bytes();
    other.destroy();
    while (bytes() === both) await new Promise((resolve) => setTimeout(resolve, 20));
    return [alone, both, bytes()];
  }, PT_EN);
  assert.ok(both > 1.8 * alone, `${alone} bytes, with both ${both}`);
  // What the kernels of both share may stay.
  assert.ok(after < alone + 1e6, `${alone} bytes before, ${after} after`);
  await visitor.leave();
});

test('the_cpu_alone_does_not_touch_webgpu', PATIENCE, async () => {
  const visitor = await visitWorker(COUNT_ASKED);
  await create(visitor, { ...EN_PT, backend: 'wasm' });
  await translateBatch(visitor, TEXTS);
  // Longer than a rest after which "auto" would begin.
  await visitor.page.waitForTimeout(1000);
  assert.equal(await ask(visitor.page, 'asked'), 0);
  await create(visitor, { ...EN_PT, backend: 'auto' });
  await translateBatch(visitor, TEXTS);
  while ((await ask(visitor.page, 'asked')) === 0) await visitor.page.waitForTimeout(50);
  await visitor.leave();
});

const COUNT_ASKED = `
{
  const { gpu } = navigator;
  let asked = 0;
  Object.defineProperty(navigator, 'gpu', { get: () => (asked++, gpu) });
  const channel = new BroadcastChannel('asked');
  channel.onmessage = ({ data }) => data === 'ask' && channel.postMessage(asked);
}`;

for (const [what, code, reason] of [
  [
    'no_webgpu',
    `Object.defineProperty(navigator, 'gpu', { value: undefined });`,
    /This browser has no WebGPU/,
  ],
  ['no_adapter', `GPU.prototype.requestAdapter = async () => null;`, /There is no GPU/],
  [
    'a_refused_device',
    `GPUAdapter.prototype.requestDevice = () => Promise.reject(new TypeError('no more devices'));`,
    /The GPU cannot be used: .*no more devices$/,
  ],
]) {
  test(`with_${what}_the_cpu_translates_and_the_reason_is_told_once`, PATIENCE, async () => {
    const visitor = await visitWorker(code, { allowed: /WebGPU|adapter/i });
    await create(visitor, { ...EN_PT, backend: 'webgpu' });
    const { choice } = await info(visitor);
    assert.match(choice.no_gpu, reason);
    const translations = await translateBatch(visitor, TEXTS);
    assert.deepEqual(translations, (await onCpu(visitor, EN_PT, TEXTS)).translations);
    const news = await told(visitor);
    assert.deepEqual(news, [{ backend: 'wasm', choice }]);
    await visitor.leave();
  });
}

test('without_an_adapter_auto_stays_with_the_cpu', PATIENCE, async () => {
  const plain = await openSite();
  try {
    const visitor = await visitPackage(plain);
    await create(visitor, EN_PT);
    await translateBatch(visitor, TEXTS);
    await visitor.page.waitForFunction(() => window.translator.info.choice !== undefined);
    const { backend, gpu, choice } = await info(visitor);
    assert.deepEqual([backend, gpu, choice.measured], ['wasm', undefined, undefined]);
    assert.match(choice.no_gpu, /GPU/);
    assert.equal((await told(visitor)).length, 1);
    await visitor.leave();
  } finally {
    await plain.close();
  }
});

test('a_device_lost_in_the_middle_of_a_text_costs_nothing_but_time', PATIENCE, async () => {
  const visitor = await visitWorker(KILL);
  await create(visitor, { ...EN_PT, backend: 'webgpu' });
  await translateBatch(visitor, TEXTS.slice(0, 1));
  assert.equal((await info(visitor)).backend, 'webgpu');
  await ask(visitor.page, 'kill');
  const texts = [...TEXTS, 'Nobody knows who will pay for the bridge.', 'Good morning.'];
  const translations = await translateBatch(visitor, texts);
  const after = await info(visitor);
  assert.deepEqual([after.backend, after.gpu], ['wasm', undefined]);
  assert.match(after.choice.no_gpu, /The GPU stopped: ./);
  assert.deepEqual(translations, (await onCpu(visitor, EN_PT, texts)).translations);
  // Later calls work, and say nothing more.
  assert.deepEqual(await translateBatch(visitor, TEXTS), translations.slice(0, 2));
  const losses = (await told(visitor)).filter(({ lost }) => lost !== undefined);
  assert.equal(losses.length, 1);
  // A new translator may try again.
  await create(visitor, { ...EN_PT, backend: 'webgpu' });
  assert.deepEqual(await translateBatch(visitor, TEXTS), translations.slice(0, 2));
  assert.equal((await info(visitor)).backend, 'webgpu');
  await visitor.leave();
});

test('a_device_lost_between_two_texts_is_noticed_with_the_next', PATIENCE, async () => {
  const visitor = await visitWorker(KILL.replace('left = 3;', 'device.destroy();'));
  await create(visitor, { ...EN_PT, backend: 'webgpu' });
  const [first] = await translateBatch(visitor, TEXTS.slice(0, 1));
  await ask(visitor.page, 'kill');
  assert.deepEqual(await translateBatch(visitor, TEXTS.slice(0, 1)), [first]);
  const losses = (await told(visitor)).filter(({ lost }) => lost !== undefined);
  assert.equal(losses.length, 1);
  assert.equal((await info(visitor)).backend, 'wasm');
  await visitor.leave();
});

test('a_shader_that_does_not_compile_hands_over_to_the_cpu', PATIENCE, async () => {
  const visitor = await visitWorker(
    `{
      const { createShaderModule } = GPUDevice.prototype;
      GPUDevice.prototype.createShaderModule = function (descriptor) {
        return createShaderModule.call(this, { ...descriptor, code: 'nonsense' });
      };
    }`,
    { allowed: /WGSL|shader|Invalid|nonsense/i },
  );
  await create(visitor, { ...EN_PT, backend: 'webgpu' });
  const translations = await translateBatch(visitor, TEXTS);
  assert.deepEqual(translations, (await onCpu(visitor, EN_PT, TEXTS)).translations);
  const { backend, choice } = await info(visitor);
  assert.equal(backend, 'wasm');
  assert.match(choice.no_gpu, /GPU/);
  await visitor.leave();
});

/** Counts devices. */
const COUNT_DEVICES = `
{
  const { requestDevice } = GPUAdapter.prototype;
  let devices = 0;
  GPUAdapter.prototype.requestDevice = function (...options) {
    devices++;
    return requestDevice.apply(this, options);
  };
  const channel = new BroadcastChannel('devices');
  channel.onmessage = ({ data }) => data === 'ask' && channel.postMessage(devices);
}`;

const measured = ({ page }) =>
  page.waitForFunction(() => window.translator.info.choice?.measured !== undefined);

test('auto_measures_once_and_remembers', PATIENCE, async () => {
  const visitor = await visitWorker(COUNT_DEVICES);
  await create(visitor, EN_PT);
  const first = await translateBatch(visitor, TEXTS);
  await measured(visitor);
  const { choice, gpu } = await info(visitor);
  const { short, long } = choice.measured;
  assert.ok(short.cpu_ms > 0 && long.cpu_ms > short.cpu_ms, JSON.stringify(choice));
  // An adapter in software takes longer than the CPU itself.
  assert.equal(gpu, undefined, JSON.stringify(choice));
  assert.equal(await ask(visitor.page, 'devices'), 1);

  await visitor.page.reload();
  await create(visitor, EN_PT);
  await translateBatch(visitor, TEXTS);
  await measured(visitor);
  assert.deepEqual((await info(visitor)).choice.measured, choice.measured);
  assert.equal(await ask(visitor.page, 'devices'), 0, 'a GPU that has lost is not even opened');

  // Had the GPU won, it would translate from the first rest on.
  await visitor.page.evaluate(winOnGpu);
  await visitor.page.reload();
  await create(visitor, EN_PT);
  assert.deepEqual(await translateBatch(visitor, TEXTS), first);
  assert.equal((await info(visitor)).backend, 'wasm');
  await measured(visitor);
  assert.deepEqual(await translateBatch(visitor, TEXTS), first);
  assert.equal((await info(visitor)).backend, 'webgpu');
  await visitor.leave();
});

test('translations_do_not_wait_for_a_measurement', PATIENCE, async () => {
  const visitor = await visitWorker();
  await create(visitor, EN_PT);
  const times = await visitor.run(async () => {
    const { translator } = window;
    await translator.translate('Good morning.');
    const times = [];
    // At every stage of it, until it is over.
    for (let pause = 250; !translator.info.choice?.measured; pause *= 1.5) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const asked = performance.now();
      const text = await translator.translate('Where is the library?');
      if (!/biblioteca/i.test(text)) throw new Error(text);
      times.push(performance.now() - asked);
    }
    return times;
  });
  const slowest = Math.max(...times);
  assert.ok(times.length > 3, `${times.length} translations`);
  assert.ok(slowest < 1000, `${times.map(Math.round).join(', ')} ms`);
  await visitor.leave();
});
