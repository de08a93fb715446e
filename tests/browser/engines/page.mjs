// The page itself, as a visitor uses it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODEL } from '../harness.mjs';
import { allIsKept, openedWidth, precisionBoxes, translation } from './in-page.mjs';
import { SENTENCE } from './site.mjs';

/** @param {import('./scenarios.mjs').Given} given */
export function page({ site, expected }) {
  test('the_page_translates_what_is_typed_and_the_console_stays_quiet', async () => {
    const visitor = await site().visit({ path: '/' });
    await visitor.type('#source', SENTENCE);
    assert.equal(await visitor.evaluate(translation), expected()[0]);
    assert.deepEqual(await visitor.evaluate(async () => window.complaints), []);
    await visitor.close();
  });

  test('the_page_fits_a_phone_and_names_stand_beside_their_dials_where_there_is_room', async () => {
    const visitor = await site().visit({ path: '/' });
    await visitor.type('#source', SENTENCE);
    await visitor.evaluate(translation);
    await visitor.resize(390, 844);
    const { page, window } = await visitor.evaluate(openedWidth);
    assert.ok(page <= window, `the page has ${page} pixels, the window ${window}`);
    await visitor.resize(1440, 900);
    const [name, dial] = await visitor.evaluate(precisionBoxes);
    assert.ok(name.right <= dial.left && name.top >= dial.top && name.bottom <= dial.bottom);
    await visitor.close();
  });

  test('after_one_visit_the_page_works_without_a_network', async () => {
    const visitor = await site().visit({ path: '/' });
    await visitor.type('#source', SENTENCE);
    await visitor.evaluate(translation);
    await visitor.evaluate(allIsKept, MODEL['en-pt']);
    await site().server.stop();
    try {
      // The page remembers the text, not its translation.
      await visitor.reload();
      assert.equal(await visitor.evaluate(translation), expected()[0]);
    } finally {
      await site().server.start();
    }
    await visitor.close();
  });
}
