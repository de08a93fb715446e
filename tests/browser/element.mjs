// What the tests of the element <pocket-translator> share: pages with it, under the content security policy
// of our own page, from the built package.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/files.mjs';
import { DIST, launch, visit } from './harness.mjs';
import { SiteServer } from './server.mjs';

const [, POLICY] = /content="(default-src[^"]*)"/.exec(readFileSync(join(ROOT, 'www/index.html'), 'utf8'));

/** A page that allows nothing more than ours, and the script of the element unless it is to come later. */
const page = (script = '<script type="module" src="pocketglot/element.js"></script>') =>
  `<!doctype html><html lang="en"><meta http-equiv="Content-Security-Policy" content="${POLICY}">
  <link rel="icon" href="data:,"><title>element</title>${script}<main><h1>A page</h1></main></html>`;

/** The example, and pages of nothing but the element, with a browser; call `close` in the end. */
export async function openElementSite() {
  const folder = mkdtempSync(join(tmpdir(), 'pocketglot-element-'));
  cpSync(join(ROOT, 'examples/element'), folder, { recursive: true });
  symlinkSync(join(DIST, 'package'), join(folder, 'pocketglot'));
  symlinkSync(join(DIST, 'models'), join(folder, 'models'));
  writeFileSync(join(folder, 'bare.html'), page());
  writeFileSync(join(folder, 'later.html'), page(''));
  const server = await new SiteServer(folder).start();
  const browser = await launch();
  return {
    server,
    browser,
    async close() {
      await browser.close();
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A visit to a page with an element of these attributes. */
export async function meet(site, attributes = {}, { path = '/bare.html', ...options } = {}) {
  const visitor = await visit(site, { path, ...options });
  await add(visitor.page, { from: 'en', to: 'pt', id: 'first', ...attributes });
  return visitor;
}

export const add = (page, attributes) =>
  page.evaluate((attributes) => {
    const element = document.createElement('pocket-translator');
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    document.querySelector('main').append(element);
  }, attributes);

export const field = (page, id = 'first') => page.locator(`#${id} textarea`);
export const action = (page, id = 'first') => page.locator(`#${id} .action`);

/** A property of the element. */
export const get = (page, name, id = 'first') =>
  page.locator(`#${id}`).evaluate((element, name) => element[name], name);

/** The translation of what stands in an element, when it is there. */
export async function translated(page, id = 'first') {
  await page.waitForFunction((id) => document.getElementById(id).translation !== '', id);
  return page.locator(`#${id} output`).textContent();
}

export async function inState(page, state, id = 'first') {
  await page.waitForFunction(([state, id]) => document.getElementById(id).state === state, [state, id]);
}

/** Workers of the page but for the helpers of the first. */
export const engines = (page) => page.workers().filter((worker) => /\/worker\.js$/.test(worker.url())).length;

/** Workers end some moments after they were told to. */
export async function noWorkerIsLeft(page) {
  for (let i = 0; i < 100 && page.workers().length > 0; i++) await page.waitForTimeout(100);
  assert.equal(page.workers().length, 0);
}
