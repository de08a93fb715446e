#!/usr/bin/env node
/**
 * Pictures of the built page for people to look at: every state at three widths in both themes, in
 * screenshots/<state>-<width>-<theme>.png. `node tests/browser/screenshots.mjs ready offline` makes only
 * those of the named states.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runScript } from '../../scripts/files.mjs';
import { openSite } from './harness.mjs';
import { STATES, THEMES, look, reach } from './states.mjs';

const WIDTHS = [390, 820, 1440];
const FOLDER = join(ROOT, 'screenshots');

await runScript('screenshots', async () => {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !STATES.some((state) => state.name === name));
  if (unknown !== undefined) {
    throw new Error(`there is no state "${unknown}"; there are ${STATES.map(({ name }) => name).join(', ')}`);
  }
  if (names.length === 0) rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const site = await openSite();
  try {
    for (const state of STATES) {
      if (names.length > 0 && !names.includes(state.name)) continue;
      const { page, leave } = await reach(site, state);
      for (const width of WIDTHS) {
        for (const theme of THEMES) {
          await look(page, { width, theme });
          const path = join(FOLDER, `${state.name}-${width}-${theme}.png`);
          await page.screenshot({ path, fullPage: true, animations: 'disabled' });
        }
      }
      await leave();
      console.log(`[screenshots] ${state.name}`);
    }
  } finally {
    await site.close();
  }
});
