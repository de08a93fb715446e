#!/usr/bin/env node
/**
 * Puts the page and the package of www/ into a built dist/ without building the engine again: for work
 * on their scripts, styles and markup. WebAssembly modules and models stay as they are, but for those
 * that are healed.
 */

import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runScript } from '../files.mjs';
import { copyHealed } from '../healed.mjs';
import { renewPackage } from '../package-folder.mjs';
import { bundlePage, markup } from '../page.mjs';
import { fillServiceWorker } from '../service-worker.mjs';

await runScript('page', async () => {
  const dist = join(ROOT, 'dist');
  if (!existsSync(join(dist, 'package'))) throw new Error('dist/ holds no package: run "make build" first');
  await renewPackage(dist);
  const { later } = await bundlePage(dist);
  writeFileSync(join(dist, 'index.html'), markup());
  for (const name of ['service-worker.js', 'manifest.webmanifest', 'icon.svg', 'icons']) {
    cpSync(join(ROOT, 'www', name), join(dist, name), { recursive: true });
  }
  copyHealed(join(dist, 'models'));
  fillServiceWorker(dist, later);
});
