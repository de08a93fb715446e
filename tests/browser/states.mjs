// The states that the page can be in, and how to get there: for the tests that look at all of them and
// for the screenshots. A new one is a new row.

import {
  FAILED_REQUESTS,
  MODEL,
  faults,
  modelIsKept,
  noticeSays,
  shellIsKept,
  source,
  translate,
  translated,
  visit,
} from './harness.mjs';
import { PARAGRAPH, longText } from './texts.mjs';

/**
 * @typedef {object} Visitor
 * @property {any} site
 * @property {import('playwright-core').Page} page
 * @property {import('playwright-core').BrowserContext} context
 *
 * @typedef {object} State
 * @property {string} name
 * @property {object} [options] of the browser's context
 * @property {string} [path] where the visit begins
 * @property {RegExp} [allowed] what the console may say
 * @property {(visitor: Visitor) => unknown} [before] the page is loaded
 * @property {(visitor: Visitor) => unknown} reach the state, and wait until it is there
 */

/** Long enough to be looked at while it is translated. */
const LONG = 60_000;

/** Lets a text be downloaded for and translated, with nothing left to be kept. */
async function ready({ page }) {
  await translate(page, PARAGRAPH.en);
  await modelIsKept(page, MODEL['en-pt']);
}

/** For machines under load. */
const PATIENTLY = [undefined, { timeout: 240_000 }];

/** Turns the precision dial, by the quick method, and waits for the score. */
async function turn({ page }, bits, scored = /240 sentences of ours ·/) {
  await page.locator('#rounding').evaluate((select) => {
    select.value = 'nearest';
    select.dispatchEvent(new Event('change'));
  });
  await page.locator(`#bits-${bits}`).check({ force: true });
  await page.waitForFunction(
    ([bits, source]) =>
      document.querySelector('#work-text').textContent.startsWith(bits) &&
      document.querySelector('#making').hidden &&
      new RegExp(source).test(document.querySelector('#quality').textContent),
    [String(bits), scored.source],
    PATIENTLY[1],
  );
}

/** A recipe of about so many bits everywhere. @param {number} bits */
const found = (bits, bytes, divergence) => ({
  recipe: { step: [{ method: 'quantize', target: 'all', bits, group_size: 'matrix', coding: 'entropy', rounding: 'gptq' }] },
  bytes,
  divergence,
});

/** What a search of a budget of 7.5 MB may find. */
const SEARCHED = {
  pair: 'en-pt',
  wanted: { budget: 7_500_000, evaluations: 24, structure: false },
  points: [
    ...[found(2.5, 5_588_435, 0.32), found(2.5, 5_602_110, 0.24), found(2.75, 6_150_300, 0.19), found(2.75, 6_161_000, 0.12)],
    ...[found(3, 6_610_000, 0.11), found(3.125, 7_010_000, 0.072), found(3.25, 7_480_000, 0.05), found(3.25, 7_464_645, 0.038)],
  ],
  front: [0, 1, 2, 3, 4, 5, 7],
  whole: true,
};

/** Healed models as the build lists them. @param {string} kind @param {string} how @param {object[]} step */
const listed = (kind, bytes, how, step) => ({
  ...{ kind, registry: `${kind}/registry.json`, source: 'en', target: 'pt', sha256: '0'.repeat(64) },
  ...{ bytes, how, recipe: { step }, steps: 150, seconds: 240 },
});

const HEALED = {
  format: 1,
  models: [
    listed('small', 7_944_862, 'healed', found(3.5).recipe.step),
    listed('tiny', 6_473_174, 'healed', found(2.8).recipe.step),
    listed('sparse', 12_957_492, 'pruned', [{ method: 'prune', target: 'all', criterion: 'magnitude', scope: 'blind', sparsity: 0.4 }]),
    listed('narrow', 52_439_086, 'distilled', [{ method: 'prune_neurons', target: 'ffn', share: 0.5, criterion: 'activation', refit: true }]),
  ],
};

/** The site has them, so it says. @param {Visitor} visitor */
const serveHealed = ({ page }) => page.route('**/models/healed.json', (route) => route.fulfill({ json: HEALED }));

/** @type {State[]} */
export const STATES = [
  {
    name: 'first-visit',
    reach: ({ page }) => noticeSays(page, /is a download/),
  },
  {
    name: 'downloading',
    before: ({ site }) => site.server.faults.set(MODEL['en-pt'], faults.slow(5e5)),
    async reach({ page }) {
      await source(page).fill(PARAGRAPH.en);
      await noticeSays(page, /Downloading .*: \d+\.\d of/);
    },
  },
  {
    name: 'download-cancelled',
    before: ({ site }) => site.server.faults.set(MODEL['en-pt'], faults.slow(5e5)),
    async reach({ page }) {
      await source(page).fill(PARAGRAPH.en);
      await noticeSays(page, /Downloading .*: \d+\.\d of/);
      await page.locator('#cancel').click();
      await noticeSays(page, /cancelled/);
    },
  },
  {
    name: 'download-failed',
    allowed: FAILED_REQUESTS,
    before: ({ site }) => site.server.faults.set(MODEL['en-pt'], faults.serverError()),
    async reach({ page }) {
      await source(page).fill(PARAGRAPH.en);
      await noticeSays(page, /Your text is safe/);
    },
  },
  { name: 'ready', reach: ready },
  {
    name: 'ready-details',
    async reach(visitor) {
      await ready(visitor);
      await visitor.page.locator('#computing summary').click();
    },
  },
  {
    name: 'portuguese',
    async reach({ page }) {
      await page.locator('#swap').click();
      await translate(page, PARAGRAPH.pt);
    },
  },
  {
    name: 'long-text',
    async reach({ page }) {
      await translate(page, 'Good morning.');
      await source(page).fill(longText(LONG));
      await page.locator('#work').waitFor({ state: 'visible' });
    },
  },
  {
    name: 'stopped',
    async reach({ page }) {
      await translate(page, 'Good morning.');
      await source(page).fill(longText(LONG));
      await page.locator('#stop').click();
      await noticeSays(page, /was stopped/);
    },
  },
  {
    name: 'offline',
    allowed: /registry\.json|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION/,
    async reach({ page, context }) {
      await ready({ page });
      await shellIsKept(page);
      await context.setOffline(true);
      await page.reload();
      await translated(page);
    },
  },
  {
    name: 'offline-not-downloaded',
    allowed: /registry\.json|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION/,
    async reach({ page, context }) {
      await ready({ page });
      await shellIsKept(page);
      await context.setOffline(true);
      await page.locator('#swap').click();
      await noticeSays(page, /offline.*has not been downloaded/);
    },
  },
  {
    name: 'update-waits',
    async reach({ page, site }) {
      await ready({ page });
      await shellIsKept(page);
      await page.reload();
      const script = await (await fetch(`${site.server.origin}/service-worker.js`)).text();
      const next = Buffer.from(script.replace(/BUILD_ID = '.*?'/, "BUILD_ID = 'next'"));
      site.server.faults.set('/service-worker.js', faults.replaced(next, 'text/javascript'));
      await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
      await page.locator('#update').waitFor({ state: 'visible' });
      await translated(page);
    },
  },
  {
    name: 'chinese-first-visit',
    options: { locale: 'zh-TW' },
    reach: ({ page }) => noticeSays(page, /只需要下載一次/),
  },
  {
    name: 'chinese-ready',
    options: { locale: 'zh-TW' },
    async reach(visitor) {
      await ready(visitor);
      await visitor.page.locator('#computing summary').click();
    },
  },
  {
    name: 'dark-on-a-light-system',
    async reach(visitor) {
      await ready(visitor);
      await visitor.page.emulateMedia({ colorScheme: 'light' });
      await visitor.page.locator('#theme').click();
    },
  },
  {
    name: 'dials-scored',
    async reach(visitor) {
      await ready(visitor);
      await turn(visitor, 4);
      await visitor.page.locator('#changes summary').click();
    },
  },
  {
    name: 'dials-collapsed',
    async reach(visitor) {
      await ready(visitor);
      await turn(visitor, 2);
      await visitor.page.locator('#method summary').click();
    },
  },
  {
    name: 'dials-calibrating',
    async reach({ page }) {
      await ready({ page });
      await page.locator('#bits-4').check({ force: true });
      await page.waitForFunction(() => /rough/.test(document.querySelector('#work-text').textContent), ...PATIENTLY);
    },
  },
  {
    name: 'dials-failed',
    allowed: FAILED_REQUESTS,
    async reach({ page, site }) {
      await ready({ page });
      site.server.faults.set('/package/lab-relaxed.wasm', faults.serverError());
      await page.locator('#bits-4').check({ force: true });
      await page.locator('#making-again').waitFor({ state: 'visible' });
    },
  },
  {
    name: 'link-waiting',
    path: `/#en-pt?${new URLSearchParams({ recipe: JSON.stringify({ step: [{ method: 'quantize', target: 'all', bits: 4 }] }) })}`,
    reach: ({ page }) => noticeSays(page, /is a download/),
  },
  {
    name: 'laboratory-empty',
    async reach({ page }) {
      await page.locator('#open-laboratory').click();
      await page.locator('#laboratory-label').waitFor();
    },
  },
  {
    name: 'laboratory',
    async reach(visitor) {
      await ready(visitor);
      await turn(visitor, 5);
      await turn(visitor, 4);
      await turn(visitor, 3);
      await visitor.page.locator('#open-laboratory').click();
      await visitor.page.locator('#laboratory-label').waitFor();
    },
  },
  {
    name: 'chinese-laboratory',
    async reach(visitor) {
      await visitor.page.locator('#page-languages button[lang="zh-Hant"]').click();
      await ready(visitor);
      await turn(visitor, 4, /240/);
      await visitor.page.locator('#open-laboratory').click();
      await visitor.page.locator('#laboratory-label').waitFor();
    },
  },
  {
    name: 'ready-made',
    before: serveHealed,
    async reach({ page }) {
      await page.locator('#open-laboratory').click();
      await page.locator('.offers li').first().waitFor();
    },
  },
  {
    name: 'ready-made-failed',
    allowed: FAILED_REQUESTS,
    before: serveHealed,
    async reach({ page }) {
      await ready({ page });
      await page.locator('#open-laboratory').click();
      await page.locator('.offers button').first().click();
      await page.locator('.offers .trouble:not([hidden])').waitFor(PATIENTLY[1]);
    },
  },
  {
    name: 'chinese-ready-made',
    before: serveHealed,
    async reach({ page }) {
      await page.locator('#page-languages button[lang="zh-Hant"]').click();
      await ready({ page });
      await page.locator('#open-laboratory').click();
      await page.locator('.offers li').first().waitFor();
    },
  },
  {
    name: 'search-running',
    async reach(visitor) {
      await ready(visitor);
      await visitor.page.locator('#open-laboratory').click();
      await visitor.page.locator('.part-search [type=submit]').click();
      await visitor.page.locator('.search-progress').waitFor();
    },
  },
  {
    name: 'search-found',
    // As a search before a reload has left it.
    before: ({ context }) =>
      context.addInitScript((found) => sessionStorage.setItem('pocketglot.search', JSON.stringify(found)), SEARCHED),
    async reach(visitor) {
      await ready(visitor);
      await visitor.page.locator('#open-laboratory').click();
      await visitor.page.locator('.part-search tbody tr').first().waitFor();
    },
  },
  {
    name: 'chinese-search-found',
    before: ({ context }) =>
      context.addInitScript((found) => sessionStorage.setItem('pocketglot.search', JSON.stringify(found)), SEARCHED),
    async reach(visitor) {
      await visitor.page.locator('#page-languages button[lang="zh-Hant"]').click();
      await visitor.page.locator('#open-laboratory').click();
      await visitor.page.locator('.part-search tbody tr').first().waitFor();
    },
  },
  {
    name: 'laboratory-learning',
    async reach({ page }) {
      await ready({ page });
      const choose = (selector, name, lines) =>
        page.locator(selector).setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(lines.join('\n')) });
      await choose('#test-set', 'pairs.tsv', ['Good morning.\tBom dia.']);
      await turn({ page }, 3, /1 sentence/);
      await page.locator('#open-laboratory').click();
      await page.locator('#laboratory-label').waitFor();
      await choose('.part-heal input[type=file]', 'text.txt', longText(100).split(/(?<=[.?]) /));
      await page.locator('.part-heal input[value="1"]').check({ force: true });
      await page.locator('.part-heal .heal-choices .button').click();
      await page.locator('.heal-chrf').waitFor(PATIENTLY[1]);
      await page.locator('.part-heal .quiet').click();
    },
  },
  {
    name: 'browser-too-old',
    before: ({ context }) =>
      context.addInitScript(() => Reflect.deleteProperty(globalThis, 'DecompressionStream')),
    reach: ({ page }) => noticeSays(page, /cannot run the translator/),
  },
];

/**
 * Brings a new visitor into a state.
 * @param {any} site
 * @param {State} state
 */
export async function reach(site, { options, path = '/', allowed, before, reach }) {
  const visitor = await visit(site, { ...options, allowed, path: null });
  const all = { site, page: visitor.page, context: visitor.context };
  await before?.(all);
  await visitor.page.goto(path);
  await reach(all);
  return visitor;
}

export const THEMES = /** @type {const} */ (['light', 'dark']);

/**
 * The same visitor with another window and another theme of the system.
 * @param {import('playwright-core').Page} page
 * @param {{ width: number, theme: 'light' | 'dark' }} look
 */
export async function look(page, { width, theme }) {
  await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
}
