// Every shader, with all its constants switched off and on, through the compiler of a browser: another
// one than native tests have.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { WITH_GPU, openSite, visit } from './harness.mjs';

/** Written by scripts/shaders.sh. */
const SHADERS = process.env.POCKETGLOT_SHADERS;

let site;
before(async () => (site = await openSite(...WITH_GPU)));
after(() => site.close());

test('a_browser_compiles_every_shader', { skip: !SHADERS, timeout: 300_000 }, async () => {
  const shaders = JSON.parse(readFileSync(SHADERS, 'utf8'));
  const { page, leave } = await visit(site, { path: '/blank.html' });
  const compiled = await page.evaluate(async (shaders) => {
    const device = await (await navigator.gpu.requestAdapter()).requestDevice();
    const reports = [];
    for (const { name, source } of shaders) {
      device.pushErrorScope('validation');
      const module = device.createShaderModule({ code: source });
      const { messages } = await module.getCompilationInfo();
      const flags = [...source.matchAll(/^override (\w+): bool/gm)].map(([, flag]) => flag);
      for (const value of flags.length > 0 ? [0, 1] : [0]) {
        const constants = Object.fromEntries(flags.map((flag) => [flag, value]));
        const compute = { module, entryPoint: 'main', constants };
        device.createComputePipeline({ layout: 'auto', compute });
      }
      const error = await device.popErrorScope();
      const complaints = [...messages, ...(error ? [error] : [])].map(({ message }) => message);
      reports.push({ name, complaints, flags: flags.length });
    }
    device.destroy();
    return reports;
  }, shaders);
  assert.ok(compiled.length > 20, `${compiled.length} shaders`);
  for (const { name, complaints } of compiled) assert.deepEqual(complaints, [], name);
  assert.ok(compiled.some(({ flags }) => flags > 1), 'some have constants');
  await leave();
});
