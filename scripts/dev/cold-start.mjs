#!/usr/bin/env node
/**
 * Where the time of a cold start goes: `Translator.create` to the first translation in a fresh
 * profile of headless Chromium, files from this machine, phase by phase, medians of several visits.
 * Needs a built page: node scripts/dev/cold-start.mjs [visits [bytes a second of the model]]
 */

import { MODEL, faults, openSite, visitPackage } from '../../tests/browser/harness.mjs';

const VISITS = Number(process.argv[2] ?? 7);
const SPEED = Number(process.argv[3] ?? Infinity);

/** Appended to the worker: marks the phases without changing them. */
const MARKS = `
self.marks = { script: performance.now() };
{
  const { end, write } = Unpacker.prototype;
  Unpacker.prototype.write = function (chunk) {
    self.marks.download ??= performance.now();
    return write.call(this, chunk);
  };
  Unpacker.prototype.end = function () {
    self.marks.downloaded = performance.now();
    const unpacked = end.call(this);
    unpacked.then(() => (self.marks.unpacked = performance.now()));
    return unpacked;
  };
  const digest = crypto.subtle.digest.bind(crypto.subtle);
  crypto.subtle.digest = async (...all) => {
    const begun = performance.now();
    const result = await digest(...all);
    self.marks.hash = performance.now() - begun;
    return result;
  };
}
{
  const { compileStreaming } = WebAssembly;
  WebAssembly.compileStreaming = async (response) => {
    const begun = performance.now();
    const module = await compileStreaming(response);
    self.marks.compile = performance.now() - begun;
    self.marks.compiled = performance.now();
    return module;
  };
  const { prototype } = Loader;
  const { finish } = prototype;
  prototype.finish = function () {
    const begun = performance.now();
    const model = finish.call(this);
    self.marks.read = performance.now() - begun;
    self.marks.ready = performance.now();
    return model;
  };
  new BroadcastChannel('marks').onmessage = ({ target, data }) =>
    data === 'marks?' && target.postMessage({ origin: performance.timeOrigin, ...self.marks });
}`;
/** A browser that has just been started is busy with itself. */
const SETTLE_MS = 2000;

const site = await openSite();
/** @type {Record<string, number>[]} */
const rows = [];
for (let visit = 0; visit < VISITS; visit++) {
  const visitor = await visitPackage(site);
  site.server.faults.set('/package/worker.js', faults.appended(MARKS));
  if (SPEED < Infinity) site.server.faults.set(MODEL['en-pt'], faults.slow(SPEED));
  await visitor.page.waitForTimeout(SETTLE_MS);
  rows.push(
    await visitor.run(async ({ Translator }) => {
      const begin = performance.now();
      const pair = { sourceLanguage: 'en', targetLanguage: 'pt' };
      const translator = await Translator.create(pair);
      const created = performance.now();
      const times = [];
      for (let i = 0; i < 12; i++) {
        const at = performance.now();
        await translator.translate(`The ferry number ${i} was late again, so we walked along the harbour.`);
        times.push(performance.now() - at);
      }
      const channel = new BroadcastChannel('marks');
      const marks = await new Promise((resolve) => {
        channel.onmessage = ({ data }) => data.origin && resolve(data);
        channel.postMessage('marks?');
      });
      const offset = marks.origin - performance.timeOrigin - begin;
      return {
        'worker script': offset + marks.script,
        'engine compiled, at': offset + marks.compiled,
        'compile': marks.compile,
        'first bytes, at': offset + marks.download,
        'downloaded, at': offset + marks.downloaded,
        'hash': marks.hash,
        'unpacked, at': offset + marks.unpacked,
        'read and pack': marks.read,
        'ready, at': offset + marks.ready,
        'created, at': created - begin,
        'first translation': times[0],
        'second': times[1],
        'tenth to twelfth': (times[9] + times[10] + times[11]) / 3,
        'start to first translation': created - begin + times[0],
        'threads': translator.info.threads,
      };
    }),
  );
  await visitor.leave();
}
await site.close();

for (const name of Object.keys(rows[0])) {
  const values = rows.map((row) => row[name]).sort((a, b) => a - b);
  const median = values[Math.floor(values.length / 2)];
  console.log(`${name.padEnd(28)} ${median.toFixed(0).padStart(6)}   ${values[0].toFixed(0)}–${values.at(-1).toFixed(0)}`);
}
