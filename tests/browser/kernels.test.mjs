// Every kernel that a browser can run against the oracle, in the browser: exactly the same integers
// and floats. On x86 Chromium is asked twice, once without the instruction that does not saturate.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { launch } from './harness.mjs';

/** Built by scripts/kernels.sh. */
const MODULE = process.env.POCKETGLOT_KERNELS;

async function walk(...flags) {
  const browser = await launch(...flags);
  try {
    const page = await browser.newPage();
    const bytes = await readFile(MODULE, 'base64');
    const report = await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const { instance } = await WebAssembly.instantiate(bytes);
      const { memory, walk_kernels, report_length } = instance.exports;
      const start = walk_kernels();
      return new TextDecoder().decode(new Uint8Array(memory.buffer, start, report_length()));
    }, bytes);
    return report.split('\n').map((line) => line.split('\t'));
  } finally {
    await browser.close();
  }
}

for (const flags of [[], ['--js-flags=--no-enable-avx-vnni']]) {
  test(`every_kernel_gives_the_numbers_of_the_oracle ${flags}`, { skip: !MODULE }, async () => {
    const report = await walk(...flags);
    for (const [verdict, name, detail] of report) {
      assert.equal(verdict, 'ok', `${name}: ${detail}`);
      assert.ok(Number(detail) > 1000, `${name}: ${detail} comparisons`);
      console.log(`${name}: ${detail} comparisons`);
    }
    const names = report.map(([, name]) => name);
    assert.equal(names.at(-1), 'simd128');
    assert.match(names[0], /^relaxed-simd/, 'this browser has relaxed SIMD of a known kind');
    if (flags.length > 0 && process.arch === 'x64') {
      assert.equal(names[0], 'relaxed-simd, saturating');
    }
  });
}
