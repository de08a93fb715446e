// The examples work as they stand: installed from the packed tarballs, built, served, used.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createServer } from 'vite';
import { filesUnder } from '../../scripts/files.mjs';
import { install, workerScripts } from './example.mjs';
import { assertWords, launch, visit } from './harness.mjs';
import { SiteServer, faults } from './server.mjs';
import { longText } from './texts.mjs';

const VITE = 'vite/bin/vite.js';
const WEBPACK = 'webpack-cli/bin/cli.js';
const TSC = 'typescript/bin/tsc';
const MODEL = '/node_modules/pocketglot-model-en-pt/en-pt.safetensors.gz';

const DOWNLOADING = /^The model is being downloaded/;

let browser;
const examples = {};
before(async () => {
  browser = await launch();
  for (const name of ['html', 'vite', 'webpack']) examples[name] = await install(name);
});
after(async () => {
  await browser?.close();
  for (const example of Object.values(examples)) example.remove();
});

const button = (page, name) => page.getByRole('button', { name });

/** Waits until the status is that, or matches. */
async function says(page, expected) {
  const { source } = expected instanceof RegExp ? expected : new RegExp(`^${expected}$`);
  await page.waitForFunction(
    (source) => new RegExp(source).test(document.querySelector('[role=status]').textContent),
    source,
  );
}

/** Begins to write down what the status says. */
async function listen(page) {
  await page.evaluate(() => {
    const status = document.querySelector('[role=status]');
    window.messages = [];
    new MutationObserver(() => window.messages.push(status.textContent)).observe(status, { childList: true });
  });
  return () => page.evaluate(() => window.messages);
}

async function translate(page, text) {
  await page.getByLabel('Your text').fill(text);
  await button(page, 'Translate').click();
  const result = page.getByLabel('Translation');
  await page.waitForFunction(() => {
    const { textContent, ariaBusy } = document.querySelector('output');
    return textContent !== '' && ariaBusy === 'false';
  });
  return result.textContent();
}

/** Translates, stops a long text, and goes on with the translator that there is. */
async function use(page, count) {
  const messages = await listen(page);
  assertWords(await translate(page, 'Where is the library?'), ['onde', 'biblioteca']);
  const [first, ...others] = await messages();
  assert.match(first, DOWNLOADING);
  assert.deepEqual(others, ['Translating.', '']);
  assert.equal(await page.evaluate(() => document.querySelector('progress').value), 1);

  await page.getByLabel('Your text').fill(longText(8000));
  await button(page, 'Translate').click();
  await says(page, 'Translating\\.');
  await button(page, 'Stop').click();
  await says(page, 'Stopped\\.');
  assertWords(await translate(page, 'Good morning.'), ['bom dia']);
  assert.equal(count(), 1, 'the model was downloaded once');
  assert.equal(await page.evaluate(() => document.querySelector('output').lang), 'pt');
}

/** Helpers begin after the first translation; waits until there are some, or as long as they would take. */
async function hasHelpers(page) {
  for (let i = 0; i < 40 && page.workers().length < 2; i++) await page.waitForTimeout(100);
  return page.workers().length > 1;
}

/** Vite's server for development, in the place of ours. */
class ViteServer extends SiteServer {
  #vite;
  #folder;

  constructor(folder) {
    super(folder);
    this.#folder = folder;
  }

  get origin() {
    return this.#vite.resolvedUrls.local[0].replace(/\/$/, '');
  }

  async start() {
    this.#vite = await createServer({ root: this.#folder, server: { port: 0 }, logLevel: 'silent' });
    await this.#vite.listen();
    return this;
  }

  stop() {
    return this.#vite.close();
  }
}

/** Calls `use` with a site that a server serves from a folder. */
async function withSite(server, use) {
  await server.start();
  try {
    await use({ server, browser });
  } finally {
    await server.stop();
  }
}

/** The whole of it, from a folder that a static server serves, with threads and without. */
async function tryOut(folder) {
  await withSite(new SiteServer(folder), async (site) => {
    const { page, leave } = await visit(site);
    await use(page, () => site.server.requests.filter((path) => path.endsWith('.gz')).length);
    assert.ok(await page.evaluate(() => crossOriginIsolated));
    assert.equal(await hasHelpers(page), await page.evaluate(() => navigator.hardwareConcurrency > 1));
    await leave();

    const plain = await visit(site, { path: '' });
    site.server.isolated = false;
    await plain.page.goto('/');
    assertWords(await translate(plain.page, 'Good morning.'), ['bom dia']);
    assert.equal(await hasHelpers(plain.page), false);
    await plain.leave();
  });
}

/** A build holds each file of the packages once, and each worker's script in one file. */
function assertOnce(example, build) {
  const hash = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const all = filesUnder(build);
  const built = all.map((file) => hash(join(build, file)));
  const packages = join(example.folder, 'node_modules');
  for (const name of readdirSync(packages).filter((name) => name.startsWith('pocketglot'))) {
    for (const file of readdirSync(join(packages, name)).filter((file) => /\.(wasm|gz|tsv)$/.test(file))) {
      const copies = built.filter((one) => one === hash(join(packages, name, file)));
      assert.equal(copies.length, 1, `${file} is in the build ${copies.length} times`);
    }
  }
  const workers = workerScripts(example.folder);
  assert.ok(workers.includes('worker.js') && workers.includes('thread.js'));
  const scripts = all.filter((file) => file.endsWith('.js'));
  assert.equal(scripts.length, 1 + workers.length, `scripts of the build: ${scripts.join(', ')}`);
}

describe('plain HTML', () => {
  test('it_translates_stops_and_goes_on', () => tryOut(examples.html.folder));

  test('a_download_can_be_stopped_and_begun_anew', async () => {
    await withSite(new SiteServer(examples.html.folder), async (site) => {
      const { page, leave } = await visit(site);
      site.server.faults.set(MODEL, faults.slow(1_000_000));
      await button(page, 'Translate').click();
      await page.waitForFunction(() => document.querySelector('progress').value > 0);
      await button(page, 'Stop').click();
      await says(page, 'Stopped\\.');
      assert.ok(await page.locator('progress').isHidden());
      site.server.faults.clear();
      assertWords(await translate(page, 'Good morning.'), ['bom dia']);
      await leave();
    });
  });

  test('a_failure_is_said_and_the_next_try_may_succeed', async () => {
    await withSite(new SiteServer(examples.html.folder), async (site) => {
      const { page, leave } = await visit(site, { allowed: /^Failed to load resource/ });
      site.server.faults.set(MODEL, faults.notFound());
      await button(page, 'Translate').click();
      await says(page, /^It could not be translated\. .*404/);
      site.server.faults.clear();
      assertWords(await translate(page, 'Good morning.'), ['bom dia']);
      await leave();
    });
  });
});

describe('Vite', () => {
  test('the_build_holds_everything_once_and_works', async () => {
    await examples.vite.tool(VITE, 'build');
    const build = join(examples.vite.folder, 'dist');
    assertOnce(examples.vite, build);
    await tryOut(build);
  });

  test('the_development_server_serves_it', async () => {
    await withSite(new ViteServer(examples.vite.folder), async (site) => {
      const { page, leave } = await visit(site, { path: '' });
      const models = [];
      page.on('request', (request) => request.url().endsWith('.gz') && models.push(request.url()));
      await page.goto('/');
      await use(page, () => models.length);
      assert.ok(await page.evaluate(() => crossOriginIsolated));
      await leave();
    });
  });
});

describe('webpack', () => {
  test('the_build_holds_everything_once_and_works_both_ways', async () => {
    await examples.webpack.tool(WEBPACK);
    const folder = join(examples.webpack.folder, 'public');
    assertOnce(examples.webpack, join(folder, 'build'));
    await tryOut(folder);

    await withSite(new SiteServer(folder), async (site) => {
      const { page, leave } = await visit(site);
      await page.getByLabel('From which language').selectOption('pt en');
      assertWords(await translate(page, 'Onde fica a biblioteca?'), ['where', 'library']);
      assert.equal(await page.evaluate(() => document.querySelector('output').lang), 'en');
      await leave();
    });
  });
});

describe('types', () => {
  const SCRIPTS = { html: 'main.js', vite: 'src/main.ts', webpack: 'src/main.js' };
  /** What must be refused, since types that allow everything would pass the examples too, and what must not. */
  const USES = `
    import { Translator } from 'pocketglot';
    // @ts-expect-error The target language is missing.
    const translator = await Translator.create({ sourceLanguage: 'en' });
    // @ts-expect-error A text is a string.
    await translator.translate(1);
    // @ts-expect-error There is no such constructor.
    new Translator();
    // @ts-expect-error It answers with a string.
    const length: number = await translator.translate('text');
    // The types of events are known.
    const loaded: number[] = [];
    await Translator.create({
      sourceLanguage: 'en',
      targetLanguage: 'pt',
      monitor: (m) => m.addEventListener('downloadprogress', (event) => loaded.push(event.loaded)),
    });
    export { length };
  `;

  for (const [module, moduleResolution] of Object.entries({ esnext: 'bundler', nodenext: 'nodenext' })) {
    test(`the_examples_pass_strictly_with_${moduleResolution}`, async () => {
      for (const [name, script] of Object.entries(SCRIPTS)) {
        const { folder, tool } = examples[name];
        writeFileSync(join(folder, 'uses.ts'), USES);
        const compilerOptions = {
          ...{ strict: true, skipLibCheck: false, noEmit: true, allowJs: true, checkJs: true },
          ...{ target: 'es2022', module, moduleResolution, lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
        };
        const config = `tsconfig.${moduleResolution}.json`;
        writeFileSync(join(folder, config), JSON.stringify({ compilerOptions, files: [script, 'uses.ts'] }));
        const { stdout } = await tool(TSC, '-p', config).catch((error) => error);
        assert.equal(stdout, '', `${name}: ${stdout}`);
      }
    });
  }

  test('the_check_of_the_vite_example_passes', async () => {
    const { stdout } = await examples.vite.tool(TSC).catch((error) => error);
    assert.equal(stdout, '');
  });
});
