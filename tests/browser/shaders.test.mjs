// Every shader, in every combination of its constants, through the compiler of a browser: another one
// than native tests have.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { WITH_GPU, openSite, visit } from './harness.mjs';

/** Written by scripts/shaders.sh. */
const SHADERS = process.env.POCKETGLOT_SHADERS;

let site;
before(async () => (site = await openSite(...WITH_GPU)));
after(() => site.close());

test('a_browser_compiles_every_shader', { skip: !SHADERS }, async () => {
  const shaders = JSON.parse(readFileSync(SHADERS, 'utf8'));
  const { page, leave } = await visit(site, { path: '/blank.html' });
  const compiled = await page.evaluate(async (shaders) => {
    const device = await (await navigator.gpu.requestAdapter()).requestDevice();
    const combinations = (names) =>
      names.reduce((all, name) => all.flatMap((one) => [one, { ...one, [name]: 1 }]), [{}]);
    const reports = [];
    for (const { name, source } of shaders) {
      device.pushErrorScope('validation');
      const module = device.createShaderModule({ code: source });
      const { messages } = await module.getCompilationInfo();
      const flags = [...source.matchAll(/^override (\w+)/gm)].map(([, flag]) => flag);
      const pipelines = combinations(flags);
      for (const constants of pipelines) {
        const compute = { module, entryPoint: 'main', constants };
        device.createComputePipeline({ layout: 'auto', compute });
      }
      const error = await device.popErrorScope();
      const complaints = [...messages, ...(error ? [error] : [])].map(({ message }) => message);
      reports.push({ name, complaints, pipelines: pipelines.length });
    }
    device.destroy();
    return reports;
  }, shaders);
  assert.ok(compiled.length > 20, `${compiled.length} shaders`);
  for (const { name, complaints } of compiled) assert.deepEqual(complaints, [], name);
  const pipelines = compiled.reduce((sum, { pipelines }) => sum + pipelines, 0);
  assert.ok(pipelines > compiled.length, 'some have constants');
  await leave();
});
