// Accessibility, as far as rules can tell: axe-core finds nothing in any state, theme or width.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSite } from './harness.mjs';
import { STATES, THEMES, look, reach } from './states.mjs';

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const WIDTHS = [390, 1280];

let site;
before(async () => (site = await openSite()));
after(() => site.close());

/** What axe-core has against the page as it stands: rule, element and reason. */
const violations = (page) =>
  page.evaluate(async () => {
    const { violations, passes } = await window.axe.run(document, { resultTypes: ['violations'] });
    if (passes.length === 0) throw new Error('axe-core has checked nothing');
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
  });

for (const state of STATES) {
  test(`no_rule_is_broken_in_the_state_${state.name}`, async () => {
    const { page, leave } = await reach(site, state);
    await page.evaluate(AXE);
    for (const theme of THEMES) {
      for (const width of WIDTHS) {
        await look(page, { width, theme });
        assert.deepEqual(await violations(page), [], `${theme}, ${width} pixels`);
      }
    }
    await leave();
  });
}

test('what_is_wrong_would_be_found', async () => {
  const { page, leave } = await reach(site, STATES[0]);
  await page.evaluate(AXE);
  await page.evaluate(() => document.querySelector('#swap').removeAttribute('aria-label'));
  await page.evaluate(() => document.querySelector('#swap').removeAttribute('title'));
  const [found] = await violations(page);
  assert.match(found, /^button-name: #swap/);
  await leave();
});
