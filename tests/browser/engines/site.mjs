// What the tests in other browsers share: the server, visits, and what Chromium translates.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DIST, openSite, visitPackage } from '../harness.mjs';
import { SiteServer } from '../server.mjs';
import { PARAGRAPH, longText } from '../texts.mjs';

/** @typedef {import('./webkit.mjs').Browser} Browser */

export const PAIR = { sourceLanguage: 'en', targetLanguage: 'pt' };
export const SENTENCE = 'Where is the library?';
export const TEXTS = [SENTENCE, PARAGRAPH.en, '', longText(150)];

const COMPLAINTS = readFileSync(new URL('complaints.js', import.meta.url), 'utf8');

/** A policy for pages and workers under which nothing is allowed but what the package needs. */
export const STRICT =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

/** A script that tries what that policy forbids; what a driver runs in the page need not obey it. */
const EVAL = `
export let outcome;
try {
  outcome = new Function('return "allowed"')();
} catch ({ name }) {
  outcome = name;
}`;

/**
 * What Chromium makes of these English texts, on one thread.
 * @param {string[]} texts
 * @returns {Promise<string[]>}
 */
export async function translatedByChromium(texts) {
  const site = await openSite();
  try {
    const { run, leave } = await visitPackage(site);
    const translations = await run(async ({ Translator }, texts) => {
      const pair = { sourceLanguage: 'en', targetLanguage: 'pt', threads: 1, backend: 'wasm' };
      return (await Translator.create(pair)).translateBatch(texts);
    }, texts);
    await leave();
    return translations;
  } finally {
    await site.close();
  }
}

export class OtherSite {
  /** @param {Browser} browser @param {SiteServer} server */
  constructor(browser, server) {
    this.browser = browser;
    this.server = server;
  }

  /** @param {() => Promise<Browser>} open */
  static async open(open) {
    const server = await new SiteServer(DIST).start();
    server.files.set('/complaints.js', COMPLAINTS);
    server.files.set('/eval.js', EVAL);
    const page = readFileSync(`${DIST}/index.html`, 'utf8');
    const watched = page.replace('<script', '<script src="complaints.js"></script>\n<script');
    assert.notEqual(watched, page);
    server.files.set('/index.html', watched);
    try {
      return new OtherSite(await open(), server);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async close() {
    await this.browser.close();
    await this.server.stop();
  }

  /** A visitor with nothing stored. */
  async visit({ path = '/blank.html', isolated = true, headers = {} } = {}) {
    const { server } = this;
    server.faults.clear();
    server.requests.length = 0;
    server.isolated = isolated;
    server.headers = headers;
    const tab = await this.browser.visit();
    await tab.goto(server.origin + path);
    const evaluate = async (code, argument) => {
      const given = argument === undefined ? '' : JSON.stringify(argument);
      // As JSON: each driver has ideas of its own of how values travel.
      const json = await tab.evaluate(`(${code})(${given}).then((value) => JSON.stringify(value) ?? 'null')`);
      return JSON.parse(json);
    };
    return {
      ...tab,
      /** @param {(argument?: any) => Promise<any>} code runs in the page */
      evaluate,
      /** @param {(parts: { Translator: any, package: any }, argument?: any) => any} code runs in the page */
      run: (code, argument) =>
        evaluate(
          `async (argument) => {
            const all = await import(new URL('package/index.js', location.href).href);
            return (${code})({ Translator: all.Translator, package: all }, argument);
          }`,
          argument,
        ),
    };
  }
}
