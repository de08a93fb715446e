#!/usr/bin/env node
/**
 * Puts the page of www/ into a built dist/ without building the engine again: for work on the page's
 * own scripts, styles and markup. The package and the models stay as they are.
 */

import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runScript } from '../files.mjs';
import { bundlePage, markup } from '../page.mjs';
import { fillServiceWorker } from '../service-worker.mjs';

await runScript('page', async () => {
  const dist = join(ROOT, 'dist');
  if (!existsSync(join(dist, 'package'))) throw new Error('dist/ holds no package: run "make build" first');
  const { later } = await bundlePage(dist);
  writeFileSync(join(dist, 'index.html'), markup());
  for (const name of ['service-worker.js', 'manifest.webmanifest', 'icon.svg', 'icons']) {
    cpSync(join(ROOT, 'www', name), join(dist, name), { recursive: true });
  }
  fillServiceWorker(dist, later);
});
