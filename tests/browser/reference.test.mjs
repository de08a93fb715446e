// The pages of docs/package/: made of the types as they are now, and linked to what is there.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/files.mjs';
import { anchorsOf, withoutCode } from '../../scripts/markdown.mjs';
import { makeReference } from '../../scripts/reference.mjs';

const FOLDER = join(ROOT, 'docs/package');

test('the_reference_is_what_the_types_say', () => {
  for (const [path, page] of makeReference()) {
    assert.ok(existsSync(path), `${path} is missing: run "make reference"`);
    assert.equal(readFileSync(path, 'utf8'), page, `${path} is out of date: run "make reference"`);
  }
});

test('every_link_of_the_pages_leads_somewhere', () => {
  for (const name of readdirSync(FOLDER).filter((name) => name.endsWith('.md'))) {
    const page = readFileSync(join(FOLDER, name), 'utf8');
    const links = [...withoutCode(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
    assert.ok(links.length > 0, `${name} has links`);
    for (const link of links.filter((link) => !/^https?:/.test(link))) {
      const [file, anchor] = link.split('#');
      const path = file === '' ? join(FOLDER, name) : join(dirname(join(FOLDER, name)), file);
      assert.ok(existsSync(path), `${name}: ${link}`);
      if (anchor === undefined) continue;
      assert.ok(anchorsOf(readFileSync(path, 'utf8')).has(anchor), `${name}: ${link}`);
    }
  }
});
