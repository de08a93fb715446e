// What the build takes of healed models: whole ones, with a list of them that is always there.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { sha256 } from '../../scripts/files.mjs';
import { copyHealed } from '../../scripts/healed.mjs';
import { parseRegistry } from '../../www/package/registry.js';

let scratch;
/** What the build said. */
let said;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'pocketglot-healed-'));
  said = [];
});
afterEach(() => rmSync(scratch, { recursive: true }));

const healed = (...path) => join(scratch, 'healed', ...path);
const models = (...path) => join(scratch, 'models', ...path);
const copy = () => copyHealed(models(), { healed: healed(), say: (line) => said.push(line) });
const list = () => JSON.parse(readFileSync(models('healed.json'), 'utf8'));

const MADE = { how: 'healed', recipe: { step: [{ method: 'screen' }] }, steps: 150, seconds: 213 };

/** A kind as `make heal` leaves it, with another entry if need be. */
function make(kind, { content = 'a package', licence = true, ...change } = {}) {
  mkdirSync(healed(kind), { recursive: true });
  const url = 'en-pt.safetensors.gz';
  writeFileSync(healed(kind, url), content);
  writeFileSync(healed(kind, 'en-pt.safetensors'), 'unpacked');
  writeFileSync(healed(kind, 'en-pt.unhealed.safetensors'), 'before');
  if (licence) writeFileSync(healed(kind, 'LICENSE.txt'), 'MPL-2.0');
  const entry = { source: 'en', target: 'pt', url, bytes: content.length, sha256: sha256(content), size: 99, made: MADE, ...change };
  writeFileSync(healed(kind, 'registry.json'), JSON.stringify({ format: 1, models: [entry] }));
}

test('where_nothing_was_healed_the_list_is_there_and_empty', () => {
  copy();
  assert.deepEqual(list(), { format: 1, models: [] });
  assert.deepEqual(readdirSync(models()), ['healed.json']);
  mkdirSync(healed());
  copy();
  assert.deepEqual(list().models, []);
  assert.deepEqual(said, []);
});

test('what_was_healed_is_copied_and_listed_and_nothing_else_of_the_folder', () => {
  make('tiny');
  make('small', { content: 'another package' });
  writeFileSync(healed('pt.txt'), 'text to learn from');
  copy();
  const [small, tiny] = list().models;
  assert.deepEqual([small.kind, tiny.kind], ['small', 'tiny']);
  assert.deepEqual(tiny, {
    ...{ kind: 'tiny', registry: 'tiny/registry.json', source: 'en', target: 'pt' },
    ...{ bytes: 9, sha256: sha256('a package'), ...MADE },
  });
  assert.deepEqual(readdirSync(models()).sort(), ['healed.json', 'small', 'tiny']);
  assert.deepEqual(readdirSync(models('small')).sort(), ['LICENSE.txt', 'en-pt.safetensors.gz', 'registry.json']);
  const [entry] = parseRegistry(readFileSync(models(small.registry), 'utf8'), `https://site.example/models/${small.registry}`);
  assert.equal(entry.url, 'https://site.example/models/small/en-pt.safetensors.gz');
  assert.deepEqual([entry.bytes, entry.sha256], [small.bytes, small.sha256]);
});

test('a_time_that_nobody_measured_is_left_out', () => {
  make('small', { made: { ...MADE, seconds: undefined } });
  copy();
  assert.ok(!('seconds' in list().models[0]));
});

test('a_kind_that_is_half_written_is_left_out_and_the_build_says_so', () => {
  make('small');
  make('tiny');
  rmSync(healed('tiny', 'registry.json'));
  copy();
  assert.deepEqual(list().models.map(({ kind }) => kind), ['small']);
  assert.ok(!existsSync(models('tiny')));
  assert.equal(said.length, 1);
  assert.match(said[0], /^healed\/tiny has no registry\.json yet.*make heal ARGS=tiny/);
});

for (const [name, broken, message] of [
  ['absent', () => rmSync(healed('small', 'en-pt.safetensors.gz')), /small\/en-pt\.safetensors\.gz is missing, which registry\.json names/],
  ['of_another_length', () => writeFileSync(healed('small', 'en-pt.safetensors.gz'), 'a pack'), /has 6 bytes, and registry\.json says 9/],
  ['of_another_hash', () => writeFileSync(healed('small', 'en-pt.safetensors.gz'), 'A package'), /another SHA-256 than registry\.json says/],
  ['without_its_licence', () => rmSync(healed('small', 'LICENSE.txt')), /small\/LICENSE\.txt is missing/],
  ['in_another_folder', () => make('small', { url: '../tiny/en-pt.safetensors.gz' }), /names "\.\.\/tiny\/en-pt\.safetensors\.gz", which is no file beside it/],
  ['of_which_nobody_knows_how_it_was_made', () => make('small', { made: undefined }), /does not say how en-pt\.safetensors\.gz was made/],
  ['made_in_a_way_that_the_page_has_no_words_for', () => make('small', { made: { ...MADE, how: 'guessed' } }), /does not say how/],
  ['listed_in_what_is_no_registry', () => writeFileSync(healed('small', 'registry.json'), '{"format": 1, "mod'), /registry\.json is no registry of format 1/],
]) {
  test(`a_file_${name}_is_an_error_that_says_what_to_do`, () => {
    make('small');
    broken();
    assert.throws(copy, message);
    assert.throws(copy, /^Error: healed\/small\/.*; run: make heal ARGS=small \(or remove healed\/small\)$/);
    assert.ok(!existsSync(models('healed.json')), 'no list of what is broken');
  });
}

test('a_former_copy_gives_way_to_what_is_there_now', () => {
  make('small');
  mkdirSync(models('small'), { recursive: true });
  writeFileSync(models('small', 'pt-en.safetensors.gz'), 'of the day before');
  copy();
  assert.deepEqual(readdirSync(models('small')).sort(), ['LICENSE.txt', 'en-pt.safetensors.gz', 'registry.json']);
});
