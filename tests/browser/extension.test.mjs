// The package in the page of a browser extension, with the model in the extension's own folder.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { PATIENCE, launchOptions } from './harness.mjs';
import { readOutcome, writeExtension } from './engines/extension.mjs';
import { openFirefox, skip } from './engines/firefox.mjs';
import { SENTENCE, translatedByChromium } from './engines/site.mjs';

const ISOLATED = {
  cross_origin_embedder_policy: { value: 'require-corp' },
  cross_origin_opener_policy: { value: 'same-origin' },
};

let expected;
before(async () => ([expected] = await translatedByChromium([SENTENCE])));

/** @param {any} outcome of the extension's page */
function assertTranslates({ info, ...outcome }) {
  assert.deepEqual(outcome, {
    single: expected,
    aborted: 'no more',
    evaluated: 'EvalError',
    again: expected,
  });
  assert.equal(info.verified, true);
}

/** What the page of such an extension says in Chromium. @param {Record<string, unknown>} keys */
async function inChromium(keys) {
  const extension = writeExtension(keys);
  // Without a folder's name the profile is a passing one.
  const context = await chromium.launchPersistentContext('', {
    ...launchOptions(),
    ignoreDefaultArgs: ['--disable-extensions'],
  });
  try {
    const session = await context.browser().newBrowserCDPSession();
    const { id } = await session.send('Extensions.loadUnpacked', { path: extension.folder });
    const page = await context.newPage();
    await page.goto(`chrome-extension://${id}/page.html`);
    const outcome = await page.waitForFunction(readOutcome, undefined, PATIENCE);
    return JSON.parse(await outcome.jsonValue());
  } finally {
    await context.close();
    extension.remove();
  }
}

test('a_page_of_an_extension_translates', async () => {
  const outcome = await inChromium({});
  assertTranslates(outcome);
  assert.equal(outcome.info.threads, 1);
});

test('a_page_of_an_extension_that_is_isolated_has_threads', async () => {
  const outcome = await inChromium(ISOLATED);
  assertTranslates(outcome);
  assert.ok(outcome.info.threads > 1, `${outcome.info.threads}`);
});

test('a_page_of_an_extension_translates_in_Firefox', { skip }, async () => {
  const id = 'pocketglot@test.invalid';
  const uuid = '0c8f8e2e-3f0a-4f5e-9a37-52d0b6a6f0a1';
  const extension = writeExtension({ browser_specific_settings: { gecko: { id } } });
  const browser = await openFirefox({
    // Drivers may otherwise not go to pages of extensions.
    args: ['-remote-allow-system-access'],
    preferences: { 'extensions.webextensions.uuids': JSON.stringify({ [id]: uuid }) },
  });
  try {
    await browser.puppeteer.installExtension(extension.folder);
    const page = await browser.puppeteer.newPage();
    // The page moves to the process of extensions, and the driver never hears that it has arrived.
    page.goto(`moz-extension://${uuid}/page.html`).catch(() => {});
    assertTranslates(JSON.parse(await until(() => page.evaluate(readOutcome))));
  } finally {
    await browser.close();
    extension.remove();
  }
});

/** @template T @param {() => Promise<T>} look fails while the page is on its way @returns {Promise<T>} */
async function until(look) {
  const end = Date.now() + PATIENCE.timeout;
  for (;;) {
    const seen = await look().catch((error) => void (Date.now() > end && assert.fail(error)));
    if (seen) return seen;
    assert.ok(Date.now() < end, 'the page of the extension says nothing');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
