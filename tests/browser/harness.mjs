// What the browser tests share: the server, Chromium, a page whose complaints are collected.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { readableScript } from '../../scripts/package-folder.mjs';
import { SiteServer, faults as answers } from './server.mjs';

/** The built page; another one can be tested by naming its folder. */
export const DIST =
  process.env.POCKETGLOT_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));

/** Scripts of the package with the names of their sources, by name. @type {Map<string, string>} */
const readable = new Map();

export const faults = {
  ...answers,

  /** A worker's script, named as its sources are, with more at its end, such as a breakdown on demand. */
  appended: (code) => (_, response, request) => {
    const name = basename(request.url);
    if (!readable.has(name)) readable.set(name, readableScript(join(DIST, 'package'), name));
    response.end(`${readable.get(name)}\n${code}`);
  },
};

/** At the end of worker.js: the real engine traps when it meets the word BREAKDOWN. */
export const BREAKDOWN = `
{
  const { submit, poll } = Engine.prototype;
  const broken = new WeakSet();
  Engine.prototype.submit = function (texts, ...options) {
    if (texts.some((text) => text.includes('BREAKDOWN'))) broken.add(this);
    return submit.call(this, texts, ...options);
  };
  Engine.prototype.poll = function (budget) {
    if (broken.has(this)) throw new WebAssembly.RuntimeError('unreachable, for the test');
    return poll.call(this, budget);
  };
}`;

const ARGUMENTS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  '--disable-gpu',
];

/** Flags for a browser with a graphics adapter, in software: the same everywhere, and slow. */
export const WITH_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** A machine under load may need long for what usually takes a second. */
export const PATIENCE = { timeout: 60_000 };

export const MODEL = {
  'en-pt': '/models/en-pt.safetensors.gz',
  'pt-en': '/models/pt-en.safetensors.gz',
};

/** How Chromium is started, with more flags if need be. */
export const launchOptions = (...flags) => ({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [...ARGUMENTS, ...flags],
  // `--headless=new` is given above; Playwright's own switch would name an older mode as well.
  headless: false,
});

/** Chromium, with more flags if need be. */
export const launch = (...flags) => chromium.launch(launchOptions(...flags));

/** One server and one Chromium for the tests of a file; call `close` in the end. */
export async function openSite(...flags) {
  assert.ok(existsSync(`${DIST}/index.html`), `${DIST} holds no page: run "make build" first`);
  const server = await new SiteServer(DIST).start();
  const browser = await launch(...flags);
  return {
    server,
    browser,
    async close() {
      await browser.close();
      await server.stop();
    },
  };
}

/**
 * A visitor: a browser profile of its own, with nothing stored.
 * `allowed` is what the console may say; `prepare` may arrange the server before the page is opened; the caller ends the visit with `leave`, which checks that.
 */
export async function visit(site, { path = '/', allowed, prepare, ...options } = {}) {
  // A test that failed may have left its visitor behind, at work.
  await site.visitor?.close();
  site.server.faults.clear();
  site.server.isolated = true;
  site.server.requests.length = 0;
  site.server.details.length = 0;
  site.server.abandoned.length = 0;
  const context = await site.browser.newContext({ baseURL: site.server.origin, ...options });
  site.visitor = context;
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE.timeout);
  const complaints = [];
  // Violations of the content security policy reach the console too.
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  prepare?.();
  if (path) await page.goto(path);
  return {
    context,
    page,
    complaints,
    async leave() {
      await context.close();
      assert.deepEqual(
        complaints.filter((text) => !allowed?.test(text)),
        [],
        'the console must be quiet',
      );
    },
  };
}

/** What Chromium itself says in the console when a request fails. */
export const FAILED_REQUESTS = /^Failed to load resource/;

// --- The page ---

export const source = (page) => page.locator('#source');
export const target = (page) => page.locator('#target');
export const notice = (page) => page.locator('#notice');
export const action = (page) => page.locator('#notice-action');
export const status = (page) => page.locator('#status');

/** Waits until the translation of what stands in the source pane is there, and returns it. */
export async function translated(page, timeout = PATIENCE.timeout) {
  await page.waitForFunction(
    () => {
      const target = document.querySelector('#target');
      return (
        target.textContent !== '' &&
        target.getAttribute('aria-busy') === 'false' &&
        !target.classList.contains('stale')
      );
    },
    undefined,
    { timeout },
  );
  return target(page).textContent();
}

/** Types or pastes a text and waits for its translation. */
export async function translate(page, text) {
  await source(page).fill(text);
  return translated(page);
}

export async function noticeSays(page, pattern) {
  await page.waitForFunction(
    ({ source, flags }) => {
      const notice = document.querySelector('#notice');
      return !notice.hidden && new RegExp(source, flags).test(notice.textContent);
    },
    { source: pattern.source, flags: pattern.flags },
  );
}

/** Every word or pattern must occur, whatever the case. */
export function assertWords(text, words) {
  for (const word of words) assert.match(text, new RegExp(word, 'iu'), `"${word}" in: ${text}`);
}

/** The page is kept for offline visits only when its service worker is active. */
export async function shellIsKept(page) {
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
}

/** The model is kept for the next visit some moments after it is first used. */
export async function modelIsKept(page, path) {
  await page.evaluate(async (path) => {
    const cache = await caches.open('pocketglot-models-v1');
    const isKept = async () =>
      (await cache.keys()).some((request) => new URL(request.url).pathname === path);
    while (!(await isKept())) await new Promise((resolve) => setTimeout(resolve, 50));
  }, path);
}

// --- The package alone ---

/** A visit to an empty page; `run` then runs code with the package and its arguments in it. */
export async function visitPackage(site, options = {}) {
  const visitor = await visit(site, { path: '/blank.html', ...options });
  return {
    ...visitor,
    /** @param {(context: { Translator: any, package: any }, argument: any) => any} code runs in the page */
    run: (code, argument) =>
      visitor.page.evaluate(
        async ([code, argument]) => {
          const all = await import(new URL('package/index.js', location.href).href);
          const parts = { Translator: all.Translator, package: all };
          return (0, eval)(`(${code})`)(parts, argument);
        },
        [code.toString(), argument],
      ),
  };
}
