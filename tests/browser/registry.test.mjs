// The list of models: what its schema allows and what the package reads are the same, and what the
// documentation tells site owners to do is right.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { ROOT } from '../../scripts/files.mjs';
import { parseRegistry } from '../../www/package/registry.js';

const URL_OF_LIST = 'https://site.example/lists/registry.json';
const text = (path) => readFileSync(join(ROOT, path), 'utf8');
const SCHEMA = JSON.parse(text('www/package/registry.schema.json'));
const GUIDE = text('docs/registry.md');
const BUILT = JSON.parse(text('models/registry.json'));

const ajv = new Ajv({ strict: true, allErrors: true });
// What a URL is, browsers say.
ajv.addFormat('uri-reference', (value) => URL.canParse(value, URL_OF_LIST));
const isValid = ajv.compile(SCHEMA);

/** The code blocks of a kind in the guide. */
const blocks = (kind) => [...GUIDE.matchAll(new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code);

const [MODEL] = BUILT.models;
const DELETED = Symbol('deleted');
/** A registry with one entry in which some keys are others. */
const withModel = (change) => {
  const model = { ...MODEL, ...change };
  for (const key of Object.keys(model)) if (model[key] === DELETED) delete model[key];
  return { format: 1, models: [model] };
};

const GOOD = [
  BUILT,
  { format: 1, models: [] },
  { ...BUILT, $schema: 'registry.schema.json', note: 'ours' },
  { format: 1, models: [...BUILT.models, MODEL] },
  ...['licence', 'credit', 'sourceUrl'].flatMap((key) => [withModel({ [key]: DELETED }), withModel({ [key]: '' })]),
  ...['en', 'EN', 'zh-Hant-TW', 'sr-Latn', 'de-1996', 'gsw', 'x'.repeat(8)].map((source) => withModel({ source })),
  ...['a', '/a', '//cdn.example/a', 'https://cdn.example/a', '?a', '#a', '../a b'].map((url) => withModel({ url })),
  ...[1, 2 ** 30, 1.0].flatMap((length) => [withModel({ bytes: length }), withModel({ size: length })]),
  withModel({ sha256: 'A'.repeat(64) }),
  withModel({ unknown: [1, 2] }),
];

const BAD = [
  ...[null, true, 1, 'text', [], {}, [BUILT]],
  ...[0, 2, '1', null, DELETED].map((format) => ({ models: [], ...(format === DELETED ? {} : { format }) })),
  ...[null, {}, 'models', 1].map((models) => ({ format: 1, models })),
  { format: 1 },
  ...[null, 1, 'en-pt', [], {}].map((model) => ({ format: 1, models: [MODEL, model] })),
  ...['source', 'target', 'url', 'bytes', 'sha256', 'size'].flatMap((key) =>
    [DELETED, null, '', true, {}, []].map((value) => withModel({ [key]: value })),
  ),
  ...['licence', 'credit', 'sourceUrl'].flatMap((key) =>
    [null, 1, true, {}, ['MPL-2.0']].map((value) => withModel({ [key]: value })),
  ),
  ...['e', 'en_US', 'en-', '-en', 'en us', 'en\n', 'languages-x', '12', 'en-ñ'].flatMap((tag) => [
    withModel({ source: tag }),
    withModel({ target: tag }),
  ]),
  ...['https://', 'http://a b/', 'https://host:port/', 1].map((url) => withModel({ url })),
  ...[0, -1, 1.5, 2 ** 30 + 1, '1000', 1e300].flatMap((length) => [
    withModel({ bytes: length }),
    withModel({ size: length }),
  ]),
  ...['', 'a'.repeat(63), 'a'.repeat(65), 'g'.repeat(64), `${'a'.repeat(64)}\n`, 1].map((sha256) =>
    withModel({ sha256 }),
  ),
];

test('the_package_reads_what_the_schema_allows', () => {
  for (const document of GOOD) {
    const json = JSON.stringify(document);
    assert.ok(isValid(document), `${json}: ${ajv.errorsText(isValid.errors)}`);
    assert.equal(parseRegistry(json, URL_OF_LIST).length, document.models.length, json);
  }
});

test('the_package_refuses_what_the_schema_forbids_and_says_where', () => {
  for (const document of BAD) {
    const json = JSON.stringify(document);
    assert.equal(isValid(document), false, json);
    assert.throws(
      () => parseRegistry(json, URL_OF_LIST),
      ({ name, message }) =>
        name === 'DataError' && message.includes(URL_OF_LIST) && /format|"models"|models\[\d\]\.\w+ must be/.test(message),
      json,
    );
  }
  assert.throws(() => parseRegistry('{', URL_OF_LIST), /it is not JSON/);
});

test('every_key_of_the_schema_is_described_and_read', () => {
  const { model } = SCHEMA.$defs;
  const known = [...Object.entries(SCHEMA.properties), ...Object.entries(model.properties)];
  for (const [key, { description }] of known) assert.ok(description?.endsWith('.'), key);
  const [read] = parseRegistry(JSON.stringify(withModel({})), URL_OF_LIST);
  assert.deepEqual(Object.keys(read).filter((key) => key !== 'place').sort(), Object.keys(model.properties).sort());
});

test('urls_of_models_are_relative_to_the_list', () => {
  for (const [url, expected] of [
    ['a.gz', 'https://site.example/lists/a.gz'],
    ['../a.gz', 'https://site.example/a.gz'],
    ['/a.gz', 'https://site.example/a.gz'],
    ['https://cdn.example/a.gz', 'https://cdn.example/a.gz'],
  ]) {
    assert.equal(parseRegistry(JSON.stringify(withModel({ url })), URL_OF_LIST)[0].url, expected);
  }
});

test('the_example_of_the_guide_is_valid', () => {
  const [example] = blocks('json').map((code) => JSON.parse(code));
  assert.ok(isValid(example), ajv.errorsText(isValid.errors));
  assert.deepEqual(Object.keys(example.models[0]), Object.keys(SCHEMA.$defs.model.properties));
});

test('the_commands_of_the_guide_tell_what_stands_in_the_built_registry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocketglot-registry-'));
  try {
    cpSync(join(ROOT, 'models/en-pt.safetensors'), join(folder, 'en-pt.safetensors'));
    const [commands] = blocks('sh');
    const output = execFileSync('sh', ['-e', '-c', commands], { cwd: folder, encoding: 'utf8' });
    const [bytes, hash, size] = output.trim().split('\n');
    const entry = BUILT.models.find(({ source }) => source === 'en');
    assert.deepEqual([Number(bytes), hash.split(' ')[0], Number(size)], [entry.bytes, entry.sha256, entry.size]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
