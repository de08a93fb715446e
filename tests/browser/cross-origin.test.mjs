// The package on another origin than the page, as on a CDN: a second server on another port.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DIST, FAILED_REQUESTS, MODEL, assertWords, faults, openSite, visit } from './harness.mjs';
import { SiteServer } from './server.mjs';
import { EXPECTED, PARAGRAPH } from './texts.mjs';

const PAIR = { sourceLanguage: 'en', targetLanguage: 'pt' };
const OWN_SCRIPT = '/assets/translation-worker.js';

let site;
let cdn;
before(async () => {
  site = await openSite();
  cdn = await new SiteServer(DIST).start();
});
after(async () => {
  await cdn.stop();
  await site.close();
});

/** An empty page; `run` gives code the package of the CDN. No part of this needs "unsafe-eval". */
async function visitFromAfar({ isolated = true, csp, allowed, ...options } = {}) {
  const visitor = await visit(site, { path: null, allowed, ...options });
  site.server.isolated = isolated;
  site.server.headers = csp === undefined ? {} : { 'Content-Security-Policy': csp };
  site.server.files.set(OWN_SCRIPT, Buffer.from(`import("${cdn.origin}/package/any-worker.js");`));
  // What a CDN sends: no isolation of its own, and leave for everybody.
  cdn.isolated = false;
  cdn.headers = { 'Access-Control-Allow-Origin': '*' };
  cdn.faults.clear();
  cdn.requests.length = 0;
  await visitor.page.goto('/blank.html');
  return visitor;
}

const packageOf = () => `${cdn.origin}/package/index.js`;

/** Translates, waits for the threads, translates again, and makes a model smaller. */
const translateAndCompress = (page, { options, text, threads }) =>
  page.evaluate(
    async ({ url, options, text, threads, model }) => {
      const { Translator, Model } = await import(url);
      const translator = await Translator.create(options);
      const first = await translator.translate(text);
      while (translator.info.threads !== threads) await new Promise((resolve) => setTimeout(resolve, 20));
      const second = await translator.translate(text);
      translator.destroy();
      const { workerURL } = options;
      const original = await Model.load(model, { workerURL });
      const { report } = await original.compress('half', { gzip: false });
      original.delete();
      return { first, second, report, isolated: crossOriginIsolated };
    },
    { url: packageOf(), options, text, threads, model: MODEL['en-pt'] },
  );

function assertWorked({ first, second, report, isolated }, expected) {
  assertWords(first, EXPECTED.en);
  assert.equal(second, first);
  assert.ok(report.tensors.length > 0);
  assert.equal(isolated, expected);
}

const scriptsOf = (server) => server.requests.filter((path) => /\.(js|wasm)$/.test(path));

test('from_another_origin_everything_works_with_threads_where_the_page_is_isolated', async () => {
  const { page, leave } = await visitFromAfar();
  const kinds = new Set();
  page.on('worker', (worker) => kinds.add(new URL(worker.url()).protocol));
  assertWorked(
    await translateAndCompress(page, { options: { ...PAIR, threads: 2 }, text: PARAGRAPH.en, threads: 2 }),
    true,
  );
  assert.deepEqual([...kinds], ['blob:'], 'workers of the page are made on the spot');
  assert.deepEqual(scriptsOf(site.server), [], 'the page has no script of its own');
  for (const name of ['index', 'worker', 'thread', 'gunzip', 'lab.worker'])
    assert.ok(cdn.count(`/package/${name}.js`) > 0, `${name}.js comes from the CDN`);
  assert.equal(site.server.count(MODEL['en-pt']), 2, 'once for the translator, once for the laboratory');
  await leave();
});

test('from_another_origin_everything_works_where_the_page_is_not_isolated', async () => {
  const { page, leave } = await visitFromAfar({ isolated: false });
  assertWorked(
    await translateAndCompress(page, { options: { ...PAIR, threads: 2 }, text: PARAGRAPH.en, threads: 1 }),
    false,
  );
  await leave();
});

/** What a careful page sends, without "unsafe-eval". */
const strictPolicy = (workers = "'self'") =>
  `default-src 'none'; script-src 'self' ${cdn.origin} 'wasm-unsafe-eval'; worker-src ${workers}; connect-src 'self' ${cdn.origin}; img-src data:`;

test('from_another_origin_a_policy_needs_to_allow_no_more_than_blob', async () => {
  const { page, leave } = await visitFromAfar({ csp: strictPolicy('blob:') });
  assertWorked(
    await translateAndCompress(page, { options: { ...PAIR, threads: 2 }, text: PARAGRAPH.en, threads: 2 }),
    true,
  );
  await leave();
});

test('under_a_policy_without_blob_one_script_of_the_page_serves_for_all_workers', async () => {
  const { page, leave } = await visitFromAfar({ csp: strictPolicy() });
  const options = { ...PAIR, threads: 2, workerURL: OWN_SCRIPT };
  assertWorked(await translateAndCompress(page, { options, text: PARAGRAPH.en, threads: 2 }), true);
  assert.deepEqual([...new Set(scriptsOf(site.server))], [OWN_SCRIPT]);
  for (const name of ['any-worker', 'worker', 'thread', 'gunzip', 'lab.worker'])
    assert.ok(cdn.count(`/package/${name}.js`) > 0, `${name}.js comes from the CDN`);
  await leave();
});

/** What both ways in say, as "name: message". */
const refusals = (page, options) =>
  page.evaluate(
    async ({ url, options, model }) => {
      const { Translator, Model } = await import(url);
      const said = (promise) => promise.then(() => 'nothing', ({ name, message }) => `${name}: ${message}`);
      const { workerURL } = options;
      return [await said(Translator.create(options)), await said(Model.load(model, { workerURL }))];
    },
    { url: packageOf(), options, model: MODEL['en-pt'] },
  );

test('a_policy_that_forbids_the_worker_is_named_with_what_to_do', async () => {
  const { page, leave } = await visitFromAfar({ csp: strictPolicy(), allowed: /Content Security Policy/ });
  for (const message of await refusals(page, PAIR)) {
    assert.match(message, /^NotAllowedError: /);
    assert.match(message, /"worker-src blob:"/);
    assert.match(message, /workerURL/);
  }
  // A script of the page's own helps without another visit.
  const text = await page.evaluate(
    async ({ url, options, text }) => {
      const { Translator } = await import(url);
      return (await Translator.create(options)).translate(text);
    },
    { url: packageOf(), options: { ...PAIR, workerURL: OWN_SCRIPT }, text: PARAGRAPH.en },
  );
  assertWords(text, EXPECTED.en);
  await leave();
});

test('a_worker_that_the_other_origin_does_not_give_is_reported_with_its_address', async () => {
  const { page, leave } = await visitFromAfar({ allowed: FAILED_REQUESTS });
  for (const name of ['worker', 'lab.worker']) cdn.faults.set(`/package/${name}.js`, faults.notFound());
  const [translation, laboratory] = await refusals(page, PAIR);
  assert.match(translation, /^NetworkError: The translation engine .*Access-Control-Allow-Origin.*\/package\/worker\.js$/);
  assert.match(laboratory, /^NetworkError: The laboratory .*\/package\/lab\.worker\.js$/);
  await leave();
});

test('a_script_of_the_page_that_cannot_serve_is_reported_with_its_address', async () => {
  const { page, leave } = await visitFromAfar({ allowed: FAILED_REQUESTS });
  const [elsewhere] = await refusals(page, { ...PAIR, workerURL: `${cdn.origin}/package/any-worker.js` });
  assert.match(elsewhere, /^TypeError: workerURL: .* must be on the page's own origin, http:\/\/localhost/);
  for (const message of await refusals(page, { ...PAIR, workerURL: '/missing.js' }))
    assert.match(message, /^NetworkError: .*any-worker\.js.*Cross-Origin-Embedder-Policy: http.*\/missing\.js$/);
  // The script is there, but not the package's.
  cdn.faults.set('/package/worker.js', faults.notFound());
  const [message] = await refusals(page, { ...PAIR, workerURL: OWN_SCRIPT });
  assert.match(message, /^NetworkError: .*translation-worker\.js$/);
  await leave();
});
