// The guide is true: each piece of its code is run as it stands there, and prints what it says.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT } from '../../scripts/files.mjs';
import { install as installPackage } from '../node/installed.mjs';
import { install as installExample } from './example.mjs';
import { blockOf, filesOf, printed, readGuide } from './guide.mjs';
import { DIST, MODEL, launch, visit } from './harness.mjs';
import { SiteServer, faults } from './server.mjs';

const CDN = /https:\/\/cdn\.example/g;
const TRANSLATION = 'Onde está a biblioteca?';

const sections = readGuide();
const withMark = (mark) => sections.filter((section) => blockOf(section, mark));

let folder;
let browser;
let cdn;
before(async () => {
  // The folders that the guide tells to put beside a page.
  folder = mkdtempSync(join(tmpdir(), 'pocketglot-guide-'));
  symlinkSync(join(DIST, 'package'), join(folder, 'pocketglot'));
  symlinkSync(join(DIST, 'models'), join(folder, 'models'));
  browser = await launch();
  cdn = await new SiteServer(folder).start();
  cdn.isolated = false;
  cdn.headers = { 'Access-Control-Allow-Origin': '*' };
});
after(async () => {
  await browser?.close();
  await cdn?.stop();
  rmSync(folder, { recursive: true });
});

const PAGE = `<!doctype html>
<html lang="en">
  <link rel="icon" href="data:," />
  <title>A block of the guide</title>
  <form><button disabled>Translate</button> <button type="button">Cancel</button></form>
  <progress value="0"></progress>
  <output></output>
  <script type="module" src="page.js"></script>
</html>`;

/** A site with what a section has: its page or its script, its files, and the headers that it names. */
async function open(section, troubles = new Map()) {
  const server = await new SiteServer(folder).start();
  const fromHere = (text) => text.replace(CDN, cdn.origin);
  const script = blockOf(section, 'script');
  server.files.set('/index.html', blockOf(section, 'page')?.text ?? PAGE);
  if (script) server.files.set('/page.js', `${fromHere(script.text)}\nglobalThis.isDone = true;\n`);
  for (const [name, text] of filesOf(section)) server.files.set(`/${name}`, fromHere(text));
  for (const { text } of section.blocks.filter(({ language }) => language === 'http')) {
    for (const line of text.trim().split('\n')) {
      const [name, value] = line.split(/: (.*)/);
      server.headers[name] = fromHere(value);
    }
  }
  const { page, context, leave } = await visit({ server, browser }, { path: null });
  server.faults = troubles;
  // Headers for threads are sent only where the guide says so.
  server.isolated = false;
  // Where the browser has the interface itself, the guide's polyfill leaves it.
  await page.addInitScript(() => delete globalThis.Translator);
  const lines = [];
  page.on('console', (message) => lines.push(message.text()));
  await page.goto('/');
  return {
    ...{ page, context, lines, server },
    isDone: () => page.waitForFunction(() => globalThis.isDone),
    close: async () => {
      await leave();
      await server.stop();
    },
  };
}

/** What must have been printed, in this order; what the guide says nothing of may come between. */
function assertPrinted(lines, block) {
  const expected = printed(block);
  let at = 0;
  for (const line of lines) if (line === expected[at]) at++;
  assert.equal(at, expected.length, `expected ${JSON.stringify(expected)}, printed was ${JSON.stringify(lines)}`);
}

async function showsTranslation(page) {
  await page.waitForFunction(() => document.querySelector('output').value !== '');
  assert.equal(await page.evaluate(() => document.querySelector('output').value), TRANSLATION);
}

test('all_code_of_the_guide_is_run', () => {
  const marks = /^(page|script|bundler|node|policy|file=[\w.-]+)$/;
  for (const { title, blocks } of sections) {
    for (const { language, marks: own } of blocks) {
      if (['js', 'html', 'ts'].includes(language)) assert.match(own[0] ?? '', marks, `${title}: ${language}`);
    }
  }
  assert.ok(withMark('script').length >= 10 && withMark('page').length === 2);
});

/** What a visitor does with a page before or after its script has run, by the script's second mark. */
const VISITS = {
  /** The polyfill's page waits for it. */
  async click({ page, lines, isDone }, block) {
    await isDone();
    await page.evaluate(() => document.querySelector('button').removeAttribute('disabled'));
    await page.getByRole('button', { name: 'Translate' }).click();
    while (lines.length === 0) await page.waitForTimeout(50);
    assertPrinted(lines, block);
  },

  /** Nobody cancels; then, on a first visit with a slow server, somebody does. */
  async cancel({ page, lines, isDone }, block, section) {
    const look = (page) =>
      page.evaluate(() => ({
        isLoaded: document.querySelector('progress').value === 1,
        isReady: !document.querySelector('button').disabled,
      }));
    await isDone();
    assert.deepEqual(lines, []);
    assert.deepEqual(await look(page), { isLoaded: true, isReady: true });

    const slow = await open(section, new Map([[MODEL['en-pt'], faults.slow(1_000_000)]]));
    await slow.page.waitForFunction(() => document.querySelector('progress').value > 0);
    await slow.page.getByRole('button', { name: 'Cancel' }).click();
    await slow.isDone();
    assertPrinted(slow.lines, block);
    assert.deepEqual(await look(slow.page), { isLoaded: false, isReady: false });
    await slow.close();
  },

  /** On the next visit no server is there. */
  async offline({ page, lines, server, isDone }, block) {
    await isDone();
    assertPrinted(lines, block);
    await server.stop();
    lines.length = 0;
    await page.reload();
    await isDone();
    assertPrinted(lines, block);
    await server.start();
  },
};

describe('scripts of a page', () => {
  for (const section of withMark('script')) {
    const block = blockOf(section, 'script');
    const [, kind] = block.marks;
    test(`${section.title}: it prints what it says`, async () => {
      const site = await open(section);
      if (kind) await VISITS[kind](site, block, section);
      else {
        await site.isDone();
        assertPrinted(site.lines, block);
      }
      await site.close();
    });
  }
});

describe('whole pages', () => {
  for (const section of withMark('page')) {
    test(`${section.title}: it translates`, async () => {
      const site = await open(section);
      if (section.title === 'An element') await elementShows(site.page);
      else await showsTranslation(site.page);
      await site.close();
    });
  }
});

async function elementShows(page) {
  await page.waitForFunction(() => document.querySelector('pocket-translator').translation);
  const { translation, accent, style } = await page.evaluate(() => {
    const element = document.querySelector('pocket-translator');
    const target = element.shadowRoot.querySelector('[part~=target]');
    return {
      translation: element.translation,
      accent: getComputedStyle(element).getPropertyValue('--pocket-translator-accent').trim(),
      style: getComputedStyle(target).fontStyle,
    };
  });
  assert.deepEqual({ translation, accent, style }, { translation: TRANSLATION, accent: '#0a5', style: 'italic' });
}

describe('bundlers', () => {
  const [section] = withMark('bundler');
  const { text } = blockOf(section, 'bundler');
  for (const { name, script, tool, built } of [
    { name: 'vite', script: 'src/main.ts', tool: ['vite/bin/vite.js', 'build'], built: 'dist' },
    { name: 'webpack', script: 'src/main.js', tool: ['webpack-cli/bin/cli.js'], built: 'public' },
  ]) {
    test(`${section.title}: it translates when ${name} has built it`, async () => {
      const example = await installExample(name);
      writeFileSync(join(example.folder, script), text);
      await example.tool(...tool);
      const server = await new SiteServer(join(example.folder, built)).start();
      const { page, leave } = await visit({ server, browser });
      await showsTranslation(page);
      await leave();
      await server.stop();
      example.remove();
    });
  }
});

describe('Node.js', () => {
  const [section] = withMark('node');
  const block = blockOf(section, 'node');
  test(`${section.title}: it prints what it says`, async () => {
    const project = await installPackage();
    symlinkSync(join(ROOT, 'models'), join(project.folder, 'models'));
    const { ended } = await project.run(block.text);
    const { status, stdout, stderr } = await ended;
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assertPrinted(stdout.trimEnd().split('\n'), block);
    await project.remove();
  });
});
