// The package in Node.js: translations, errors, many calls. From the packed tarball.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ROOT } from '../../scripts/files.mjs';
import { SiteServer, faults } from '../browser/server.mjs';
import { EN_PT, MODELS, PROGRAM, PT_EN, install, sentences } from './installed.mjs';

/** How soon a short text is translated when a long one has been given up, or is overtaken. */
const SOON_MS = 2000;

let project;
let Translator;
let listModels;
const server = new SiteServer(ROOT);
/** Of Node's, such as too many listeners. */
const warnings = [];

before(async () => {
  process.on('warning', (warning) => warnings.push(warning));
  project = await install();
  ({ Translator, listModels } = await project.load());
  await server.start();
});

after(async () => {
  await server.stop();
  await project.remove();
  assert.deepEqual(warnings, []);
});

const online = (pair) => ({ ...pair, registry: `${server.origin}/models/registry.json` });

/** Calls `use` with a translator that is destroyed afterwards. */
async function withTranslator(options, use) {
  const translator = await Translator.create(options);
  try {
    return await use(translator);
  } finally {
    translator.destroy();
  }
}

/** Helpers begin some time after the first translation. */
async function threadsRun(translator, count) {
  await translator.translate('Hello.');
  while (translator.info.threads < count) await new Promise((resolve) => setTimeout(resolve, 20));
}

for (const pair of [EN_PT, PT_EN]) {
  const { sourceLanguage: from, targetLanguage: to } = pair;
  test(`from_${from}_to_${to}_it_says_what_the_native_program_says`, async (t) => {
    const texts = sentences(from, 200);
    const translations = await withTranslator(pair, async (translator) => {
      await translator.translate(texts[0]);
      const started = performance.now();
      const translations = await translator.translateBatch(texts);
      const seconds = (performance.now() - started) / 1000;
      const words = texts.join(' ').split(/\s+/).length;
      t.diagnostic(`${Math.round(words / seconds)} words/s, ${translator.info.threads} threads, ${translator.info.engine}`);
      return translations;
    });
    const model = fileURLToPath(`${MODELS}${from}-${to}.safetensors`);
    const input = `${texts.join('\n')}\n`;
    const native = execFileSync(PROGRAM, ['translate', '--model', model], { input, encoding: 'utf8' });
    assert.deepEqual(translations, native.trimEnd().split('\n'));
  });
}

test('one_thread_and_two_say_the_same', async () => {
  const texts = sentences('en', 60);
  const [one, two] = [1, 2].map((threads) => async () =>
    withTranslator({ ...EN_PT, threads }, async (translator) => {
      await threadsRun(translator, threads);
      const translations = await translator.translateBatch(texts);
      assert.equal(translator.info.threads, threads);
      return translations;
    }),
  );
  assert.deepEqual(await one(), await two());
});

test('a_stream_tells_the_translation_part_by_part', async () => {
  await withTranslator(EN_PT, async (translator) => {
    const text = sentences('en', 60).join(' ');
    const parts = [];
    for await (const part of translator.translateStreaming(text)) parts.push(part);
    assert.equal(parts.join(''), await translator.translate(text));
    assert.ok(parts.length > 2, `${parts.length} parts`);
    const open = translator.translateStreaming(text);
    translator.destroy();
    await assert.rejects(Array.fromAsync?.(open) ?? open.pipeTo(new WritableStream()), {
      name: 'AbortError',
    });
  });
});

test('a_text_beyond_the_quota_is_refused', async () => {
  await withTranslator(EN_PT, async (translator) => {
    const text = 'a'.repeat(translator.inputQuota + 1);
    assert.ok((await translator.measureInputUsage(text)) > translator.inputQuota);
    await assert.rejects(translator.translate(text), { name: 'QuotaExceededError' });
  });
});

test('twenty_calls_at_once_all_get_their_own_answer', async () => {
  const texts = sentences('en', 20);
  const { signal } = new AbortController();
  await withTranslator(EN_PT, async (translator) => {
    const together = await Promise.all(texts.map((text) => translator.translate(text, { signal })));
    const apart = [];
    for (const text of texts) apart.push(await translator.translate(text));
    assert.deepEqual(together, apart);
  });
});

test('an_abort_is_told_at_once_and_ends_the_work', async (t) => {
  await withTranslator(EN_PT, async (translator) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const all = translator.translateBatch(sentences('en'), { signal: controller.signal });
    await translator.translate('Hello.');
    setTimeout(() => controller.abort(reason), 300);
    await assert.rejects(all, (error) => error === reason);
    const started = performance.now();
    await translator.translate('Good morning.');
    const took = performance.now() - started;
    t.diagnostic(`the next translation took ${Math.round(took)} ms`);
    assert.ok(took < SOON_MS, `the next translation took ${took} ms`);
  });
});

test('a_short_text_overtakes_a_long_one', async () => {
  await withTranslator(EN_PT, async (translator) => {
    const controller = new AbortController();
    const all = translator.translateBatch(sentences('en'), { signal: controller.signal });
    const started = performance.now();
    await translator.translate('Good morning.');
    const took = performance.now() - started;
    controller.abort();
    await assert.rejects(all, { name: 'AbortError' });
    assert.ok(took < SOON_MS, `it took ${took} ms`);
  });
});

test('destroy_ends_calls_in_progress', async () => {
  const translator = await Translator.create(EN_PT);
  const call = translator.translateBatch(sentences('en'));
  setTimeout(() => translator.destroy(), 200);
  await assert.rejects(call, { name: 'AbortError', message: /destroyed/ });
  await assert.rejects(translator.translate('Hello.'), { name: 'AbortError' });
});

test('a_model_from_a_server_is_checked_and_kept_in_memory_only', async () => {
  const loaded = [];
  const monitor = (m) => m.addEventListener('downloadprogress', (event) => loaded.push(event));
  await withTranslator({ ...online(EN_PT), monitor }, async (translator) => {
    assert.deepEqual([translator.info.verified, translator.info.kept], [true, false]);
    assert.equal(await translator.kept, false);
    assert.equal(loaded[0].loaded, 0);
    assert.deepEqual([loaded.at(-1).loaded, loaded.at(-1).total], [1, 1]);
    assert.equal(loaded.at(-1).loadedBytes, translator.info.wire_bytes);
    assert.equal(await translator.translate('Good morning.'), 'Bom dia.');
  });
});

test('availability_tells_files_from_downloads', async () => {
  assert.equal(await Translator.availability(EN_PT), 'available');
  assert.equal(await Translator.availability({ ...EN_PT, targetLanguage: 'fi' }), 'unavailable');
  const pair = online(EN_PT);
  assert.equal(await Translator.availability(pair), 'downloadable');
  const creating = Translator.create(pair);
  assert.equal(await Translator.availability(pair), 'downloading');
  (await creating).destroy();
  assert.equal(await Translator.availability(pair), 'downloadable');
});

test('urls_are_relative_to_the_working_directory', async () => {
  const { cwd } = process;
  process.cwd = () => ROOT;
  try {
    const pairs = await listModels();
    assert.deepEqual(pairs.map((pair) => `${pair.sourceLanguage}-${pair.targetLanguage}`), ['en-pt', 'pt-en']);
    const model = 'models/en-pt.safetensors.gz';
    await withTranslator({ ...EN_PT, model }, async (translator) => {
      assert.equal(await translator.translate('Good morning.'), 'Bom dia.');
    });
  } finally {
    process.cwd = cwd;
  }
});

test('asked_for_webgpu_the_cpu_computes_and_says_why', async () => {
  await withTranslator({ ...EN_PT, backend: 'webgpu' }, async (translator) => {
    assert.equal(await translator.translate('Good morning.'), 'Bom dia.');
    assert.equal(translator.info.backend, 'wasm');
    assert.match(translator.info.choice.no_gpu, /no WebGPU in Node\.js/);
  });
});

test('what_cannot_be_loaded_is_told_by_name_and_reason', async () => {
  const file = await readFile(new URL('en-pt.safetensors.gz', MODELS));
  const damaged = Buffer.from(file);
  for (let i = 1_000_000; i < damaged.length; i += 997) damaged[i] ^= 0x55;
  const folder = pathToFileURL(project.folder).href;
  for (const [options, name, message] of [
    [{ model: new Blob([damaged]) }, 'DataError', /gzip data cannot be unpacked/],
    [{ model: new Blob([file.subarray(0, 5_000_000)]) }, 'DataError', /gzip data cannot be unpacked/],
    [{ model: new Blob(['no model']) }, 'DataError', /not understood/],
    [{ model: await openAsBlob(join(project.folder, 'package.json')) }, 'TypeError', /openAsBlob/],
    [{ model: `${folder}/none.gz` }, 'NetworkError', /none\.gz could not be read: there is no such file/],
    [{ model: folder }, 'NetworkError', /is not a file/],
    [{ registry: `${folder}/none.json` }, 'NetworkError', /none\.json could not be read: there is no such file/],
    [{ registry: `${folder}/package.json` }, 'DataError', /"format" must be 1/],
    [{ registry: `${server.origin}/none.json` }, 'NetworkError', /404/],
    [{ registry: 'http://[' }, 'TypeError', /is not a URL/],
    [{ targetLanguage: 'fi' }, 'NotSupportedError', /no model from en to fi/],
  ]) {
    await assert.rejects(Translator.create({ ...EN_PT, ...options }), { name, message });
  }
});

test('a_server_that_gives_another_file_is_found_out', async () => {
  server.faults.set('/models/en-pt.safetensors.gz', faults.damaged());
  await assert.rejects(Translator.create(online(EN_PT)), { name: 'NetworkError', message: /SHA-256/ });
  server.faults.set('/models/en-pt.safetensors.gz', faults.cut(0.5));
  await assert.rejects(Translator.create(online(EN_PT)), { name: 'NetworkError', message: /stopped after/ });
  server.faults.clear();
});

test('the_creation_can_be_aborted', async () => {
  server.faults.set('/models/en-pt.safetensors.gz', faults.slow(1_000_000));
  const controller = new AbortController();
  const creating = Translator.create({ ...online(EN_PT), signal: controller.signal });
  setTimeout(() => controller.abort(new RangeError('mine')), 300);
  await assert.rejects(creating, { name: 'RangeError', message: 'mine' });
  server.faults.clear();
});
