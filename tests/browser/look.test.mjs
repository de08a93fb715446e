// What must hold on every look at the page: its policy, its labels, its contrast, its width.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openSite, source, target, translate, visit } from './harness.mjs';

let site;
before(async () => (site = await openSite()));
after(() => site.close());

test('the_markup_says_the_same_as_the_texts_file', async () => {
  const { page, leave } = await visit(site, { javaScriptEnabled: false });
  const written = await page
    .locator('[data-text]')
    .evaluateAll((nodes) =>
      nodes.map((node) => [node.getAttribute('data-text'), node.textContent]),
    );
  await leave();
  const { texts } = await import('../../www/page/texts.en.js');
  assert.ok(written.length > 5);
  for (const [key, text] of written) assert.equal(text, texts[key], key);
});

test('the_policy_forbids_other_hosts_and_inline_code', async () => {
  const { page, leave, complaints } = await visit(site, { allowed: /Content Security Policy/ });
  const result = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.inline = true';
    document.head.append(script);
    return {
      inline: window.inline === true,
      fetched: await fetch('https://example.com/').then(
        () => true,
        () => false,
      ),
    };
  });
  assert.deepEqual(result, { inline: false, fetched: false });
  assert.ok(complaints.length >= 2);
  await leave();
});

test('no_request_leaves_the_origin', async () => {
  const { page, leave } = await visit(site, { path: null });
  const foreign = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(site.server.origin)) foreign.push(request.url());
  });
  await page.goto('/');
  await translate(page, 'Good morning.');
  assert.deepEqual(foreign, []);
  await leave();
});

test('every_control_has_a_name_and_every_pane_a_language', async () => {
  const { page, leave } = await visit(site);
  await translate(page, 'Good morning.');
  for (const role of ['button', 'textbox', 'link', 'progressbar']) {
    for (const control of await page.getByRole(role, { includeHidden: true }).all()) {
      const name = await control.evaluate((node) =>
        (
          node.getAttribute('aria-label') ??
          node.labels?.[0]?.textContent ??
          node.textContent
        ).trim(),
      );
      const needed = (await control.getAttribute('id')) !== 'notice-action';
      if (needed) assert.notEqual(name, '', await control.evaluate((node) => node.outerHTML));
    }
  }
  await page.getByRole('textbox', { name: 'English' }).waitFor();
  assert.equal(await source(page).getAttribute('lang'), 'en');
  assert.equal(await target(page).getAttribute('lang'), 'pt-BR');
  await leave();
});

for (const colorScheme of ['light', 'dark']) {
  test(`contrast_is_at_least_AA_in_${colorScheme}`, async () => {
    const { page, leave } = await visit(site, { colorScheme });
    const ratios = await page.evaluate(() => {
      const value = (name) =>
        getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      const luminance = (hex) => {
        const [r, g, b] = [1, 3, 5].map((at) => {
          const c = parseInt(hex.slice(at, at + 2), 16) / 255;
          return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const contrast = (a, b) => {
        const [low, high] = [luminance(value(a)), luminance(value(b))].sort((x, y) => x - y);
        return (high + 0.05) / (low + 0.05);
      };
      const grounds = ['--page', '--surface', '--surface-quiet', '--accent-wash'];
      const pairs = [
        ['--on-accent', '--accent'],
        ['--on-accent', '--accent-strong'],
      ];
      for (const ground of grounds)
        for (const ink of ['--text', '--muted', '--accent']) pairs.push([ink, ground]);
      return pairs.map(([ink, ground]) => ({ ink, ground, ratio: contrast(ink, ground) }));
    });
    assert.equal(ratios.length, 14);
    for (const { ink, ground, ratio } of ratios)
      assert.ok(ratio >= 4.5, `${ink} on ${ground}: ${ratio.toFixed(2)}`);
    await leave();
  });
}

for (const width of [320, 390, 768, 1280]) {
  test(`nothing_is_cut_off_at_${width}_pixels`, async () => {
    const { page, leave } = await visit(site, { viewport: { width, height: 800 } });
    await translate(page, `Good morning. ${'x'.repeat(300)}`);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(overflow <= 0, `${overflow} pixels too wide`);
    await leave();
  });
}
