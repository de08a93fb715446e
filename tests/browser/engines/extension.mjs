// A browser extension with the package and a model inside: its own page translates and says what came out.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST } from '../harness.mjs';

/** What the manifest's third version allows at most, and what the engine needs of it. */
const POLICY = "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'";

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>test</title>
<pre id="outcome"></pre>
<script type="module" src="page.js"></script>
`;

const SCRIPT = `
import { Translator } from './package/index.js';

async function outcome() {
  const translator = await Translator.create({ sourceLanguage: 'en', targetLanguage: 'pt' });
  const single = await translator.translate('Where is the library?');
  const end = performance.now() + 20_000;
  while (crossOriginIsolated && translator.info.threads === 1 && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const signal = AbortSignal.abort('no more');
  const aborted = await translator.translate('Good morning.', { signal }).catch((reason) => reason);
  let evaluated = 'allowed';
  try {
    new Function('');
  } catch ({ name }) {
    evaluated = name;
  }
  await translator.kept;
  const { info } = translator;
  translator.destroy();
  const again = await Translator.create({ sourceLanguage: 'en', targetLanguage: 'pt' });
  return { single, aborted, evaluated, info, again: await again.translate('Where is the library?') };
}

const said = await outcome().catch((error) => ({ error: String(error) }));
document.querySelector('#outcome').textContent = JSON.stringify(said);
`;

/**
 * Writes the extension into a folder of its own.
 * @param {Record<string, unknown>} keys of the manifest, besides what every extension needs
 * @returns {{ folder: string, remove: () => void }}
 */
export function writeExtension(keys) {
  const folder = mkdtempSync(join(tmpdir(), 'pocketglot-extension-'));
  const manifest = {
    manifest_version: 3,
    name: 'Pocketglot, for a test',
    version: '1',
    content_security_policy: { extension_pages: POLICY },
    ...keys,
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'page.html'), PAGE);
  writeFileSync(join(folder, 'page.js'), SCRIPT);
  cpSync(join(DIST, 'package'), join(folder, 'package'), { recursive: true });
  mkdirSync(join(folder, 'models'));
  for (const file of ['registry.json', 'en-pt.safetensors.gz'])
    cpSync(join(DIST, 'models', file), join(folder, 'models', file));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** In the extension's page: what it says in the end, or nothing yet. */
export const readOutcome = () => document.querySelector('#outcome')?.textContent;
