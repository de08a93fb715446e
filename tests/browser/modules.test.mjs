// The package's modules that need no browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { editionOf, isRest } from '../../www/package/answers.js';
import { canonicalTag, fallbacks, isIdentity, serves } from '../../www/package/languages.js';
import { registryOf } from '../../www/package/pair.js';
import { fetchRegistry, findPair, parseRegistry } from '../../www/package/registry.js';
import { isBlank, wellFormed } from '../../www/package/text.js';
import { Unpacker, concatenate } from '../../www/package/unpack.js';
import { unshare } from '../../www/package/unshare.js';

const REGISTRY = 'https://example.com/app/models/registry.json';
const MODEL = {
  source: 'en',
  target: 'pt',
  url: 'en-pt.gz',
  bytes: 10,
  size: 20,
  sha256: 'AB'.repeat(32),
};
const registry = (...models) => JSON.stringify({ format: 1, models });

test('language_tags_are_matched_from_the_special_to_the_general', () => {
  assert.deepEqual(fallbacks('zh-Hant-TW'), ['zh-hant-tw', 'zh-hant', 'zh']);
  assert.ok(serves('pt', 'pt-BR') && serves('pt-BR', 'pt') && serves('zh-Hans', 'zh-CN'));
  assert.ok(!serves('en', 'pt') && !serves('zh-Hans', 'zh-TW') && !serves('no tag', 'en'));
  assert.ok(isIdentity({ sourceLanguage: 'en-US', targetLanguage: 'en-GB' }));
  assert.ok(!isIdentity({ sourceLanguage: 'sr-Latn', targetLanguage: 'sr-Cyrl' }));
  assert.equal(canonicalTag('PT-br', 'x'), 'pt-BR');
  assert.throws(() => canonicalTag('en_US!', 'targetLanguage'), {
    name: 'RangeError',
    message: /targetLanguage: "en_US!"/,
  });
  assert.throws(() => canonicalTag(undefined, 'targetLanguage'), {
    name: 'TypeError',
    message: /targetLanguage is missing/,
  });
});

test('a_special_model_is_preferred_to_a_general_one', () => {
  const entries = parseRegistry(
    registry(MODEL, { ...MODEL, target: 'pt-BR', url: 'en-ptbr.gz' }),
    REGISTRY,
  );
  assert.equal(findPair(entries, 'en', 'pt-BR').url, 'https://example.com/app/models/en-ptbr.gz');
  assert.equal(findPair(entries, 'en-GB', 'pt-PT').url, 'https://example.com/app/models/en-pt.gz');
  assert.equal(findPair(entries, 'pt', 'en'), undefined);
  const special = entries.slice(1);
  assert.equal(findPair(special, 'en', 'pt').target, 'pt-br', 'better than none');
  const regions = ['pt-PT', 'pt-BR'].map((target) => ({ ...entries[0], target }));
  assert.equal(findPair(regions, 'en', 'pt').target, 'pt-BR', 'what most people mean by it');
  assert.equal(entries[0].sha256, 'ab'.repeat(32));
});

test('every_mistake_in_a_registry_is_named', () => {
  for (const [text, message] of [
    ['<html>', /not JSON/],
    ['null', /"format" must be 1, not undefined/],
    ['{"format":2}', /"format" must be 1, not 2/],
    ['{"format":1}', /"models" must be an array/],
    [registry(null), /models\[0\]\.source must be a language tag/],
    [registry(MODEL, { ...MODEL, url: '' }), /models\[1\]\.url must be a URL/],
    [registry({ ...MODEL, url: 'http://[' }), /models\[0\]\.url must be a URL/],
    [registry({ ...MODEL, bytes: 1e15 }), /models\[0\]\.bytes must be a whole number of bytes/],
    [registry({ ...MODEL, size: 1.5 }), /models\[0\]\.size must be a whole number of bytes/],
    [registry({ ...MODEL, sha256: 'abc' }), /models\[0\]\.sha256 must be 64 hexadecimal digits/],
    [registry({ ...MODEL, licence: 7 }), /models\[0\]\.licence must be a string/],
  ]) {
    assert.throws(() => parseRegistry(text, REGISTRY), { name: 'DataError', message });
  }
});

test('a_registry_may_be_given_itself_with_urls_relative_to_the_page', async () => {
  globalThis.document = { baseURI: 'https://example.com/app/' };
  try {
    const given = registryOf({ registry: { format: 1, models: [MODEL] } });
    const entries = await fetchRegistry(given, new AbortController().signal);
    assert.deepEqual([entries.length, entries[0].url], [1, 'https://example.com/app/en-pt.gz']);
    globalThis.document.baseURI += 'page.html?text=Good+morning.';
    const [elsewhere] = await fetchRegistry(registryOf({ registry: { format: 1, models: [MODEL] } }));
    assert.deepEqual(elsewhere, entries[0], 'the query of the page makes no other place');
    await assert.rejects(fetchRegistry(registryOf({ registry: {} })), {
      name: 'DataError',
      message: /models given as "registry" is not understood: "format" must be 1/,
    });
    const address = new URL('https://example.com/list.json');
    assert.equal(registryOf({ registry: address }), address.href);
  } finally {
    delete globalThis.document;
  }
});

test('of_answers_to_a_request_for_the_rest_only_the_rest_of_the_same_file_is_taken', () => {
  const edition = { etag: '"a"', modified: 'Mon, 02 Mar 2026 08:00:00 GMT', total: 100 };
  const range = { 'Content-Range': 'bytes 40-99/100', 'Content-Length': '60' };
  for (const [what, taken, headers, options] of [
    ['with the same ETag', true, { ...range, ETag: '"a"' }],
    ['with the same date', true, { ...range, 'Last-Modified': edition.modified }],
    ['without either, of a file with a hash', true, range, { isHashed: true }],
    ['without either and without a hash', false, range],
    ['of unknown length', true, { ...range, 'Content-Range': 'bytes 40-99/*' }, { isHashed: true }],
    ['whose range is not shown', true, { 'Content-Length': '60' }, { isHashed: true }],
    ['whose range is not shown and is too long', false, { 'Content-Length': '100' }, { isHashed: true }],
    ['with another ETag', false, { ...range, ETag: '"b"' }, { isHashed: true }],
    ['with another date', false, { ...range, ETag: '"a"', 'Last-Modified': 'today' }, { isHashed: true }],
    ['from another place on', false, { ...range, 'Content-Range': 'bytes 0-99/100' }, { isHashed: true }],
    ['of another length', false, { ...range, 'Content-Range': 'bytes 40-99/101' }, { isHashed: true }],
    ['in words of its own', false, { ...range, 'Content-Range': 'the rest' }, { isHashed: true }],
    ['of the encoded file', false, { ...range, 'Content-Encoding': 'gzip' }, { isHashed: true }],
    ['that is the whole', false, { ETag: '"a"' }, { status: 200 }],
  ]) {
    const { status = 206, isHashed = false } = options ?? {};
    assert.equal(isRest(new Response('', { status, headers }), 40, edition, isHashed), taken, what);
  }
  assert.deepEqual(editionOf(new Response('', { headers: { ETag: 'W/"a"' } })).etag, undefined, 'a weak one');
});

test('lone_surrogates_become_replacement_characters_with_and_without_the_browser_method', () => {
  const text = 'a\ud83d b \udc00c \u{1F600}';
  const expected = 'a\ufffd b \ufffdc \u{1F600}';
  assert.equal(wellFormed(text), expected);
  const { toWellFormed } = String.prototype;
  delete String.prototype.toWellFormed;
  try {
    assert.equal(wellFormed(text), expected);
  } finally {
    if (toWellFormed)
      Object.defineProperty(String.prototype, 'toWellFormed', {
        value: toWellFormed,
        configurable: true,
        writable: true,
      });
  }
  assert.ok(isBlank(' \u00a0\r\n') && isBlank('') && !isBlank(' .'));
});

/** What comes out for these chunks, or the error; and whether the sink was let go. */
async function unpack(chunks, size) {
  const parts = [];
  let freed = 0;
  const sink = { push: (chunk) => parts.push(chunk), free: () => freed++ };
  const unpacker = new Unpacker(async () => sink, size);
  for (const chunk of chunks) unpacker.write(chunk);
  try {
    assert.equal(await unpacker.end(), sink);
    assert.equal(freed, 0);
  } catch (error) {
    assert.equal(freed, 1, 'a sink that nobody gets is freed');
    throw error;
  }
  return concatenate(parts);
}

test('gzip_is_known_by_its_first_bytes_and_never_unpacks_to_more_than_was_said', async () => {
  const plain = new Uint8Array(100_000).fill(7);
  const packed = new Uint8Array(gzipSync(plain));
  assert.deepEqual(await unpack([packed], plain.length), plain);
  assert.deepEqual(await unpack([packed]), plain);
  assert.deepEqual(await unpack([plain]), plain);
  assert.deepEqual(await unpack([...packed].map((byte) => Uint8Array.of(byte))), plain);
  assert.deepEqual(await unpack([plain.subarray(0, 1), plain.subarray(1)]), plain);
  assert.deepEqual(await unpack([]), new Uint8Array());
  await assert.rejects(unpack([packed], 99_999), { name: 'DataError', message: /unpacks to more/ });
  await assert.rejects(unpack([packed], 100_001), {
    name: 'DataError',
    message: /100000 bytes when unpacked, expected were 100001/,
  });
  await assert.rejects(unpack([plain], 100_001), {
    name: 'DataError',
    message: /100000 bytes when unpacked/,
  });
  await assert.rejects(unpack([packed.slice(0, -20)], plain.length), {
    name: 'DataError',
    message: /damaged/,
  });
  const wrong = packed.slice();
  wrong[wrong.length - 6] ^= 1;
  await assert.rejects(unpack([wrong], plain.length), { name: 'DataError', message: /damaged/ });
});

test('an_unpacking_that_is_given_up_lets_its_sink_go_whenever_that_happens', async () => {
  const packed = new Uint8Array(gzipSync(new Uint8Array(100_000)));
  for (const cut of [10, 100, packed.length]) {
    let freed = 0;
    const sink = { push: () => {}, free: () => freed++ };
    const unpacker = new Unpacker(async () => sink);
    unpacker.write(packed.slice(0, cut));
    await new Promise((resolve) => setTimeout(resolve, 5));
    unpacker.abort();
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(freed, 1, `after ${cut} bytes`);
  }
});

test('so_does_one_in_a_worker_which_ends', async (t) => {
  const told = [];
  // The page, which starts workers for the one that unpacks.
  globalThis.Worker = class {};
  globalThis.postMessage = ({ what, port, control }) => {
    port.postMessage('started');
    control.onmessage = ({ data }) => told.push(`${what}: ${data}`);
  };
  t.after(() => {
    delete globalThis.Worker;
    delete globalThis.postMessage;
  });
  let freed = 0;
  const sink = { push: () => {}, free: () => freed++ };
  const unpacker = new Unpacker(async () => sink);
  unpacker.write(new Uint8Array(gzipSync(new Uint8Array(100_000))));
  await new Promise((resolve) => setTimeout(resolve, 50));
  unpacker.abort();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual([freed, told], [1, ['gunzip: end']]);
});

test('a_sink_for_which_there_is_no_room_fails_the_unpacking', async () => {
  const unpacker = new Unpacker(async () => {
    throw new RangeError('no room');
  });
  unpacker.write(new Uint8Array(gzipSync(new Uint8Array(100_000))));
  await assert.rejects(unpacker.end(), /no room/);
});

test('a_module_that_imports_a_shared_memory_can_be_made_to_import_a_plain_one', async () => {
  // (import "m" "f" (func)) (import "m" "t" (table 1 2 funcref)) (import "m" "g" (global i32))
  // (import "m" "memory" (memory 1 300 shared))
  const imports = [
    ...[1, 0x6d, 1, 0x66, 0, 0],
    ...[1, 0x6d, 1, 0x74, 1, 0x70, 1, 1, 2],
    ...[1, 0x6d, 1, 0x67, 3, 0x7f, 0],
    ...[1, 0x6d, 6, ...Buffer.from('memory'), 2, 3, 1, 0xac, 2],
  ];
  const module = (limits) =>
    Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0],
      ...[2, imports.length + 1, 4, ...imports.slice(0, -4), limits, ...imports.slice(-3)],
    );
  const m = {
    f: () => {},
    t: new WebAssembly.Table({ element: 'anyfunc', initial: 1, maximum: 2 }),
    g: new WebAssembly.Global({ value: 'i32' }),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 300 }),
  };
  await assert.rejects(WebAssembly.instantiate(module(3), { m }), WebAssembly.LinkError);
  await WebAssembly.instantiate(unshare(module(3)), { m });
  assert.throws(() => unshare(module(1)), WebAssembly.CompileError);
  assert.throws(() => unshare(module(3).slice(0, 14)), WebAssembly.CompileError);
});
