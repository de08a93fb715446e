// Training in the page: a model that was made smaller learns again in a worker of its own, which may rest,
// be stopped, be given up or break down.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DIST, FAILED_REQUESTS, MODEL, assertWords, faults, openSite, visitPackage } from './harness.mjs';

const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/** The command line, which says what is right. */
const PROGRAM = process.env.POCKETGLOT_PROGRAM ?? file('target/release/pocketglot');
const TRAIN_WORKER = '/package/train.worker.js';
/** Steps take their time, on a machine under load more so. */
const LONG = { timeout: 600_000 };

const NEAREST = { method: 'quantize', target: 'all', bits: 3, rounding: 'nearest', group_size: 64 };
const LINES = [
  'The ferry was late again, so we walked along the harbour.',
  'Most of the budget goes to heating, which surprised the new treasurer.',
  'Please send the signed contract before Friday.',
  'The children ran outside and counted the snails on the garden wall.',
  'She laughed, closed the book, and said that the ending was better in the film.',
  'The old clock in the station has shown ten past four since the summer.',
];
const PAIRS = [
  { source: 'Good morning.', reference: 'Bom dia.' },
  { source: 'The city council met on Tuesday.', reference: 'A câmara municipal reuniu-se na terça-feira.' },
  { source: 'Nobody knows who will pay for the bridge.', reference: 'Ninguém sabe quem vai pagar a ponte.' },
];
/** The program's own, where they differ from the page's. */
const AS_THE_PROGRAM = { warmUp: 50, batch: 120, rate: 0.01 };

let site;
let scratch;
before(async () => {
  site = await openSite();
  scratch = mkdtempSync(join(tmpdir(), 'pocketglot-heal-'));
});
after(async () => {
  await site.close();
  rmSync(scratch, { recursive: true });
});

/** A visit whose page has `damaged`: the original and a model of 3 bits. */
async function open(options) {
  const visitor = await visitPackage(site, options);
  await visitor.run(
    async ({ package: { Model } }, [path, step]) => {
      const original = await Model.load(path);
      const { model } = await original.compress({ step: [step] }, { gzip: false });
      window.damaged = { original, model };
    },
    [MODEL['en-pt'], NEAREST],
  );
  return visitor;
}

const trainers = (page) => page.workers().filter((worker) => worker.url().endsWith(TRAIN_WORKER));
async function ended(page) {
  for (const end = Date.now() + 20_000; trainers(page).length > 0;) {
    assert.ok(Date.now() < end, 'the worker has ended');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a model that learns again', () => {
  test('follows_the_program_step_by_step_and_is_another_model_that_translates', LONG, async (t) => {
    const { page, run, leave } = await open();
    const got = await run(
      async ({ Translator }, options) => {
        const { original, model } = window.damaged;
        const all = [];
        const { finished } = model.heal(original, { ...options, onprogress: (progress) => all.push(progress) });
        const { model: healed, report } = await finished;
        const blobs = await Promise.all([model, healed].map((one) => one.export()));
        const [before, after] = await Promise.all(blobs.map(async (blob) => new Uint8Array(await blob.arrayBuffer())));
        const translator = await Translator.create({ sourceLanguage: 'en', targetLanguage: 'pt', model: healed });
        const text = await translator.translate('The city council met on Tuesday.');
        const shapes = (info) => info.tensors.map(({ name, codec, shape }) => ({ name, codec, shape }));
        return {
          report,
          all,
          text,
          student: [...before].map((byte) => String.fromCharCode(byte)).join(''),
          same: before.length === after.length && before.every((byte, at) => byte === after[at]),
          shapes: [shapes(model.info), shapes(healed.info)],
        };
      },
      { text: LINES, pairs: PAIRS, steps: 4, judgeSteps: 2, ...AS_THE_PROGRAM },
    );
    await ended(page);
    await leave();

    const place = (name, contents) => {
      const path = join(scratch, name);
      writeFileSync(path, contents);
      return path;
    };
    const tsv = ['en\tpt', ...PAIRS.map(({ source, reference }) => `${source}\t${reference}`)].join('\n');
    const args = ['heal', place('student.safetensors', Buffer.from(got.student, 'latin1'))];
    args.push('--teacher', join(DIST, MODEL['en-pt']), '--text', place('text.txt', LINES.join('\n')));
    args.push('--pairs', place('pairs.tsv', tsv), '--steps', '4', '--judge-steps', '2');
    args.push('--batch', '120', '--rate', '0.01', '-o', join(scratch, 'healed.safetensors'), '--json');
    const native = JSON.parse(execFileSync(PROGRAM, args, { encoding: 'utf8', stdio: 'pipe' }));

    const { report, all } = got;
    // Scores are of integers; sums of floats run in another order here, and weights near a border are rounded
    // to the other side.
    assert.equal(report.chrf_before, native.chrf_before);
    assert.equal(report.steps, native.steps);
    t.diagnostic(`loss ${report.loss}, natively ${native.loss}`);
    assert.ok(Math.abs(report.loss - native.loss) < 0.01, `loss ${report.loss}, natively ${native.loss}`);
    const losses = new Map(all.filter(({ loss }) => loss !== undefined).map(({ step, loss }) => [step, loss]));
    assert.deepEqual([...losses.keys()], [1, 2, 3, 4]);
    assert.ok(losses.get(4) < losses.get(1), `the loss falls: ${[...losses.values()]}`);
    assert.deepEqual([all[0].phase, all.at(-1).done], ['preparing', 1]);
    assert.deepEqual([...new Set(all.map(({ judgement }) => judgement?.step))], [undefined, 2, 4]);
    assert.ok(report.chrf_after > report.chrf_before, `${report.chrf_before} → ${report.chrf_after}`);
    assert.ok(!got.same, 'other weights');
    assert.deepEqual(got.shapes[1], got.shapes[0], 'in the same codecs');
    assertWords(got.text, ['terça']);
  });

  test('rests_goes_on_and_stops_between_two_steps', LONG, async () => {
    const { page, run, leave } = await open();
    const got = await run(
      async (_, options) => {
        const { original, model } = window.damaged;
        const until = (condition) =>
          new Promise((resolve) => (hear = (progress) => condition(progress) && resolve(progress)));
        let hear = () => {};
        let last;
        const onprogress = (progress) => hear((last = progress));
        const healing = model.heal(original, { ...options, onprogress });
        await until(({ step }) => step >= 1);
        const paused = until(({ phase }) => phase === 'paused');
        healing.pause();
        const at = await paused;
        await new Promise((resolve) => setTimeout(resolve, 1500));
        const rested = last;
        const on = until(({ step }) => step > at.step);
        healing.resume();
        await on;
        healing.stop();
        const before = last.step;
        const { model: healed, report } = await healing.finished;
        return { at, rested, before, report, bytes: healed.info.file_bytes };
      },
      { text: LINES, pairs: PAIRS, minutes: 60, batch: 40 },
    );
    assert.deepEqual(got.rested, got.at, 'nothing happens in a pause, and its time does not count');
    assert.ok(got.report.steps - got.before <= 1, `it ends after ${got.report.steps} steps, asked at ${got.before}`);
    assert.ok(got.bytes > 1e6);
    await ended(page);
    await leave();
  });

  test('is_gone_at_once_when_it_is_given_up', LONG, async () => {
    const { page, run, leave } = await open();
    const got = await run(
      async (_, options) => {
        const { original, model } = window.damaged;
        const abort = new AbortController();
        const healing = model.heal(original, { ...options, signal: abort.signal });
        abort.abort();
        const error = await healing.finished.catch((error) => error.name);
        return [error, await healing.best()];
      },
      { text: LINES, pairs: PAIRS, steps: 1000 },
    );
    assert.deepEqual(got, ['AbortError', undefined]);
    await ended(page);
    await leave();
  });

  test('outlives_its_worker_in_the_best_that_was_seen', LONG, async () => {
    const { page, run, leave } = await open();
    site.server.faults.set(TRAIN_WORKER, faults.appended(BREAKS_AFTER_A_BETTER_ONE));
    const got = await run(
      async (_, options) => {
        const { original, model } = window.damaged;
        const healing = model.heal(original, options);
        const error = await healing.finished.catch(({ name, message }) => `${name}: ${message}`);
        return [error, (await healing.best()).info.file_bytes];
      },
      { text: LINES, pairs: PAIRS, steps: 9, judgeSteps: 1, batch: 20 },
    );
    assert.match(got[0], /^OperationError: The training stopped: unreachable, for the test/);
    assert.ok(got[1] > 1e6);
    await ended(page);
    await leave();
  });

  test('says_that_there_was_no_memory', LONG, async () => {
    const { page, run, leave } = await open();
    site.server.faults.set(TRAIN_WORKER, faults.appended(NO_ROOM));
    const got = await run(
      async (_, options) => {
        const { original, model } = window.damaged;
        const healing = model.heal(original, options);
        return healing.finished.catch(({ name, message }) => `${name}: ${message}`);
      },
      { text: LINES, pairs: PAIRS, steps: 2, batch: 20 },
    );
    assert.match(got, /^OperationError: The training ran out of memory: this browser had no \d+ MB more for it\./);
    await ended(page);
    await leave();
  });

  test('says_what_is_wrong_with_texts_options_teachers_and_downloads', LONG, async () => {
    const { run, leave } = await open({ allowed: FAILED_REQUESTS });
    const attempt = (options, other = false) =>
      run(
        async ({ package: { Model } }, [options, other, path]) => {
          const { original, model } = window.damaged;
          const teacher = other ? await Model.load(path) : original;
          try {
            await model.heal(teacher, options).finished;
          } catch ({ name, message }) {
            return `${name}: ${message}`;
          }
        },
        [options, other, MODEL['pt-en']],
      );
    const good = { text: LINES, pairs: PAIRS, steps: 1 };
    for (const [options, said, other] of [
      [{ text: LINES }, /^TypeError: heal: give either minutes or steps/],
      [{ ...good, minutes: 1 }, /^TypeError: heal: give either minutes or steps/],
      [{ ...good, steps: 1.5 }, /^RangeError: steps must be a positive whole number, not 1\.5/],
      [{ ...good, rate: 'fast' }, /^TypeError: rate must be a number, not fast/],
      [{ ...good, text: [1] }, /^TypeError: text must be an array of strings/],
      [{ ...good, rate: -1 }, /^TypeError: rate -1: expected a positive number/],
      [{ ...good, soft: 2 }, /^TypeError: soft 2: expected a share from 0 to 1/],
      [{ steps: 1, text: 'One line.' }, /^TypeError: 1 lines of text: 1 are held out to judge by/],
      [{ steps: 1, text: [], pairs: PAIRS }, /^TypeError: the text holds no sentence to learn from/],
      [{ ...good, pairs: [{ source: 'a' }] }, /^TypeError: pairs: `reference` of each pair must be a string/],
      [good, /^TypeError: the student translates from en to pt, a teacher from pt to en/, true],
    ])
      assert.match(await attempt(options, other), said);
    site.server.faults.set('/package/train.wasm', faults.notFound());
    assert.match(await attempt(good), /^NetworkError: The training could not be downloaded.*404/);
    await leave();
  });
});

/** At the end of train.worker.js: leaves the module little room, as a small device would. */
const NO_ROOM = `
{
  const { train } = Learner.prototype;
  Learner.prototype.train = function (...args) {
    const { buffer } = wasm.memory;
    wasm.memory.grow(65536 - buffer.byteLength / 65536 - 4);
    return train.apply(this, args);
  };
}`;

/** At the end of train.worker.js: the first judgement is a better one, and the step after it a breakdown. */
const BREAKS_AFTER_A_BETTER_ONE = `
{
  const { step, judge } = Training.prototype;
  let judged = false;
  Training.prototype.judge = function () {
    judged = true;
    return { ...judge.call(this), best: 101 };
  };
  Training.prototype.step = function (done) {
    if (judged) throw new WebAssembly.RuntimeError('unreachable, for the test');
    return step.call(this, done);
  };
}`;
