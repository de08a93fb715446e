// What a visitor downloads before the first word: every engine, gzipped as a server would do it. And
// what someone downloads who opens the laboratory.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DIST } from './harness.mjs';

/** What an engine with all kernels and threads may take at most, in bytes. */
const CEILING = 400_000;

/**
 * Just above what they take today, so that growth is a decision and not an accident: whoever
 * raises it says in the commit what the bytes are for.
 */
const TODAY = 396_000;

/** The laboratory is loaded by who opens it, but need not be large for that. */
const LABORATORY = 712_000;

const zipped = (path) => gzipSync(readFileSync(path), { level: 9 }).length;

test('every_engine_stays_below_the_ceilings', (t) => {
  const folder = join(DIST, 'package');
  const engines = readdirSync(folder).filter((name) => /^engine-.*\.wasm$/.test(name));
  assert.ok(engines.length > 0, `${folder} holds no engine: run "make build" first`);
  assert.ok(TODAY <= CEILING);
  for (const name of engines) {
    const bytes = zipped(join(folder, name));
    t.diagnostic(`${name}: ${bytes} bytes`);
    assert.ok(bytes <= TODAY, `${name} takes ${bytes} bytes gzipped, expected at most ${TODAY}`);
  }
});

test('the_laboratory_stays_below_its_ceiling', (t) => {
  const bytes = zipped(join(DIST, 'package', 'lab.wasm'));
  t.diagnostic(`lab.wasm: ${bytes} bytes`);
  assert.ok(bytes <= LABORATORY, `it takes ${bytes} bytes gzipped, expected at most ${LABORATORY}`);
});
