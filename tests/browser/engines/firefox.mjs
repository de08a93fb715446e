// Firefox, driven over WebDriver BiDi.

import { launch } from 'puppeteer-core';
import { find, skipWithout } from './programs.mjs';

const { FIREFOX } = process.env;
const program = FIREFOX
  ? find(FIREFOX)
  : find('firefox-esr', 'firefox', '/Applications/Firefox.app/Contents/MacOS/firefox');

export const skip = skipWithout({ Firefox: program });

/**
 * @param {{ args?: string[], preferences?: Record<string, unknown> }} [options]
 * @returns {Promise<import('./webkit.mjs').Browser & { puppeteer: import('puppeteer-core').Browser }>}
 */
export async function openFirefox({ args = [], preferences = {} } = {}) {
  const browser = await launch({
    browser: 'firefox',
    executablePath: program,
    headless: true,
    args,
    extraPrefsFirefox: preferences,
    protocolTimeout: 300_000,
  });
  return {
    puppeteer: browser,
    version: await browser.version(),
    async visit() {
      const context = await browser.createBrowserContext();
      return tabOf(await context.newPage(), () => context.close());
    },
    close: () => browser.close(),
  };
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {() => Promise<void>} close
 * @returns {import('./webkit.mjs').Tab}
 */
export function tabOf(page, close) {
  page.setDefaultTimeout(60_000);
  return {
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    evaluate: (expression) => page.evaluate(expression),
    type: (selector, text) => page.type(selector, text),
    resize: (width, height) => page.setViewport({ width, height }),
    screenshot: async () => Buffer.from(await page.screenshot()),
    close,
  };
}
