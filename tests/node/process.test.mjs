// The package and the process that it runs in: how it ends, and that nothing of it is changed. From the
// packed tarball.

import assert from 'node:assert/strict';
import { appendFile, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EN_PT, install } from './installed.mjs';

let project;
before(async () => (project = await install()));
after(() => project.remove());

/** A program in which a translator is made of these options. */
const program = (code) => `
import { Model, Translator } from 'pocketglot';
const options = ${JSON.stringify(EN_PT)};
${code}
`;

/** Ended by itself, in good order, and with nothing to complain of. */
function assertGoodEnd({ status, signal, stderr }) {
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' });
}

test('importing_it_starts_nothing_and_adds_nothing', async () => {
  const { ended } = await project.run(`
    const before = Object.getOwnPropertyNames(globalThis).join();
    await import('pocketglot');
    console.log(Object.getOwnPropertyNames(globalThis).join() === before);
    console.log(process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name)).length);
  `);
  const result = await ended;
  assertGoodEnd(result);
  assert.equal(result.stdout, 'true\n0\n');
});

test('the_process_ends_by_itself_after_destroy', async () => {
  const { ended } = await project.run(
    program(`
    const translator = await Translator.create(options);
    console.log(await translator.translate('Good morning.'));
    translator.destroy();
    process.on('exit', () => console.log(performance.now() - destroyed < 2000));
    const destroyed = performance.now();
  `),
  );
  const result = await ended;
  assertGoodEnd(result);
  assert.equal(result.stdout, 'Bom dia.\ntrue\n');
});

test('a_translator_without_work_does_not_keep_the_process', async () => {
  const { ended } = await project.run(
    program(`
    const translator = await Translator.create({ ...options, threads: 2 });
    await translator.translate('Good morning.');
    await new Promise((resolve) => setTimeout(resolve, 500));
    console.log(translator.info.threads);
    const model = await Model.load({ ...options });
    console.log(await Translator.availability(options));
  `),
  );
  const result = await ended;
  assertGoodEnd(result);
  assert.equal(result.stdout, '2\navailable\n');
});

test('a_translation_in_progress_keeps_the_process', async () => {
  const { ended } = await project.run(
    program(`
    const say = (text) => console.log(text);
    const translator = await Translator.create(options);
    void translator.translate('Good morning.').then(say);
    void translator.translateBatch(Array(40).fill('See you tomorrow.')).then((texts) => say(texts.length));
  `),
  );
  const result = await ended;
  assertGoodEnd(result);
  assert.equal(result.stdout, 'Bom dia.\n40\n');
});

test('a_creation_in_progress_keeps_the_process', async () => {
  const { ended } = await project.run(
    program(`
    void Translator.create(options).then(({ info }) => console.log(info.target));
    void Model.load({ ...options }).then(({ info }) => console.log(info.languages.target));
  `),
  );
  const result = await ended;
  assertGoodEnd(result);
  assert.equal(result.stdout, 'pt\npt\n');
});

test('many_calls_of_one_signal_bring_no_warning', async () => {
  const { ended } = await project.run(
    program(`
    const { signal } = new AbortController();
    const translator = await Translator.create({ ...options, signal });
    const texts = await Promise.all(Array.from({ length: 40 }, () => translator.translate('Good morning.', { signal })));
    console.log(new Set(texts).size);
    translator.destroy();
    console.log((await import('node:events')).defaultMaxListeners);
  `),
  );
  const result = await ended;
  assertGoodEnd(result);
  assert.equal(result.stdout, '1\n10\n');
});

test('control_c_ends_it_in_the_middle_of_its_work', async () => {
  const { child, ended, wrote } = await project.run(
    program(`
    const translator = await Translator.create({ ...options, threads: 2 });
    await translator.translate('Good morning.');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const texts = Array.from({ length: 5000 }, (_, i) => \`There are \${i} books on the table in the hall.\`);
    await translator.translateBatch(texts, {
      onprogress: ({ done }) => console.log(done > 0 ? 'at work' : ''),
    });
    console.log('done');
  `),
  );
  await wrote(/at work/);
  const sent = performance.now();
  child.kill('SIGINT');
  const { signal, stdout, stderr } = await ended;
  const took = performance.now() - sent;
  assert.deepEqual({ signal, stderr }, { signal: 'SIGINT', stderr: '' });
  assert.doesNotMatch(stdout, /done/);
  assert.ok(took < 5000, `it took ${took} ms`);
});

test('options_of_the_command_line_do_not_disturb_it', async () => {
  const code = program(`
    const translator = await Translator.create(options);
    console.log(await translator.translate('Good morning.'));
  `);
  const result = await project.start('--input-type=module', '--trace-warnings', '-e', code).ended;
  assertGoodEnd(result);
  assert.equal(result.stdout, 'Bom dia.\n');
});

test('a_worker_that_cannot_start_or_stops_is_told', async () => {
  const script = join(project.folder, 'node_modules/pocketglot/worker.js');
  const whole = join(project.folder, 'worker.js');
  await copyFile(script, whole);
  try {
    for (const code of [
      'throw new Error("broken");',
      'setTimeout(() => { throw new Error("broken"); }, 100);',
      'setTimeout(() => self.close(), 100);',
    ]) {
      await copyFile(whole, script);
      await appendFile(script, `\n${code}\n`);
      const { ended } = await project.run(
        program("await Translator.create(options).catch(({ name }) => console.log(name));"),
      );
      const result = await ended;
      assertGoodEnd(result);
      assert.match(result.stdout, /^(Network|Operation)Error\n$/);
    }
  } finally {
    await copyFile(whole, script);
  }
});
