// Whose code is in the page stands in its notices, with the licence.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../../scripts/files.mjs';
import { notices, packageComponents } from '../../scripts/notices.mjs';
import { bundlePage } from '../../scripts/page.mjs';
import { DIST } from './harness.mjs';

/** A line of its own for what is named, whatever width a text was set in. */
const plain = (text) => text.replace(/\s+/g, ' ');

let scratch;
before(() => (scratch = mkdtempSync(join(tmpdir(), 'pocketglot-notices-'))));
after(() => rmSync(scratch, { recursive: true }));

test('the_built_notices_name_every_package_whose_code_is_in_the_page', async (t) => {
  const { packages } = await bundlePage(scratch);
  const built = plain(readFileSync(join(DIST, 'third-party-notices.txt'), 'utf8'));
  assert.match(built, /wgpu \d+\.\d+\.\d+: /, 'the crates are there');
  for (const { title, licence, texts } of packageComponents(packages)) {
    t.diagnostic(`${title}: ${licence}`);
    assert.ok(built.includes(`${title}: ${licence}`), `${title} is not named`);
    for (const text of texts) assert.ok(built.includes(plain(text)), `the licence of ${title} is missing`);
  }
});

test('a_package_from_npm_is_named_with_its_licence', () => {
  const text = notices(packageComponents(['node_modules/lit-html', 'node_modules/d3-scale', 'node_modules/d3-axis']));
  assert.match(text, /^lit-html \d+\.\d+\.\d+ \(npm\): BSD-3-Clause$/m);
  assert.match(text, /Copyright \(c\) 2017 Google LLC/);
  assert.match(text, /^d3-scale \d+\.\d+\.\d+ \(npm\): ISC$/m);
  assert.match(text, /Permission to use, copy, modify/);
});

test('a_package_without_a_licence_is_refused', () => {
  const folder = join(scratch, 'nameless');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "name": "nameless", "version": "1.0.0", "license": "MIT" }');
  const packages = [relative(ROOT, folder)];
  assert.throws(() => packageComponents(packages), /nameless in .* brings no text of it/);
  writeFileSync(join(folder, 'LICENSE'), 'Do as you please.');
  assert.match(notices(packageComponents(packages)), /nameless 1\.0\.0 \(npm\): MIT[^]*Do as you please\./);
});
