// Completes the page that Trunk has staged: the JavaScript package with the engine inside, the
// models, licences and notices, and the service worker's list of files. Trunk runs it as a hook.

import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runScript } from './files.mjs';
import { copyHealed } from './healed.mjs';
import { writeNotices } from './notices.mjs';
import { assemblePackage } from './package-folder.mjs';
import { bundlePage } from './page.mjs';
import { fillServiceWorker } from './service-worker.mjs';

const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];

/** The compressed models with their registry and licence; the page fetches them when it needs them. */
function copyModels(stage) {
  const source = join(ROOT, 'models');
  if (!existsSync(join(source, 'registry.json'))) {
    throw new Error('models/registry.json is missing; run: make model');
  }
  const registry = JSON.parse(readFileSync(join(source, 'registry.json'), 'utf8'));
  mkdirSync(join(stage, 'models'), { recursive: true });
  for (const name of ['registry.json', 'LICENSE.txt', ...registry.models.map((model) => model.url)]) {
    cpSync(join(source, name), join(stage, 'models', name));
  }
}

function copyLicences(stage, packages) {
  writeNotices(join(stage, 'third-party-notices.txt'), packages);
  for (const name of LICENCES) cpSync(join(ROOT, name), join(stage, name));
  for (const name of [...LICENCES, 'third-party-notices.txt']) {
    cpSync(join(stage, name), join(stage, 'package', name));
  }
}

/** Trunk empties dist/ before it moves the new page there; what `make package` made is kept. */
function keepTarballs(stage) {
  const tarballs = join(process.env.TRUNK_DIST_DIR ?? join(ROOT, 'dist'), 'npm');
  if (existsSync(tarballs)) cpSync(tarballs, join(stage, 'npm'), { recursive: true });
}

await runScript('build', async () => {
  const stage = process.env.TRUNK_STAGING_DIR;
  if (!stage) throw new Error('TRUNK_STAGING_DIR is not set: this runs as a hook of `trunk build`');
  await assemblePackage(stage);
  const { packages, later } = await bundlePage(stage);
  copyModels(stage);
  copyHealed(join(stage, 'models'));
  copyLicences(stage, packages);
  fillServiceWorker(stage, later);
  keepTarballs(stage);
});
