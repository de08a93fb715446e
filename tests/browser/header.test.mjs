// The controls of the page itself: light or dark, and the language of its texts.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FAILED_REQUESTS, MODEL, faults, noticeSays, openSite, shellIsKept, source, target, translate, visit } from './harness.mjs';

const LIGHT = 'rgb(244, 246, 244)';
const DARK = 'rgb(17, 22, 20)';

let site;
before(async () => (site = await openSite()));
after(() => site.close());

const theme = (page) => page.locator('#theme');
const chinese = (page) => page.getByRole('button', { name: '中文' });
const english = (page) => page.getByRole('button', { name: 'EN', exact: true });

/** What the page's theme shows in: its ground, what the browser draws itself, the bar around it. */
const appearance = (page) =>
  page.evaluate(() => {
    const { backgroundColor, colorScheme } = getComputedStyle(document.documentElement);
    const bars = [...document.querySelectorAll('meta[name="theme-color"]')];
    const bar = bars.filter(({ media }) => matchMedia(media).matches).map(({ content }) => content);
    return { ground: backgroundColor, scheme: colorScheme, bar };
  });

const SEEN = {
  system: { light: { ground: LIGHT, scheme: 'light dark', bar: ['#f4f6f4'] }, dark: { ground: DARK, scheme: 'light dark', bar: ['#111614'] } },
  light: { ground: LIGHT, scheme: 'light', bar: ['#f4f6f4'] },
  dark: { ground: DARK, scheme: 'dark', bar: ['#111614'] },
};

for (const [system, other] of [['light', 'dark'], ['dark', 'light']]) {
  test(`on_a_${system}_system_the_button_goes_to_${other}_to_${system}_and_back_to_the_system`, async () => {
    const { page, leave } = await visit(site, { colorScheme: system });
    assert.deepEqual(await appearance(page), SEEN.system[system]);
    assert.equal(await theme(page).getAttribute('aria-label'), 'Light or dark as the system has it');
    for (const chosen of [other, system]) {
      await theme(page).click();
      assert.deepEqual(await appearance(page), SEEN[chosen]);
      assert.match(await theme(page).getAttribute('aria-label'), new RegExp(chosen, 'i'));
      await page.reload();
      assert.deepEqual(await appearance(page), SEEN[chosen], 'it is kept');
    }
    await theme(page).press('Enter');
    assert.deepEqual(await appearance(page), SEEN.system[system]);
    await page.emulateMedia({ colorScheme: other });
    assert.deepEqual(await appearance(page), SEEN.system[other], 'it follows the system again');
    await leave();
  });
}

test('the_other_tabs_follow', async () => {
  const { page, context, leave } = await visit(site, { colorScheme: 'light' });
  const tab = await context.newPage();
  await tab.goto('/');
  await theme(page).click();
  await tab.waitForFunction((dark) => getComputedStyle(document.documentElement).backgroundColor === dark, DARK);
  await leave();
});

test('nothing_is_drawn_before_the_chosen_theme', async () => {
  const { page, context, leave } = await visit(site, { colorScheme: 'light' });
  await theme(page).click();
  // Everything shall come from the server.
  await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
  await page.evaluate(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  });
  const times = async (resource) => {
    await page.goto('/blank.html');
    site.server.faults.set(resource, faults.slow(800));
    await page.goto('/');
    await page.waitForFunction(() => performance.getEntriesByName('first-paint').length > 0);
    return page.evaluate((resource) => {
      // A style sheet whose condition changes is asked for again.
      const ends = performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.endsWith(resource))
        .map(({ responseEnd }) => responseEnd);
      return { end: Math.max(...ends), paint: performance.getEntriesByName('first-paint')[0].startTime };
    }, resource);
  };
  for (const resource of ['/style/dark.css', '/page/theme-start.js']) {
    const { end, paint } = await times(resource);
    assert.ok(end > 300, `${resource} came after ${end} ms, too soon to tell`);
    assert.ok(paint >= end, `first paint after ${paint} ms, ${resource} after ${end}`);
    assert.equal((await appearance(page)).ground, DARK);
    site.server.faults.clear();
  }
  await leave();
});

const languageOf = (page) => page.evaluate(() => document.documentElement.lang);

for (const [locale, expected] of [
  ['zh-TW', 'zh-Hant'],
  ['zh-HK', 'zh-Hant'],
  ['zh-CN', 'en'],
  ['pt-BR', 'en'],
  ['en-GB', 'en'],
]) {
  test(`a_visitor_with_${locale}_reads_${expected}`, async () => {
    const { page, leave } = await visit(site, { locale });
    await noticeSays(page, expected === 'en' ? /is a download/ : /下載/);
    assert.equal(await languageOf(page), expected);
    await leave();
  });
}

test('another_language_takes_effect_at_once_everywhere_and_no_text_is_lost', async () => {
  const { page, leave } = await visit(site);
  const translation = await translate(page, 'Good morning.');
  await page.locator('#computing summary').click();
  assert.equal(await english(page).getAttribute('aria-pressed'), 'true');
  await chinese(page).click();
  await page.waitForFunction(() => document.documentElement.lang === 'zh-Hant');
  assert.equal(await chinese(page).getAttribute('aria-pressed'), 'true');
  assert.equal(await english(page).getAttribute('aria-pressed'), 'false');
  assert.equal(await source(page).inputValue(), 'Good morning.');
  assert.equal(await target(page).textContent(), translation);
  const { texts } = await import('../../www/page/texts.zh-Hant.js');
  for (const node of await page.locator('[data-text]').all())
    assert.equal(await node.textContent(), texts[await node.getAttribute('data-text')]);
  assert.equal(await page.title(), texts.title);
  // What else is written on the page: nothing of it is English but names.
  const names = /English|Português|Pocketglot|Mozilla|Bergamot|MPL|CPU|GPU|MB|EN\b|WebGPU|GPTQ|OBS|OBD|Wanda|chrF|BLEU|Tab\b/g;
  const rest = await page.evaluate(() => {
    const shown = document.body.cloneNode(true);
    for (const node of shown.querySelectorAll('#source, #target, noscript, script, [hidden]')) node.remove();
    const labels = [...shown.querySelectorAll('[aria-label]')].map((node) => node.getAttribute('aria-label'));
    return [shown.textContent, ...labels].join(' ');
  });
  assert.deepEqual(rest.replace(names, '').match(/[A-Za-z]{2,}/g), null);
  await page.reload();
  await page.waitForFunction(() => document.documentElement.lang === 'zh-Hant');
  await english(page).click();
  assert.equal(await page.title(), 'Pocketglot: translation on your device');
  assert.equal(await languageOf(page), 'en');
  await leave();
});

test('what_the_package_reports_is_in_the_language_of_the_page', async () => {
  const { page, leave } = await visit(site, { path: null, locale: 'zh-TW', allowed: FAILED_REQUESTS });
  site.server.faults.set(MODEL['en-pt'], faults.cut(0.3));
  await page.goto('/');
  await source(page).fill('Good morning.');
  await noticeSays(page, /^\s*下載停在 \d+\.\d \/ \d+\.\d MB。你的文字都還在。\s*再試一次/);
  await leave();
});

test('the_other_language_works_without_a_network', async () => {
  const { page, context, leave } = await visit(site, { allowed: /registry\.json|ERR_INTERNET|ERR_CONNECTION/ });
  await shellIsKept(page);
  await context.setOffline(true);
  await site.server.stop();
  try {
    await page.reload();
    await chinese(page).click();
    await page.waitForFunction(() => document.documentElement.lang === 'zh-Hant');
  } finally {
    await site.server.start();
  }
  await leave();
});

test('a_language_that_does_not_come_leaves_the_page_as_it_is_and_says_so', async () => {
  const { page, context, leave } = await visit(site, { allowed: FAILED_REQUESTS });
  let refused = 0;
  await context.route('**/texts.zh-Hant*.js', (route) => (refused++, route.abort()));
  await chinese(page).click();
  await page.getByText('正體中文 could not be loaded').waitFor();
  assert.ok(refused > 0);
  assert.equal(await languageOf(page), 'en');
  assert.equal(await english(page).getAttribute('aria-pressed'), 'true');
  await english(page).click();
  assert.ok(await page.locator('#language-trouble').isHidden());
  await leave();
});
