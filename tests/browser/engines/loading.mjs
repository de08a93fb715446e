// A model on its way into a browser: where it comes from, under what conditions, and what can go wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODEL, faults } from '../harness.mjs';
import { translateAll } from './in-page.mjs';
import { PAIR, SENTENCE, STRICT, TEXTS } from './site.mjs';

const ENGINES = ['/package/engine-relaxed.wasm', '/package/engine-simd.wasm'];
const HELPERS = ['/package/thread.js', '/package/gunzip.js'];

/** @param {import('./scenarios.mjs').Given} given */
export function loading({ site, expected }) {
  test('a_model_loads_with_progress_and_translates_as_in_Chromium', async () => {
    const visitor = await site().visit();
    const first = await visitor.run(translateAll, { pair: PAIR, texts: TEXTS });
    assert.deepEqual(first.batch, expected());
    assert.equal(first.single, expected()[0]);
    assert.equal(first.shares[0], 0);
    assert.equal(first.shares.at(-1), 1);
    assert.ok(first.shares.length > 2, `${first.shares}`);
    assert.deepEqual([first.info.kept, first.info.verified], [true, true]);
    assert.equal(first.info.backend, 'wasm');

    const second = await visitor.run(translateAll, { pair: PAIR, texts: TEXTS });
    assert.deepEqual(second.batch, expected());
    assert.deepEqual(second.shares, [0, 1]);
    assert.equal(site().server.count(MODEL['en-pt']), 1, 'the second time it comes from storage');
    await visitor.close();
  });

  test('a_page_that_is_not_isolated_translates_on_one_thread', async () => {
    const visitor = await site().visit({ isolated: false });
    const { batch, info } = await visitor.run(translateAll, {
      pair: { ...PAIR, threads: 3 },
      texts: TEXTS,
    });
    assert.deepEqual(batch, expected());
    assert.equal(info.threads, 1);
    await visitor.close();
  });

  test('a_policy_without_unsafe_eval_is_enough', async () => {
    const visitor = await site().visit({ headers: { 'Content-Security-Policy': STRICT } });
    const refusal = await visitor.evaluate(
      async () => (await import(new URL('eval.js', location.href).href)).outcome,
    );
    assert.equal(refusal, 'EvalError', 'the policy is in force');
    const { batch } = await visitor.run(translateAll, { pair: PAIR, texts: TEXTS });
    assert.deepEqual(batch, expected());
    await visitor.close();
  });

  test('a_download_is_aborted_with_the_reason_of_the_signal', async () => {
    const visitor = await site().visit();
    site().server.faults.set(MODEL['en-pt'], faults.slow(1e6));
    const { reason, later } = await visitor.run(async ({ Translator }, pair) => {
      const controller = new AbortController();
      const { signal } = controller;
      let later = 0;
      const monitor = (m) =>
        m.addEventListener('downloadprogress', ({ loaded }) => {
          if (signal.aborted) later++;
          else if (loaded > 0) controller.abort('changed my mind');
        });
      const reason = await Translator.create({ ...pair, signal, monitor }).catch((error) => error);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { reason, later };
    }, PAIR);
    assert.deepEqual({ reason, later }, { reason: 'changed my mind', later: 0 });
    await visitor.close();
  });

  test('failures_have_the_same_names_everywhere', async () => {
    const visitor = await site().visit();
    const create = ({ Translator }, options) =>
      Translator.create(options).then(
        () => 'created',
        ({ name, message }) => `${name}: ${message}`,
      );
    const withFault = (fault) => {
      site().server.faults.set(MODEL['en-pt'], fault);
      return visitor.run(create, PAIR);
    };
    assert.match(await withFault(faults.notFound()), /^NetworkError: .*not found/);
    assert.match(await withFault(faults.cut(0.5)), /^NetworkError: The download stopped after/);
    assert.match(await withFault(faults.damaged()), /^NetworkError: .*SHA-256/);
    const model = '/LICENSE-MIT';
    assert.match(await visitor.run(create, { ...PAIR, model }), /^DataError/);
    site().server.faults.clear();
    site().server.faults.set('/package/worker.js', faults.notFound());
    assert.match(await visitor.run(create, PAIR), /^NetworkError: The translation engine could not be/);
    site().server.faults.clear();
    for (const engine of ENGINES) site().server.faults.set(engine, faults.damaged());
    assert.match(await visitor.run(create, PAIR), /^OperationError: The translation engine could not be/);
    for (const engine of ENGINES) site().server.faults.set(engine, faults.notFound());
    assert.match(await visitor.run(create, PAIR), /^NetworkError: The translation engine could not be/);
    site().server.faults.clear();
    assert.equal(await visitor.run(create, PAIR), 'created', 'and afterwards all is well');
    await visitor.close();
  });

  test('workers_that_only_help_are_done_without', async () => {
    const visitor = await site().visit();
    for (const fault of [faults.notFound(), faults.replaced('throw new Error("no");', 'text/javascript')]) {
      for (const helper of HELPERS) site().server.faults.set(helper, fault);
      const { batch, info } = await visitor.run(translateAll, { pair: PAIR, texts: TEXTS });
      assert.deepEqual(batch, expected());
      assert.equal(info.threads, 1);
    }
    await visitor.close();
  });

  test('where_there_is_no_GPU_the_CPU_translates_and_says_why', async () => {
    const visitor = await site().visit();
    const { batch, info } = await visitor.run(translateAll, {
      pair: { ...PAIR, backend: 'webgpu' },
      texts: TEXTS,
    });
    assert.deepEqual(batch, expected());
    assert.equal(info.backend, 'wasm');
    assert.match(info.choice.no_gpu, /WebGPU|GPU/);
    await visitor.close();
  });

  test('a_model_is_compressed_and_still_translates', async () => {
    const visitor = await site().visit();
    const { before, after, text } = await visitor.run(
      async ({ Translator, package: { Model } }, { pair, path, sentence }) => {
        const original = await Model.load(path);
        const { model, report } = await original.compress({
          step: [{ method: 'quantize', bits: 4, target: 'embedding' }],
        });
        const translator = await Translator.create({ ...pair, model });
        return { ...report, text: await translator.translate(sentence) };
      },
      { pair: PAIR, path: MODEL['en-pt'], sentence: SENTENCE },
    );
    assert.ok(after.wire_bytes < before.wire_bytes, `${after.wire_bytes} of ${before.wire_bytes}`);
    assert.match(text, /biblioteca/);
    await visitor.close();
  });
}
