// Finds the programs of browsers that not every machine has.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where it is set, as in continuous integration, a missing browser fails the tests. */
const REQUIRE = 'POCKETGLOT_REQUIRE_BROWSERS';

/** The path of the first of these programs that can be run. @param {string[]} names */
export function find(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = names.flatMap((name) =>
    name.includes('/') ? [name] : folders.map((folder) => join(folder, name)),
  );
  return paths.find(canRun);
}

function canRun(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Why tests are skipped, or `false`.
 * @param {Record<string, string | undefined>} programs their paths by what they are called
 */
export function skipWithout(programs) {
  const missing = Object.keys(programs).filter((name) => programs[name] === undefined);
  if (missing.length === 0) return false;
  const reason = `${missing.join(' and ')} not found on this machine`;
  if (process.env[REQUIRE]) throw new Error(`${reason}, and ${REQUIRE} is set`);
  return `SKIPPED: ${reason}`;
}
