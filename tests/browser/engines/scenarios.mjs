// What must hold in every browser, run in those that are not Chromium; what they translate is compared
// with what Chromium does, letter by letter.

import { after, before, describe } from 'node:test';
import { computing } from './computing.mjs';
import { loading } from './loading.mjs';
import { page } from './page.mjs';
import { OtherSite, TEXTS, translatedByChromium } from './site.mjs';

/**
 * What a scenario is given: functions, since tests are listed before there is a browser.
 * @typedef {object} Given
 * @property {() => OtherSite} site
 * @property {() => string[]} expected translations of `TEXTS`
 * @property {boolean} shared isolated pages may share memory with their workers
 */

/**
 * @typedef {object} Options
 * @property {string | false} skip why it can't be tested here
 * @property {() => Promise<import('./webkit.mjs').Browser>} open
 * @property {boolean} shared isolated pages may share memory with their workers
 * @property {((given: Given) => void)[]} [scenarios]
 */

/** @param {string} name @param {Options} options */
export function describeBrowser(name, { skip, open, shared, scenarios = [loading, computing, page] }) {
  describe(name, { skip, timeout: 600_000 }, () => {
    /** @type {OtherSite | undefined} */
    let site;
    /** @type {string[]} */
    let expected;
    before(async () => {
      expected = await translatedByChromium(TEXTS);
      site = await OtherSite.open(open);
      console.log(`[engines] ${site.browser.version}`);
    });
    after(() => site?.close());
    for (const scenario of scenarios) scenario({ site: () => site, expected: () => expected, shared });
  });
}
