// Small helpers over files that the build scripts share.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Every file under a folder, as paths relative to it with forward slashes, in a fixed order. */
export function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .map((path) => path.split(sep).join('/'))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Runs a script's main function; a failure becomes one readable line and exit status 1. */
export async function runScript(label, main) {
  try {
    await main();
  } catch (error) {
    console.error(`[${label}] error: ${error.message}`);
    process.exitCode = 1;
  }
}

export function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** Puts values where a script has placeholders. */
export function fill(path, replacements) {
  let script = readFileSync(path, 'utf8');
  for (const [placeholder, value] of replacements) {
    if (!placeholder.test(script)) {
      throw new Error(`${basename(path)} has lost its placeholder ${placeholder.source}`);
    }
    script = script.replace(placeholder, () => value);
  }
  writeFileSync(path, script);
}
