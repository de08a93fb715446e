// Downloads that are cut, given up or left: what has arrived is not asked for again, and nothing wrong
// comes of it whatever the server answers.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { DIST, FAILED_REQUESTS, MODEL, PATIENCE, faults, openSite, visitPackage } from './harness.mjs';
import { SiteServer } from './server.mjs';

const PATH = MODEL['en-pt'];
const FILE = readFileSync(DIST + PATH);
const REGISTRY = JSON.parse(readFileSync(`${DIST}/models/registry.json`, 'utf8'));

let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** Creates a translator, perhaps gives up on the way, and says what happened. */
const create = async ({ Translator }, { giveUpAt = Infinity, ...options } = {}) => {
  const controller = new AbortController();
  const seen = [];
  const monitor = (m) =>
    m.addEventListener('downloadprogress', ({ loadedBytes, totalBytes }) => {
      if (loadedBytes !== undefined) seen.push([loadedBytes, totalBytes]);
      if (loadedBytes >= giveUpAt) controller.abort();
    });
  const pair = { sourceLanguage: 'en', targetLanguage: 'pt', monitor, signal: controller.signal };
  const outcome = await Translator.create({ ...pair, ...options }).then(
    async (translator) => ({ ...translator.info, text: await translator.translate('Good morning.') }),
    ({ name, message }) => ({ name, message }),
  );
  return { ...outcome, seen };
};

/** What the server was asked for the file: `Range` of each request. */
const asked = (server = site.server) =>
  server.details.filter(({ path }) => path === PATH).map(({ headers }) => headers.range);
const starts = (server) => asked(server).map((range) => Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0));

const pieces = (page) =>
  page.evaluate(async () => (await (await caches.open('pocketglot-parts-v1')).keys()).length);
/** Waits until there are none, or some. */
async function piecesAre(page, wanted) {
  const end = Date.now() + PATIENCE.timeout;
  while (((await pieces(page)) > 0) !== (wanted === 'some')) {
    assert.ok(Date.now() < end, `waited in vain for ${wanted} of the pieces`);
    await page.waitForTimeout(50);
  }
}

/** Other entries, or other places, in the list of models. */
const serveRegistry = (change, path = '/models/registry.json') => {
  const registry = structuredClone(REGISTRY);
  for (const model of registry.models) change(model);
  const text = Buffer.from(JSON.stringify(registry));
  site.server.faults.set(path, faults.replaced(text, 'application/json'));
};

/** Leaves a part of the file behind. */
async function leavePart({ run, page }) {
  site.server.faults.set(PATH, faults.ranges({ bytesPerSecond: 8e6 }));
  assert.equal((await run(create, { giveUpAt: 3e6 })).name, 'AbortError');
  await piecesAre(page, 'some');
  site.server.faults.delete(PATH);
}

test('cuts_that_each_bring_something_are_forgiven_and_nothing_is_sent_twice', async () => {
  const { run, page, leave } = await visitPackage(site, { allowed: FAILED_REQUESTS });
  site.server.faults.set(PATH, faults.ranges({ cutAfter: 4_000_000 }));
  const { text, verified, seen } = await run(create);
  assert.deepEqual([text, verified], ['Bom dia.', true]);
  assert.deepEqual(starts(), [0, 4e6, 8e6, 12e6]);
  const conditions = site.server.details.filter(({ path }) => path === PATH).map(({ headers }) => headers['if-range']);
  assert.ok(conditions.slice(1).every((etag) => etag?.startsWith('"')), conditions);
  const loaded = seen.map(([loaded]) => loaded);
  assert.deepEqual(loaded, [...loaded].sort((a, b) => a - b), 'progress never goes back');
  assert.ok(seen.every(([, total]) => total === FILE.length));
  await piecesAre(page, 'none');
  await leave();
});

test('three_attempts_in_a_row_that_bring_nothing_are_the_last', async () => {
  const { run, leave } = await visitPackage(site, { allowed: FAILED_REQUESTS });
  const cut = faults.ranges({ cutAfter: 5_000_000 });
  site.server.faults.set(PATH, faults.inTurn(cut, faults.ranges({ cutAfter: 0 })));
  const { name, message } = await run(create);
  assert.equal(name, 'NetworkError');
  assert.match(message, /stopped after 5\.0 of 15\.4 MB/);
  assert.deepEqual(starts(), [0, 5e6, 5e6, 0], 'the last one asks for the whole');
  await leave();
});

test('what_arrived_before_an_abort_is_not_asked_for_again', async () => {
  const visitor = await visitPackage(site);
  await leavePart(visitor);
  const { text, verified, kept, seen } = await visitor.run(create);
  assert.deepEqual([text, verified], ['Bom dia.', true], `kept: ${kept}`);
  const [, from] = starts();
  assert.ok(from >= 3e6, `asked from ${from}`);
  assert.equal(seen[0][0], from, 'progress begins where it stopped');
  await piecesAre(visitor.page, 'none');
  await visitor.leave();
});

test('what_arrived_before_the_page_was_left_is_not_asked_for_again', async () => {
  const { run, page, leave } = await visitPackage(site);
  site.server.faults.set(PATH, faults.ranges({ bytesPerSecond: 2e6 }));
  const lost = run(create).catch(() => {});
  await piecesAre(page, 'some');
  await page.reload();
  await lost;
  site.server.faults.clear();
  assert.equal((await run(create)).text, 'Bom dia.');
  const [, from] = starts();
  assert.ok(from >= 2 ** 18, `asked from ${from}`);
  await leave();
});

for (const [what, how, requests] of [
  ['has_only_whole_files', { ignoresRange: true }, 2],
  ['answers_with_another_range', { shift: -1000 }, 3],
  ['has_another_file_now', { etag: '"another"' }, 2],
  ['has_another_file_and_does_not_look_at_the_condition', { etag: '"another"', careless: true }, 3],
  ['says_that_there_is_no_such_range', { shift: FILE.length }, 3],
]) {
  test(`a_server_that_${what}_is_asked_for_the_whole`, async () => {
    const visitor = await visitPackage(site, { allowed: FAILED_REQUESTS });
    await leavePart(visitor);
    const { careless, ...rest } = how;
    site.server.faults.set(PATH, (body, response, request) => {
      if (careless) delete request.headers['if-range'];
      faults.ranges(rest)(body, response, request);
    });
    const { text, verified } = await visitor.run(create);
    assert.deepEqual([text, verified], ['Bom dia.', true]);
    const all = starts();
    assert.ok(all[1] > 0);
    assert.equal(all.length, requests);
    await piecesAre(visitor.page, 'none');
    await visitor.leave();
  });
}

test('pieces_that_do_not_make_the_expected_file_are_thrown_away_and_it_is_fetched_once_more', async () => {
  const visitor = await visitPackage(site);
  await leavePart(visitor);
  const damaged = Buffer.from(FILE).fill(0x55, FILE.length - 5e6, FILE.length - 4e6);
  site.server.faults.set(PATH, faults.inTurn(faults.ranges({ content: damaged }), faults.ranges({})));
  const { text, verified } = await visitor.run(create);
  assert.deepEqual([text, verified], ['Bom dia.', true]);
  const all = starts();
  assert.equal(all.length, 3);
  assert.deepEqual([all[1] > 0, all[2]], [true, 0]);
  await visitor.leave();
});

test('a_server_that_has_only_a_wrong_file_is_an_error_and_leaves_no_pieces', async () => {
  const visitor = await visitPackage(site);
  await leavePart(visitor);
  const damaged = Buffer.from(FILE).fill(0x55, FILE.length - 5e6, FILE.length - 4e6);
  site.server.faults.set(PATH, faults.ranges({ content: damaged }));
  const { name, message } = await visitor.run(create);
  assert.equal(name, 'NetworkError');
  assert.match(message, /SHA-256/);
  assert.equal(asked().length, 3);
  await piecesAre(visitor.page, 'none');
  await visitor.leave();
});

for (const [what, headers, resumes] of [
  ['shows_nothing_but_what_it_must', { 'Access-Control-Allow-Origin': '*' }, true],
  [
    'shows_all_that_helps',
    { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'ETag, Content-Range, Content-Encoding' },
    true,
  ],
]) {
  test(`a_server_of_another_origin_that_${what}_is_asked_for_the_rest_without_a_preflight`, async () => {
    const other = await new SiteServer(DIST).start();
    try {
      const { run, page, leave } = await visitPackage(site);
      serveRegistry((model) => (model.url = `${other.origin}/models/${model.url}`));
      const withHeaders = (how) => (body, response, request) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        faults.ranges(how)(body, response, request);
      };
      other.faults.set(PATH, withHeaders({ bytesPerSecond: 8e6 }));
      assert.equal((await run(create, { giveUpAt: 3e6 })).name, 'AbortError');
      await piecesAre(page, 'some');
      other.faults.set(PATH, withHeaders({}));
      const { text, verified } = await run(create);
      assert.deepEqual([text, verified], ['Bom dia.', true]);
      assert.equal(starts(other)[1] > 0, resumes);
      assert.ok(other.details.every(({ method }) => method === 'GET'));
      await leave();
    } finally {
      await other.stop();
    }
  });
}

test('without_a_hash_the_rest_is_taken_only_of_the_same_edition', async () => {
  const visitor = await visitPackage(site);
  const { run, page, leave } = visitor;
  site.server.faults.set(PATH, faults.ranges({ bytesPerSecond: 8e6 }));
  assert.equal((await run(create, { model: PATH, giveUpAt: 3e6 })).name, 'AbortError');
  await piecesAre(page, 'some');
  site.server.faults.delete(PATH);
  const { text, verified } = await run(create, { model: PATH });
  assert.deepEqual([text, verified, starts()[1] > 0], ['Bom dia.', false, true]);
  await leave();

  const again = await visitPackage(site);
  const weak = (how) => faults.ranges({ etag: 'W/"weak"', ...how });
  site.server.faults.set(PATH, weak({ bytesPerSecond: 8e6 }));
  assert.equal((await again.run(create, { model: PATH, giveUpAt: 3e6 })).name, 'AbortError');
  await piecesAre(again.page, 'some');
  site.server.faults.set(PATH, weak());
  assert.equal((await again.run(create, { model: PATH })).text, 'Bom dia.');
  assert.equal(starts().at(-1), 0);
  await again.leave();
});

test('pieces_are_let_go_after_two_weeks_and_when_another_version_is_listed', async () => {
  const visitor = await visitPackage(site, { allowed: FAILED_REQUESTS });
  const { run, page, leave } = visitor;
  await leavePart(visitor);
  await page.evaluate(async () => {
    const cache = await caches.open('pocketglot-parts-v1');
    for (const { url } of await cache.keys()) {
      const key = new URL(url);
      const label = JSON.parse(key.searchParams.get('pocketglot-part'));
      label.time -= 15 * 24 * 3600 * 1000;
      key.searchParams.set('pocketglot-part', JSON.stringify(label));
      await cache.put(key, await cache.match(url));
      await cache.delete(url);
    }
  });
  await leavePart(visitor);
  assert.deepEqual(starts(), [0, 0], 'old pieces do not count');

  serveRegistry((model) => {
    model.sha256 = '0'.repeat(64);
    model.url = `new/${model.url}`;
  });
  assert.equal((await run(create)).name, 'NetworkError');
  assert.equal(await pieces(page), 0);
  await leave();
});

test('availability_knows_of_downloads_of_other_tabs_and_of_parts', async () => {
  const visitor = await visitPackage(site);
  const { run, page, context, leave } = visitor;
  const availability = ({ Translator }) => Translator.availability({ sourceLanguage: 'en-US', targetLanguage: 'pt' });
  const other = await context.newPage();
  await other.goto('/blank.html');
  const availabilityElsewhere = () =>
    other.evaluate(async () => {
      const { Translator } = await import(new URL('package/index.js', location.href).href);
      return Translator.availability({ sourceLanguage: 'en', targetLanguage: 'pt' });
    });
  assert.equal(await availabilityElsewhere(), 'downloadable');
  site.server.faults.set(PATH, faults.ranges({ bytesPerSecond: 2e6 }));
  const creating = run(create, { giveUpAt: 6e6 });
  await piecesAre(page, 'some');
  assert.deepEqual([await run(availability), await availabilityElsewhere()], ['downloading', 'downloading']);
  await creating;
  while ((await availabilityElsewhere()) === 'downloading') await other.waitForTimeout(50);
  assert.equal(await availabilityElsewhere(), 'downloadable', 'a part is not a model');
  site.server.faults.clear();
  await run(({ Translator }) =>
    Translator.create({ sourceLanguage: 'en', targetLanguage: 'pt' }).then(({ kept }) => kept),
  );
  assert.deepEqual([await run(availability), await availabilityElsewhere()], ['available', 'available']);
  // Also if the list of models can't be had.
  site.server.faults.set('/models/registry.json', faults.serverError());
  visitor.complaints.length = 0;
  assert.equal(await availabilityElsewhere(), 'available');
  await leave();
});

test('pieces_do_not_slow_a_download_measurably', async (t) => {
  for (const [what, script] of [
    ['with pieces', ''],
    ['without', `{ const open = caches.open.bind(caches); caches.open = (name) => name.includes('parts') ? Promise.reject() : open(name); }`],
  ]) {
    const { run, leave } = await visitPackage(site);
    site.server.faults.set('/package/worker.js', faults.appended(script));
    site.server.faults.set(PATH, faults.ranges({ bytesPerSecond: 3e6 }));
    const ms = await run(async ({ Translator }) => {
      const begun = performance.now();
      await Translator.create({ sourceLanguage: 'en', targetLanguage: 'pt' });
      return performance.now() - begun;
    });
    assert.equal(asked().length, 1);
    t.diagnostic(`${what}: ready after ${ms.toFixed(0)} ms at 3 MB/s`);
    await leave();
  }
});
