#!/usr/bin/env node
/**
 * Draws www/icons/*.png from www/icon.svg, for systems that install the page and take no SVG. Run it when
 * the icon changes; the pictures are kept in the repository, so that a build needs no browser.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ROOT, runScript } from '../files.mjs';

const ICONS = [
  { name: 'icon-192.png', size: 192 },
  { name: 'icon-512.png', size: 512 },
  // Systems cut their own shape out of this one: its ground goes to the corners. What must be seen keeps to
  // the middle, within the circle that no system cuts into.
  { name: 'maskable-512.png', size: 512, filled: true },
];

await runScript('icons', async () => {
  const svg = readFileSync(join(ROOT, 'www/icon.svg'), 'utf8');
  const ground = /<rect[^>]* fill="(#\w+)"/.exec(svg)?.[1];
  if (!ground) throw new Error('www/icon.svg has no <rect> with a fill, the ground of the icon');
  const image = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  const folder = join(ROOT, 'www/icons');
  mkdirSync(folder, { recursive: true });
  const executablePath = execFileSync(join(ROOT, 'scripts/chromium.sh'), { encoding: 'utf8' }).trim();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    for (const { name, size, filled = false } of ICONS) {
      const page = await browser.newPage({ viewport: { width: size, height: size } });
      await page.setContent(
        `<body style="margin: 0; background: ${filled ? ground : 'none'}">
        <img src="${image}" width="${size}" height="${size}" style="display: block">`,
      );
      await page.locator('img').evaluate((img) => img.decode());
      await page.screenshot({ path: join(folder, name), omitBackground: true });
      await page.close();
      console.log(`[icons] www/icons/${name}`);
    }
  } finally {
    await browser.close();
  }
});
