// The page itself, as a visitor uses it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODEL } from '../harness.mjs';
import { allIsKept, translation } from './in-page.mjs';
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
