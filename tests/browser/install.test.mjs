// The page can be installed: the browser itself says so, and every icon is what the manifest says.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openSite, shellIsKept, visit } from './harness.mjs';

let site;
before(async () => (site = await openSite()));
after(() => site.close());

test('the_browser_has_nothing_against_installing_the_page', async () => {
  const { page, context, leave } = await visit(site);
  await shellIsKept(page);
  const session = await context.newCDPSession(page);
  const { errors, data } = await session.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.equal(JSON.parse(data).name, 'Pocketglot');
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // The tests' own profiles are such; nothing else stands in the way.
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId), ['in-incognito']);
  const { appId } = await session.send('Page.getAppId');
  assert.equal(appId, `${site.server.origin}/pocketglot`);
  await leave();
});

test('every_icon_is_as_large_as_the_manifest_says', async () => {
  const { page, leave } = await visit(site);
  const icons = await page.evaluate(async () => {
    const { href } = document.querySelector('link[rel="manifest"]');
    const { icons } = await (await fetch(href)).json();
    return Promise.all(
      icons.map(async ({ src, sizes, type, purpose }) => {
        const image = new Image();
        image.src = new URL(src, href).href;
        await image.decode();
        const canvas = new OffscreenCanvas(64, 64);
        const context = canvas.getContext('2d', { willReadFrequently: true });
        context.drawImage(image, 0, 0, 64, 64);
        const [corner, middle] = [[0, 0], [32, 32]].map(([x, y]) => [...context.getImageData(x, y, 1, 1).data]);
        const served = (await fetch(image.src)).headers.get('Content-Type');
        return { sizes, isOfType: served === type, purpose, width: image.naturalWidth, corner, middle };
      }),
    );
  });
  assert.deepEqual(
    icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`),
    ['192x192 any', '512x512 any', '512x512 maskable', 'any any'],
  );
  for (const { sizes, isOfType, purpose, width, corner, middle } of icons) {
    assert.ok(isOfType, sizes);
    if (sizes !== 'any') assert.equal(`${width}x${width}`, sizes);
    assert.ok(middle[3] === 255, 'there is something in the middle');
    // Systems cut the corners of a maskable icon off: there must be something to cut.
    assert.equal(corner[3], purpose === 'maskable' ? 255 : 0, `corner of ${sizes} ${purpose}`);
  }
  await leave();
});

test('a_shortcut_opens_its_direction', async () => {
  const { page, leave } = await visit(site);
  const shortcuts = await page.evaluate(async () => {
    const { href } = document.querySelector('link[rel="manifest"]');
    return (await (await fetch(href)).json()).shortcuts;
  });
  assert.ok(shortcuts.length > 0);
  for (const { name, url } of shortcuts) {
    await page.goto('/blank.html');
    await page.goto(`/${url}`);
    const [source, target] = name.split(' → ');
    const chosen = (side) => page.locator(`#${side}-language option:checked`).textContent();
    assert.equal(await chosen('source'), source);
    assert.equal(await chosen('target'), target);
  }
  await leave();
});
