// “Let it learn again” in the laboratory: what is chosen, what is seen on the way, what is kept.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { faults, openSite, source, target, translate, visit } from './harness.mjs';

const TRAIN_WORKER = '/package/train.worker.js';
/** Compressing, training and scoring take their time, on a machine under load more so. */
const LONG = { timeout: 600_000 };
const PATIENTLY = { timeout: 240_000 };

const TEXT = [
  'The ferry was late again.',
  'Most of the budget goes to heating.',
  'Please send the contract before Friday.',
  'The children counted the snails on the wall.',
  'She laughed and closed the book.',
  'The old clock has stopped.',
].join('\n');
const PAIRS = 'Good morning.\tBom dia.\nNobody knows who will pay.\tNinguém sabe quem vai pagar.\n';

/** At the end of the worker: small steps, and every judgement a better one, whatever the few lines say. */
const EAGER = `
DEFAULTS.batch = 20;
{
  const { judge } = Training.prototype;
  let better = 100;
  Training.prototype.judge = function () {
    return { ...judge.call(this), best: (better += 1), chrf: better };
  };
}`;
/** After its first step it breaks down. */
const BREAKS = `
{
  const { step } = Training.prototype;
  let made = 0;
  Training.prototype.step = function (done) {
    if (made++ > 0) throw new WebAssembly.RuntimeError('unreachable, for the test');
    return step.call(this, done);
  };
}`;

let site;
before(async () => (site = await openSite()));
after(() => site.close());

const panel = (page) => page.locator('.part-heal');
const press = (page, name) => panel(page).getByRole('button', { name, exact: true });
const says = (page, pattern) => panel(page).getByText(pattern).first().waitFor(PATIENTLY);
/** By one of the files that a person may choose. */
const choose = (locator, name, text) =>
  locator.setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

/** A visit with a model of 3 bits, scored on two pairs, and the laboratory open. */
async function open(options) {
  const visitor = await visit(site, options);
  const { page } = visitor;
  await translate(page, 'Good morning.');
  await page.locator('#open-laboratory').click();
  await page.locator('#laboratory-label').waitFor();
  await page.locator('#method').evaluate((details) => (details.open = true));
  await page.locator('#rounding').selectOption('nearest');
  await choose(page.locator('#test-set'), 'pairs.tsv', PAIRS);
  await page.locator('#bits-3').check({ force: true });
  await scored(page);
  return visitor;
}
const scored = (page) =>
  page.waitForFunction(
    () => document.querySelector('#making').hidden && / · 2 sentences of/.test(document.querySelector('#quality').textContent),
    undefined,
    PATIENTLY,
  );

test('a_model_learns_rests_and_stands_on_the_chart_and_nothing_is_fetched_before', LONG, async () => {
  const { page, leave } = await open();
  assert.equal(site.server.count(TRAIN_WORKER), 0, 'fetched by whoever trains');
  site.server.faults.set(TRAIN_WORKER, faults.appended(EAGER));
  await choose(panel(page).locator('input[type=file]'), 'own.txt', TEXT);
  await says(page, /own\.txt, 6 lines/);
  await panel(page).getByLabel('60 minutes').focus();
  await page.keyboard.press('Space');
  // By the keyboard: what takes the place of a button that went has the focus.
  await press(page, 'Let it learn').focus();
  await page.keyboard.press('Enter');
  await says(page, /step.*loss/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Pause');
  await page.keyboard.press('Enter');
  await says(page, /: paused\./);
  await page.keyboard.press('Enter');
  await says(page, /: learning/);
  assert.match(await panel(page).locator('.heal-loss svg').getAttribute('aria-label'), /^The loss over time: [\d.]+ at first/);
  await press(page, 'Stop and keep the best').click();
  await says(page, /It has learned: on the lines held out, chrF rose/);

  await scored(page);
  const name = /^3 bits.*, healed \(\d+ steps?\)$/;
  const table = page.locator('.chart-table');
  await table.evaluate((details) => (details.open = true));
  const rows = await table.locator('tbody tr').evaluateAll((all) =>
    all.map((row) => [row.querySelector('.pick').textContent.trim(), row.getAttribute('aria-current')]),
  );
  assert.equal(rows.length, 3, 'the original, the damaged and the healed one');
  const [[healed]] = rows.filter(([, current]) => current === 'true');
  assert.match(healed, name);
  assert.notEqual(await target(page).textContent(), '');
  assert.match(await page.locator('[data-part=take] p').first().textContent(), /healed/);
  assert.equal(await page.getByRole('button', { name: 'Copy a link to this recipe' }).count(), 0, 'no link makes it again');
  const download = page.waitForEvent('download');
  await page.locator('.part-take .button').click();
  assert.match((await download).suggestedFilename(), /\.safetensors\.gz$/);

  // From its file once more, after something else.
  const [[damaged]] = rows.filter(([text]) => /^3 bits/.test(text) && text !== healed);
  await table.getByRole('button', { name: damaged, exact: true }).click();
  await scored(page);
  await table.getByRole('button', { name: healed, exact: true }).click();
  await page.waitForFunction((name) => document.querySelector('#work-text').textContent.includes(name), healed, PATIENTLY);
  await scored(page);

  await page.reload();
  await table.evaluate((details) => (details.open = true));
  await table.getByRole('button', { name: /was healed .* its file is gone/ }).waitFor();
  await leave();
});

test('what_fails_or_is_discarded_leaves_the_model_and_the_text_as_they_were', LONG, async () => {
  const { page, leave } = await open();
  const text = await target(page).textContent();
  const input = panel(page).locator('input[type=file]');
  site.server.faults.set(TRAIN_WORKER, faults.appended(BREAKS));
  await choose(input, 'short.txt', 'One line.\n\n');
  await press(page, 'Let it learn').click();
  await says(page, /1 lines of text: 1 are held out to judge by.*The model stays as it was/);
  await choose(input, 'own.txt', TEXT);
  await press(page, 'Let it learn').click();
  await says(page, /The training stopped: unreachable.*close other tabs/);
  await press(page, 'Let it learn').click();
  await press(page, 'Discard').click();
  await says(page, /^Discarded\. The model stays as it was\.$/);
  assert.equal(await target(page).textContent(), text);
  assert.equal(await source(page).inputValue(), 'Good morning.');
  assert.equal(await page.locator('.chart-table tbody tr').count(), 2);
  await leave();
});
