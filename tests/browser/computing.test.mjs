// What the page says about what computes: in the status line, in its details, and when a GPU is lost.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { KILL, ask, winOnGpu } from './graphics.mjs';
import {
  WITH_GPU,
  action,
  faults,
  notice,
  noticeSays,
  openSite,
  source,
  status,
  translate,
  visit,
} from './harness.mjs';

const PATIENCE = { timeout: 300_000 };
const TEXT = 'Where is the library?';

/** A browser without an adapter, and one with one in software. */
let plain;
let site;
before(async () => {
  plain = await openSite();
  site = await openSite(...WITH_GPU);
});
after(() => Promise.all([plain.close(), site.close()]));

const details = (page) => page.locator('#computing');
const says = (page, pattern) =>
  page.waitForFunction(
    ({ source, flags }) =>
      new RegExp(source, flags).test(document.querySelector('#computing').textContent),
    { source: pattern.source, flags: pattern.flags },
    PATIENCE,
  );

test('without_a_gpu_the_page_says_so_to_those_who_ask_and_to_nobody_else', async () => {
  const { page, leave } = await visit(plain);
  assert.ok(await details(page).isHidden(), 'there is nothing to say before there is a model');
  await translate(page, TEXT);
  assert.match(await status(page).textContent(), /CPU, \d threads?/);
  const why = page.locator('#computing-why');
  assert.ok(await why.isHidden());
  // By keyboard, as native details are.
  await page.locator('#computing summary').focus();
  await page.keyboard.press('Enter');
  assert.ok(await why.isVisible());
  await says(page, /The CPU translates\. .*no (WebGPU|GPU)/);
  assert.match(await page.locator('#cpu-bytes').textContent(), /^\d+\.\d MB$/);
  assert.ok(await page.locator('#gpu-bytes').isHidden());
  assert.ok(await notice(page).isHidden(), 'that is no trouble');
  await leave();
});

test('the_page_shows_the_measured_times', PATIENCE, async () => {
  const { page, leave } = await visit(site);
  await translate(page, TEXT);
  await says(page, /Whether a GPU would be faster is measured/);
  await says(page, /CPU is faster than the GPU, so it translates/);
  await says(page, /One sentence took [\d.]+\s?m?s(ec)? on the CPU and .+ on the GPU/);
  await says(page, /48 sentences took [\d.]+\s?m?s(ec)? on the CPU; the GPU did not get to them\./);
  await leave();
});

test('a_lost_gpu_is_said_once_and_the_text_stays', PATIENCE, async () => {
  const { page, leave } = await visit(site, { path: null });
  site.server.faults.set('/package/worker.js', faults.appended(KILL));
  await page.goto('/');
  const translation = await translate(page, TEXT);
  await says(page, /CPU is faster than the GPU/);
  await page.evaluate(winOnGpu);
  await page.reload();
  assert.equal(await translate(page, TEXT), translation);
  await says(page, /Measured on this device, the GPU is faster/);
  await translate(page, 'Good morning.');
  assert.match(await status(page).textContent(), /GPU \(.*swiftshader.*\)/i);
  for (const id of ['cpu-bytes', 'gpu-bytes', 'gpu-memory-bytes'])
    assert.match(await page.locator(`#${id}`).textContent(), /^\d+\.\d MB$/);

  await ask(page, 'kill');
  const longer = 'The train was late again, and nobody knew why.';
  await translate(page, longer);
  await noticeSays(page, /The GPU stopped, and the CPU took over\. Nothing was lost\./);
  assert.equal(await source(page).inputValue(), longer);
  assert.match(await status(page).textContent(), /CPU, \d threads?/);
  await says(page, /The CPU translates\. The GPU stopped: ./);
  assert.ok(await action(page).isHidden());
  await page.getByRole('button', { name: 'Dismiss' }).click();
  assert.ok(await notice(page).isHidden());
  await translate(page, 'See you tomorrow.');
  assert.ok(await notice(page).isHidden());
  await leave();
});

for (const width of [320, 390]) {
  test(`the_open_details_fit_into_${width}_pixels`, async () => {
    const { page, leave } = await visit(plain, { viewport: { width, height: 800 } });
    await translate(page, TEXT);
    await page.locator('#computing summary').click();
    await says(page, /no (WebGPU|GPU)/);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(overflow <= 0, `${overflow} pixels too wide`);
    await leave();
  });
}
