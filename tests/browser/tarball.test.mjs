// What `make package` packs, as those who install it get it: judged by the tools that package authors use,
// and by what these packages promise.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { withoutAliases } from '../../scripts/declarations.mjs';
import { ROOT } from '../../scripts/files.mjs';
import { versionOf } from '../../scripts/model-packages.mjs';
import { entryPoints } from '../../scripts/tarball.mjs';
import { DIST } from './harness.mjs';

const run = promisify(execFile);

/** Packed, without models. */
const CEILING = 3_850_000;

const NPM = join(DIST, 'npm');
const MODELS = /^pocketglot-model-([a-z]+-[a-z]+)-\d+\.\d+\.\d+\.tgz$/;
const PACKAGE = /^pocketglot-\d+\.\d+\.\d+\.tgz$/;

let scratch;
/** Name of a tarball to the folder where it is unpacked. */
const unpacked = new Map();

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'pocketglot-tarballs-'));
  const names = readdirSync(NPM);
  for (const name of names) {
    const folder = join(scratch, name);
    mkdirSync(folder);
    await run('tar', ['-xzf', join(NPM, name), '-C', folder]);
    unpacked.set(name, join(folder, 'package'));
  }
});
after(() => rmSync(scratch, { recursive: true }));

const only = (pattern) => {
  const names = [...unpacked.keys()].filter((name) => pattern.test(name));
  assert.equal(names.length, 1, `${NPM} must hold one tarball like ${pattern}: run "make package" first`);
  return names[0];
};
const manifestOf = (name) => JSON.parse(readFileSync(join(unpacked.get(name), 'package.json'), 'utf8'));
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

test('there_is_the_package_and_one_package_for_each_direction', () => {
  only(PACKAGE);
  const { models } = JSON.parse(readFileSync(join(DIST, 'models/registry.json'), 'utf8'));
  assert.deepEqual(
    readdirSync(NPM).flatMap((name) => MODELS.exec(name)?.[1] ?? []),
    models.map(({ source, target }) => `${source}-${target}`),
  );
  assert.equal(unpacked.size, models.length + 1, 'and no earlier ones');
});

test('publint_has_nothing_to_say', async () => {
  for (const [name] of unpacked) {
    const bytes = readFileSync(join(NPM, name));
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball }, level: 'suggestion', strict: true });
    assert.equal(pkg.name, manifestOf(name).name, 'it has read this one');
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), [], name);
  }
});

/** How `require` finds packages. */
const REQUIRED = ['node10', 'node16-cjs'];
/** Exported for its address, which `workerURL` takes; it has no types because nobody imports it. */
const WORKER = './any-worker.js';

// Only modules: whoever still calls `require` can't have a package that is made for browsers and starts
// module workers, except by `import()`, which works.
test('arethetypeswrong_has_nothing_to_say', async () => {
  const attw = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  for (const [name] of unpacked) {
    const args = [attw, join(NPM, name), '--profile', 'esm-only', '--format', 'json', '--exclude-entrypoints', WORKER];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 26 }).catch((error) => error);
    const { analysis } = JSON.parse(stdout);
    assert.equal(analysis.packageName, manifestOf(name).name);
    assert.ok(analysis.types, `${name} has types`);
    // The profile decides what the command's tables leave out; its JSON has all.
    const found = analysis.problems.filter(({ resolutionKind }) => !REQUIRED.includes(resolutionKind));
    assert.deepEqual(found, [], name);
  }
});

describe('the package', () => {
  test('it_stays_below_its_ceiling', (t) => {
    const { size } = statSync(join(NPM, only(PACKAGE)));
    t.diagnostic(`${size} bytes`);
    assert.ok(size <= CEILING, `it takes ${size} bytes packed, expected at most ${CEILING}`);
  });

  test('packing_the_same_content_gives_the_same_bytes', async () => {
    const name = only(PACKAGE);
    const folder = unpacked.get(name);
    for (const file of readdirSync(folder)) utimesSync(join(folder, file), 1_600_000_000, 1_600_000_000);
    const again = join(scratch, 'again');
    mkdirSync(again);
    await run('npm', ['pack', folder, '--ignore-scripts', '--pack-destination', again]);
    assert.equal(hash(readFileSync(join(again, name))), hash(readFileSync(join(NPM, name))));
  });

  test('its_types_hide_nothing_and_tell_nothing_private', () => {
    const folder = unpacked.get(only(PACKAGE));
    const declarations = readdirSync(folder).filter((file) => file.endsWith('.d.ts'));
    const entries = entryPoints(manifestOf(only(PACKAGE)).exports).filter((path) => path.endsWith('.d.ts'));
    assert.deepEqual(declarations, [...new Set(entries)].sort());
    for (const file of declarations) {
      const code = readFileSync(join(folder, file), 'utf8').replace(/\/\*[^]*?\*\//g, '');
      assert.match(code, /^export declare class \w+/m);
      assert.doesNotMatch(code, /\bany\b/, `${file} has a type "any"`);
      assert.doesNotMatch(code, /\w_\d+\b/, `${file} has two types of one name`);
      assert.doesNotMatch(code, /\b(WorkerClient|SharedModel)\b/, `${file} speaks of private classes`);
      const imported = [...code.matchAll(/(?:from |\bimport\()['"]\.\/([^'"]+)\.js['"]/g)].map(([, name]) => name);
      for (const name of imported) assert.ok(existsSync(join(folder, `${name}.d.ts`)), `${file} needs ${name}`);
    }
    const types = readFileSync(join(folder, 'index.d.ts'), 'utf8');
    assert.match(types, /\/\*\*[^]*?White space and line breaks[^]*?\*\/\s*translate\(/, 'what comments say is there');
  });

  test('a_bundle_that_uses_nothing_of_it_holds_nothing_of_it', async () => {
    const name = only(PACKAGE);
    const bundle = async (contents) => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: join(scratch, 'app') },
        ...{ bundle: true, write: false, format: 'esm', minify: true, logLevel: 'silent' },
      });
      return outputFiles[0].text.trim();
    };
    mkdirSync(join(scratch, 'app/node_modules'), { recursive: true });
    await run('cp', ['-r', unpacked.get(name), join(scratch, 'app/node_modules/pocketglot')]);
    assert.equal(await bundle("import 'pocketglot';"), '');
    assert.notEqual(await bundle("export { Translator } from 'pocketglot';"), '');
    // What runs by being loaded must be named, or bundlers would drop it.
    const { sideEffects, exports } = manifestOf(name);
    const imported = entryPoints(exports['.']);
    const scripts = readdirSync(unpacked.get(name)).filter((file) => file.endsWith('.js'));
    for (const script of scripts) {
      if (!imported.includes(script)) assert.ok(sideEffects.includes(`./${script}`), `${script} runs by being loaded`);
    }
  });

  test('each_type_keeps_one_name_when_declarations_are_joined', () => {
    const text = [
      '/** @typedef {import(\'./a.js\').Info} Info */',
      'export declare type Info = Info_3;',
      'declare type Info_2 = Info_3;',
      '/** What is known. */',
      'declare type Info_3 = { name: string };',
      'export declare type Name = string;',
      'declare type Bytes = Bytes_2;',
      'declare type Bytes_2 = { info: Info_2 };',
      'export declare function f(bytes: Bytes): Info_2;',
      '',
    ].join('\n');
    assert.equal(
      withoutAliases(text),
      [
        '/** What is known. */',
        'export declare type Info = { name: string };',
        'export declare type Name = string;',
        'declare type Bytes = { info: Info };',
        'export declare function f(bytes: Bytes): Info;',
        '',
      ].join('\n'),
    );
  });
});

describe('the packages of models', () => {
  const models = () => [...unpacked.keys()].filter((name) => MODELS.test(name));

  test('each_holds_the_file_that_its_registry_means_and_says_who_made_it', () => {
    for (const name of models()) {
      const folder = unpacked.get(name);
      const { models, format } = JSON.parse(readFileSync(join(folder, 'registry.json'), 'utf8'));
      assert.deepEqual([format, models.length], [1, 1]);
      const [entry] = models;
      const bytes = readFileSync(join(folder, entry.url));
      assert.deepEqual([bytes.length, hash(bytes)], [entry.bytes, entry.sha256]);
      assert.equal(manifestOf(name).license, entry.licence);
      assert.match(readFileSync(join(folder, 'LICENSE'), 'utf8'), /Mozilla Public License Version 2\.0/);
      const readme = readFileSync(join(folder, 'README.md'), 'utf8');
      for (const said of [entry.credit, entry.sourceUrl, manifestOf(name).name]) assert.ok(readme.includes(said));
      assert.doesNotMatch(readme, /__[A-Z]/, 'nothing is left to fill in');
    }
  });

  test('what_they_export_is_their_registry_with_the_whole_address', async () => {
    for (const name of models()) {
      const folder = unpacked.get(name);
      const { default: registry } = await import(join(folder, 'index.js'));
      const { format, models } = JSON.parse(readFileSync(join(folder, 'registry.json'), 'utf8'));
      const url = new URL(models[0].url, `file://${folder}/`).href;
      assert.deepEqual(registry, { format, models: [{ ...models[0], url }] });
    }
  });

  test('another_model_needs_another_version', () => {
    const versions = { 'en-pt': { version: '1.0.0', sha256: 'ab' } };
    assert.equal(versionOf('en-pt', 'ab', versions), '1.0.0');
    assert.throws(() => versionOf('en-pt', 'cd', versions), /en-pt is not the model that version 1\.0\.0 holds.*cd/);
    assert.throws(() => versionOf('en-fi', 'cd', versions), /en-fi has no version: give it one/);
  });
});
