#!/usr/bin/env node
// Where our engine's time goes: samples of the worker that translates, by function, over the same
// texts as the batch measure. The engine must have kept its names:
//
//     CARGO_PROFILE_WEB_STRIP=false make build && node bench/profile.mjs [options of main.mjs]

import { chromium } from 'playwright-core';
import { ARGUMENTS, WITHOUT_GRAPHICS } from './browser.mjs';
import { ENGINES } from './engines.mjs';
import { BENCH, findPlaces } from './places.mjs';
import { readOptions } from './options.mjs';
import { Server } from './serving.mjs';
import { countWords } from './statistics.mjs';
import { inCalls, readTexts } from './texts.mjs';

const SAMPLING_US = 200;
const LINES = 25;

/** Rust's names without crate hashes and paths that say nothing. */
function short(name) {
  return name
    .replace(/\[[0-9a-f]{16}\]/g, '')
    .replace(/pocketglot::|core::|alloc::/g, '')
    .slice(0, 110);
}

/** Talks to the first worker of a page by the page's own session. */
async function workerSession(session) {
  const attached = new Promise((resolve) => session.once('Target.attachedToTarget', resolve));
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const { sessionId } = await attached;
  const waiting = new Map();
  let last = 0;
  session.on('Target.receivedMessageFromTarget', ({ sessionId: from, message }) => {
    const { id, result, error } = JSON.parse(message);
    if (from !== sessionId || !waiting.has(id)) return;
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  });
  return (method, params = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      const message = JSON.stringify({ id, method, params });
      session.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject);
    });
}

/** Share of each function in the samples, the largest first. */
function shares({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName || '(no name)']));
  const times = new Map();
  let total = 0;
  samples.forEach((id, i) => {
    const name = names.get(id);
    if (name === '(idle)') return;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[i]);
    total += timeDeltas[i];
  });
  return [...times].map(([name, time]) => [name, time / total]).sort((a, b) => b[1] - a[1]);
}

const options = readOptions(process.argv.slice(2), ENGINES.map(({ id }) => id));
const places = await findPlaces(options);
const texts = await readTexts(options);
const server = await new Server({ '/bench/': BENCH, '/pocketglot/': places.dist }, {}).start();
const args = [...ARGUMENTS, ...WITHOUT_GRAPHICS, ...options.browserFlags];
const browser = await chromium.launch({ executablePath: places.chromium, args, headless: false });
try {
  const page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  const session = await page.context().newCDPSession(page);
  const worker = workerSession(session);
  const { from, to } = options;
  const { adapter, options: ours } = ENGINES.find(({ id }) => id === 'ours-1');
  const request = { adapter, options: { from, to, pair: from + to, ...ours } };
  await page.evaluate(
    async ({ request, calls }) => {
      globalThis.bench = await import('/bench/page.mjs');
      await globalThis.bench.open(request);
      await globalThis.bench.timeCalls({ calls, together: false });
    },
    { request, calls: inCalls(texts.warmUp) },
  );
  const send = await worker;
  await send('Profiler.enable');
  await send('Profiler.setSamplingInterval', { interval: SAMPLING_US });
  await send('Profiler.start');
  const sources = texts.measured.map(({ source }) => source);
  const { seconds } = await page.evaluate(
    (calls) => globalThis.bench.timeCalls({ calls, together: false }),
    inCalls(sources),
  );
  const { profile } = await send('Profiler.stop');
  const words = sources.reduce((sum, text) => sum + countWords(text), 0);
  console.log(`${words} words, ${(words / seconds).toFixed(0)} a second while sampled`);
  for (const [name, share] of shares(profile).slice(0, LINES))
    console.log(`${(100 * share).toFixed(1).padStart(5)} %  ${short(name)}`);
} finally {
  await browser.close();
  await server.stop();
}
