// The draft of the Translator API, sentence by sentence, with the polyfill in the place of the browser's
// own: the interface, creation, availability.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { visitPolyfill } from './conformance.mjs';
import { FAILED_REQUESTS, MODEL, faults, modelIsKept, openSite } from './harness.mjs';

let site;
before(async () => (site = await openSite()));
after(() => site.close());

describe('installPolyfill', () => {
  test('leaves_a_translator_of_the_browser_alone_and_replaces_it_if_asked_to', async () => {
    const { page, leave } = await visitPolyfill(site);
    const results = await page.evaluate(async () => {
      const { installPolyfill } = await import(new URL('package/index.js', location.href).href);
      const own = class Translator {};
      globalThis.Translator = own;
      const left = [installPolyfill(), installPolyfill({}), globalThis.Translator === own];
      const replaced = [installPolyfill({ force: true }), globalThis.Translator === own];
      delete globalThis.Translator;
      delete globalThis.CreateMonitor;
      delete globalThis.QuotaExceededError;
      const defined = [installPolyfill(), typeof globalThis.Translator];
      const others = [typeof CreateMonitor, typeof QuotaExceededError];
      const ours = globalThis.Translator;
      return [left, replaced, defined, others, installPolyfill(), globalThis.Translator === ours];
    });
    assert.deepEqual(results, [
      ...[[false, false, true], [true, false], [true, 'function'], ['function', 'function']],
      ...[false, true],
    ]);
    await leave();
  });

  test('fetches_nothing_and_starts_no_worker', async () => {
    const { page, leave } = await visitPolyfill(site);
    await page.waitForTimeout(300);
    assert.deepEqual(site.server.requests, ['/blank.html', '/package/index.js']);
    assert.equal(page.workers().length, 0);
    await leave();
  });

  test('takes_what_callers_of_the_web_api_cannot_say', async () => {
    const { run, leave } = await visitPolyfill(site, { allowed: FAILED_REQUESTS });
    const results = await run(async (pair) => {
      const { installPolyfill } = await import(new URL('package/index.js', location.href).href);
      installPolyfill({ force: true, registry: 'elsewhere/registry.json' });
      const missing = await outcome(() => Translator.availability(pair));
      // What the draft does not have, its options do not have either.
      const ignored = await outcome(() =>
        Translator.availability({ ...pair, registry: 'models/registry.json' }),
      );
      installPolyfill({ force: true, registry: 'models/registry.json', threads: 1 });
      return [missing, ignored, await outcome(() => Translator.availability(pair))];
    }, { sourceLanguage: 'en', targetLanguage: 'pt' });
    const notFound = ['rejected', 'NetworkError'];
    assert.deepEqual(results, [notFound, notFound, ['resolved', 'downloadable']]);
    await leave();
  });
});

describe('the interface', () => {
  let visitor;
  before(async () => (visitor = await visitPolyfill(site)));
  after(() => visitor.leave());

  test('looks_like_one_of_the_web', async () => {
    const shape = await visitor.run(() => {
      const global = Object.getOwnPropertyDescriptor(globalThis, 'Translator');
      const flags = ({ enumerable, configurable, writable }) => [enumerable, configurable, writable];
      const members = Object.getOwnPropertyDescriptors(Translator.prototype);
      const statics = Object.getOwnPropertyDescriptors(Translator);
      return {
        global: flags(global),
        name: Translator.name,
        length: Translator.length,
        tag: Object.prototype.toString.call(Translator.prototype),
        prototype: flags(statics.prototype),
        parent: Object.getPrototypeOf(Translator) === Function.prototype,
        constructor: Translator.prototype.constructor === Translator,
        statics: Object.keys(Translator).sort(),
        members: Object.keys(Translator.prototype).sort(),
        lengths: Object.fromEntries(
          Object.entries({ ...statics, ...members })
            .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
            .map(([name, { value }]) => [name, value.length]),
        ),
        readonly: ['sourceLanguage', 'targetLanguage', 'inputQuota'].map(
          (name) => typeof members[name].get === 'function' && members[name].set === undefined,
        ),
      };
    });
    assert.deepEqual(shape, {
      global: [false, true, true],
      name: 'Translator',
      length: 0,
      tag: '[object Translator]',
      prototype: [false, false, false],
      parent: true,
      constructor: true,
      statics: ['availability', 'create'],
      members: [
        ...['destroy', 'inputQuota', 'measureInputUsage', 'sourceLanguage', 'targetLanguage'],
        ...['translate', 'translateStreaming'],
      ],
      lengths: {
        ...{ create: 1, availability: 1, translate: 1, translateStreaming: 1 },
        ...{ measureInputUsage: 1, destroy: 0 },
      },
      readonly: [true, true, true],
    });
  });

  test('has_no_constructor', async () => {
    const results = await visitor.run(() =>
      Promise.all([
        outcome(() => new Translator()),
        outcome(() => Translator()),
        outcome(() => new CreateMonitor()),
      ]),
    );
    assert.deepEqual(results, Array(3).fill(['thrown', 'TypeError']));
  });

  test('statics_need_no_this_and_members_refuse_another_one', async () => {
    const results = await visitor.run(async () => {
      const { create, availability } = Translator;
      const translator = await create(EN_PT);
      const { translate, translateStreaming, measureInputUsage, destroy } = Translator.prototype;
      const getters = ['sourceLanguage', 'targetLanguage', 'inputQuota'].map(
        (name) => Object.getOwnPropertyDescriptor(Translator.prototype, name).get,
      );
      return {
        instance: translator instanceof Translator,
        tag: String(translator),
        available: await availability(EN_PT),
        others: await Promise.all([
          outcome(() => translate.call({}, 'x')),
          outcome(() => measureInputUsage.call({}, 'x')),
          outcome(() => translateStreaming.call({}, 'x')),
          outcome(() => destroy.call({})),
          ...getters.map((get) => outcome(() => get.call({}))),
        ]),
      };
    });
    assert.deepEqual(results.others, [
      ...Array(2).fill(['rejected', 'TypeError']),
      ...Array(5).fill(['thrown', 'TypeError']),
    ]);
    const { instance, tag, available } = results;
    assert.deepEqual([instance, tag, available], [true, '[object Translator]', 'available']);
  });
});

describe('the options of create and availability', () => {
  let visitor;
  before(async () => (visitor = await visitPolyfill(site)));
  after(() => visitor.leave());

  test('wrong_ones_reject_and_never_throw', async () => {
    const results = await visitor.run(async () => {
      const type = ['rejected', 'TypeError'];
      const range = ['rejected', 'RangeError'];
      const both = [
        [undefined, type],
        [null, type],
        [5, type],
        ['en', type],
        [{}, type],
        [{ sourceLanguage: 'en' }, type],
        [{ targetLanguage: 'pt' }, type],
        [{ ...EN_PT, sourceLanguage: undefined }, type],
        [{ ...EN_PT, sourceLanguage: Symbol('en') }, type],
        [{ ...EN_PT, sourceLanguage: null }, range],
        [{ ...EN_PT, sourceLanguage: 7 }, range],
        [{ ...EN_PT, sourceLanguage: '' }, range],
        [{ ...EN_PT, sourceLanguage: 'en_US' }, range],
        [{ ...EN_PT, sourceLanguage: 'english-language-tag' }, range],
        [{ ...EN_PT, targetLanguage: ' pt' }, range],
        [{ ...EN_PT, targetLanguage: 'i-klingon-klingon-x' }, range],
      ];
      const created = [
        [{ ...EN_PT, signal: null }, type],
        [{ ...EN_PT, signal: {} }, type],
        [{ ...EN_PT, monitor: null }, type],
        [{ ...EN_PT, monitor: {} }, type],
      ];
      const wrong = [];
      for (const [name, cases] of [
        ['create', [...both, ...created]],
        ['availability', both],
      ]) {
        for (const [options, expected] of cases) {
          const actual = await outcome(() => Translator[name](options));
          if (actual.join() !== expected.join())
            wrong.push([name, String(JSON.stringify(options)), actual, expected]);
        }
        const nothing = await outcome(() => Translator[name]());
        if (nothing.join() !== type.join()) wrong.push([name, 'nothing', nothing]);
      }
      return wrong;
    });
    assert.deepEqual(results, []);
  });

  test('tags_are_converted_to_strings_and_to_their_canonical_form', async () => {
    const states = await visitor.run(async () => {
      const states = [];
      for (const [sourceLanguage, targetLanguage] of [
        ['EN', 'PT'],
        ['en-US', 'pt-BR'],
        ['en-Latn-GB', 'pt-PT-x-private'],
        ['en-u-ca-buddhist', 'pt'],
        [['en'], { toString: () => 'pt' }],
        ['eng', 'por'],
      ]) {
        states.push(await Translator.availability({ sourceLanguage, targetLanguage }));
      }
      const inherited = Object.create({ sourceLanguage: 'en', targetLanguage: 'pt' });
      return [...states, await Translator.availability(inherited)];
    });
    assert.deepEqual(states, Array(7).fill('downloadable'));
  });

  test('a_translator_has_the_tags_of_the_model_that_fits_best', async () => {
    const tags = await visitor.run(async () => {
      const options = { sourceLanguage: 'EN-us', targetLanguage: 'pt-br' };
      const { sourceLanguage, targetLanguage } = await Translator.create(options);
      return [sourceLanguage, targetLanguage, options];
    });
    const given = { sourceLanguage: 'EN-us', targetLanguage: 'pt-br' };
    assert.deepEqual(tags, ['en', 'pt', given], 'the options stay as they were given');
  });

  test('checks_go_from_arguments_over_the_signal_to_the_monitor', async () => {
    const results = await visitor.run(async () => {
      const calls = [];
      const monitor = () => void calls.push('monitor');
      const signal = AbortSignal.abort('reason');
      const results = [
        await outcome(() => Translator.create({ ...EN_PT, sourceLanguage: '?', signal, monitor })),
        await outcome(() => Translator.create({ ...EN_PT, signal, monitor })),
      ];
      const creating = Translator.create({ ...EN_PT, monitor });
      calls.push('returned');
      await creating;
      return [...results, calls];
    });
    assert.deepEqual(results, [
      ['rejected', 'RangeError'],
      ['rejected', 'reason'],
      ['monitor', 'returned'],
    ]);
  });
});

describe('availability', () => {
  test('goes_from_downloadable_over_downloading_to_available', async () => {
    const { run, page, leave } = await visitPolyfill(site);
    site.server.faults.set(MODEL['en-pt'], faults.slow(8e6));
    const states = await run(async () => {
      const states = [await Translator.availability(EN_PT)];
      const creating = Translator.create(EN_PT);
      states.push(await Translator.availability(EN_PT));
      await creating;
      return [...states, await Translator.availability(EN_PT)];
    });
    assert.deepEqual(states, ['downloadable', 'downloading', 'available']);
    await modelIsKept(page, MODEL['en-pt']);
    await page.reload();
    const later = await page.evaluate(async () => {
      const { installPolyfill } = await import(new URL('package/index.js', location.href).href);
      installPolyfill({ force: true });
      return Translator.availability({ sourceLanguage: 'en', targetLanguage: 'pt' });
    });
    assert.equal(later, 'available');
    await leave();
  });

  test('a_pair_that_cannot_be_had_is_unavailable_and_cannot_be_created', async () => {
    const { run, leave } = await visitPolyfill(site);
    const results = await run(async () => {
      const options = { sourceLanguage: 'en', targetLanguage: 'fi' };
      return [await Translator.availability(options), await outcome(() => Translator.create(options))];
    });
    assert.deepEqual(results, ['unavailable', ['rejected', 'NotSupportedError']]);
    await leave();
  });

  test('from_a_language_to_itself_nothing_is_downloaded_and_nothing_changes', async () => {
    const { run, leave } = await visitPolyfill(site);
    const results = await run(async () => {
      const options = { sourceLanguage: 'en-US', targetLanguage: 'en-GB' };
      const shares = [];
      const state = await Translator.availability(options);
      const translator = await Translator.create({
        ...options,
        monitor: (m) => (m.ondownloadprogress = ({ loaded }) => shares.push(loaded)),
      });
      const text = 'Colour, or color?';
      const same = await translator.translate(text);
      const streamed = await read(translator.translateStreaming(text));
      const { sourceLanguage, targetLanguage } = translator;
      const usage = await translator.measureInputUsage(text);
      translator.destroy();
      const later = await outcome(() => translator.translate(text));
      const script = { sourceLanguage: 'zh-Hans', targetLanguage: 'zh-Hant' };
      const others = [await Translator.availability(script)];
      return { state, shares, same, streamed, sourceLanguage, targetLanguage, usage, later, others };
    });
    assert.deepEqual(results, {
      ...{ state: 'available', shares: [0, 1], same: 'Colour, or color?', usage: 17 },
      ...{ streamed: ['Colour, or color?'], sourceLanguage: 'en-US', targetLanguage: 'en-GB' },
      ...{ later: ['rejected', 'AbortError'], others: ['unavailable'] },
    });
    assert.equal(site.server.count(MODEL['en-pt']), 0);
    await leave();
  });
});

describe('what a browser asks of a page', () => {
  test('a_download_begins_only_after_a_click_or_a_key_press', { timeout: 120_000 }, async () => {
    const { page, run, leave } = await visitPolyfill(site);
    const refused = await run(async () => {
      // Whatever runs a test's code counts as a user for five seconds.
      while (navigator.userActivation.isActive) await new Promise((done) => setTimeout(done, 100));
      let monitored = 0;
      const result = await outcome(() =>
        Translator.create({ ...EN_PT, monitor: () => void monitored++ }),
      );
      return [...result, monitored, await Translator.availability(EN_PT)];
    });
    assert.deepEqual(refused, ['rejected', 'NotAllowedError', 1, 'downloadable']);
    assert.equal(site.server.count(MODEL['en-pt']), 0);

    await page.evaluate(() => {
      addEventListener('click', () => (window.made = outcome(() => Translator.create(EN_PT))));
    });
    await page.mouse.click(10, 10);
    assert.equal(await run(async () => (await window.made)[0]), 'resolved');
    const later = await run(async () => {
      while (navigator.userActivation.isActive) await new Promise((done) => setTimeout(done, 100));
      return (await outcome(() => Translator.create(EN_PT)))[0];
    });
    assert.equal(later, 'resolved', 'what is here already needs no click');
    await leave();
  });

  test('the_imported_class_asks_for_nothing', { timeout: 120_000 }, async () => {
    const { run, leave } = await visitPolyfill(site);
    const text = await run(async () => {
      const { Translator } = await import(new URL('package/index.js', location.href).href);
      while (navigator.userActivation.isActive) await new Promise((done) => setTimeout(done, 100));
      return (await Translator.create(EN_PT)).translate('Good morning.');
    });
    assert.match(text, /bom dia/i);
    await leave();
  });

  test('a_page_may_forbid_its_frames_to_translate', async () => {
    const { run, leave } = await visitPolyfill(site);
    const results = await run(async () => {
      const inFrame = async (allow) => {
        const frame = document.createElement('iframe');
        frame.allow = allow;
        frame.src = location.href;
        const loaded = new Promise((done) => (frame.onload = done));
        document.body.append(frame);
        await loaded;
        const script = frame.contentDocument.createElement('script');
        script.type = 'module';
        script.textContent = `import { installPolyfill } from './package/index.js';
          installPolyfill({ force: true }); parent.framed();`;
        const ready = new Promise((done) => (window.framed = done));
        frame.contentDocument.body.append(script);
        await ready;
        const { Translator } = frame.contentWindow;
        let monitored = 0;
        const options = { ...EN_PT, monitor: () => void monitored++ };
        const made = await outcome(() => Translator.create(options));
        return [await Translator.availability(EN_PT), ...made, monitored];
      };
      // The other frame lacks only the click that its download needs.
      return [await inFrame("translator 'none'"), await inFrame("translator 'self'")];
    });
    assert.deepEqual(results, [
      ['unavailable', 'rejected', 'NotAllowedError', 0],
      ['downloadable', 'rejected', 'NotAllowedError', 1],
    ]);
    await leave();
  });

  test('in_a_frame_that_was_removed_nothing_works_and_nothing_hangs', async () => {
    const { run, leave } = await visitPolyfill(site);
    const results = await run(async () => {
      const frame = document.createElement('iframe');
      frame.src = location.href;
      const loaded = new Promise((done) => (frame.onload = done));
      document.body.append(frame);
      await loaded;
      const script = frame.contentDocument.createElement('script');
      script.type = 'module';
      // The class of the package needs no click, which the frame never had.
      script.textContent = `import { Translator, installPolyfill } from './package/index.js';
        installPolyfill({ force: true });
        parent.framed(await Translator.create({ sourceLanguage: 'en', targetLanguage: 'pt' }));`;
      const made = new Promise((done) => (window.framed = done));
      frame.contentDocument.body.append(script);
      const translator = await made;
      const { Translator } = frame.contentWindow;
      frame.remove();
      return Promise.all([
        outcome(() => Translator.create(EN_PT)),
        outcome(() => Translator.availability(EN_PT)),
        outcome(() => translator.translate('Good morning.')),
        outcome(() => translator.measureInputUsage('Good morning.')),
        outcome(() => translator.translateStreaming('Good morning.')),
      ]);
    });
    assert.deepEqual(results, [
      ...Array(4).fill(['rejected', 'InvalidStateError']),
      ['thrown', 'InvalidStateError'],
    ]);
    await leave();
  });
});

describe('the monitor', () => {
  const watched = async () => {
    const events = [];
    let created = false;
    let late = 0;
    let shape;
    const monitor = (m) => {
      shape = [
        ...[m instanceof CreateMonitor, m instanceof EventTarget, m.ondownloadprogress],
        Object.prototype.toString.call(m),
      ];
      m.addEventListener('downloadprogress', (event) => {
        if (created) late++;
        events.push([event.loaded, event.total, event.lengthComputable, event.type]);
        shape.push(event instanceof ProgressEvent && event.target === m);
      });
      // What it returns does not matter.
      return Promise.reject(new Error('nobody looks at this')).catch(() => {});
    };
    const translator = await Translator.create({ ...EN_PT, monitor });
    created = true;
    await new Promise((done) => setTimeout(done, 100));
    translator.destroy();
    return { events, late, shape };
  };

  test('hears_a_download_in_parts_of_65536_from_0_to_1', async () => {
    const { run, leave } = await visitPolyfill(site);
    site.server.faults.set(MODEL['en-pt'], faults.slow(2e7));
    const { events, late, shape } = await run(watched);
    const shares = events.map(([loaded]) => loaded);
    assert.equal(shares[0], 0);
    assert.equal(shares.at(-1), 1);
    assert.ok(shares.length > 4, `${shares.length} events`);
    shares.forEach((share, n) => {
      assert.equal((share * 65536) % 1, 0, `${share} is a whole number of parts`);
      assert.ok(n === 0 || share > shares[n - 1], `${share} after ${shares[n - 1]}`);
    });
    assert.ok(events.every(([, ...rest]) => String(rest) === '1,true,downloadprogress'));
    assert.equal(late, 0, 'none after the promise');
    assert.deepEqual(shape.slice(0, 4), [true, true, null, '[object CreateMonitor]']);
    assert.ok(shape.slice(4).every(Boolean));
    await leave();
  });

  test('hears_0_and_1_of_a_model_that_is_here', async () => {
    const { run, page, leave } = await visitPolyfill(site);
    await run(async () => void (await Translator.create(EN_PT)));
    await modelIsKept(page, MODEL['en-pt']);
    const { events } = await run(watched);
    assert.deepEqual(events, [
      [0, 1, true, 'downloadprogress'],
      [1, 1, true, 'downloadprogress'],
    ]);
    await leave();
  });

  test('has_an_event_handler_that_keeps_its_place_among_listeners', async () => {
    const { run, leave } = await visitPolyfill(site);
    const order = await run(async () => {
      const order = [];
      const monitor = (m) => {
        m.ondownloadprogress = 5;
        order.push(m.ondownloadprogress);
        m.addEventListener('downloadprogress', () => order.push('first'));
        m.ondownloadprogress = () => order.push('replaced');
        m.addEventListener('downloadprogress', () => order.push('last'));
        m.ondownloadprogress = function () {
          order.push(this === m);
        };
      };
      await Translator.create({ ...EN_PT, monitor });
      return order.slice(0, 4);
    });
    assert.deepEqual(order, [null, 'first', true, 'last']);
    await leave();
  });

  test('rejects_with_what_it_throws', async () => {
    const { run, leave } = await visitPolyfill(site);
    const results = await run(async () => {
      const mine = new Error('mine');
      const monitor = (m) => {
        m.addEventListener('downloadprogress', () => results.push('never'));
        throw mine;
      };
      const results = [
        await Translator.create({ ...EN_PT, monitor }).catch((error) => error === mine),
      ];
      await new Promise((done) => setTimeout(done, 100));
      return results;
    });
    assert.deepEqual(results, [true]);
    await leave();
  });

  test('whose_listener_throws_disturbs_nobody', async () => {
    const { run, leave } = await visitPolyfill(site, { allowed: /a listener's own/ });
    const text = await run(async () => {
      const monitor = (m) =>
        m.addEventListener('downloadprogress', () => {
          throw new Error("a listener's own");
        });
      return (await Translator.create({ ...EN_PT, monitor })).translate('Good morning.');
    });
    assert.match(text, /bom dia/i);
    await leave();
  });
});

describe('the signal of create', () => {
  test('rejects_before_during_and_after_the_download_with_its_reason', async () => {
    const { run, leave } = await visitPolyfill(site);
    const results = await run(async () => {
      const abortedAt = async (share, reason) => {
        const controller = new AbortController();
        let later = 0;
        const monitor = (m) =>
          m.addEventListener('downloadprogress', ({ loaded }) => {
            if (controller.signal.aborted) later++;
            if (loaded >= share) controller.abort(reason);
          });
        const options = { ...EN_PT, monitor, signal: controller.signal };
        const result = await outcome(() => Translator.create(options));
        await new Promise((done) => setTimeout(done, 100));
        return [...result, later];
      };
      const atOnce = new AbortController();
      const creating = outcome(() => Translator.create({ ...EN_PT, signal: atOnce.signal }));
      atOnce.abort();
      const again = outcome(() => Translator.create({ ...EN_PT, signal: atOnce.signal }));
      return [
        await creating,
        await again,
        await abortedAt(0),
        await abortedAt(0.3, 'halfway'),
        await abortedAt(1, 'in the end'),
      ];
    });
    const reason = ['rejected', 'AbortError'];
    assert.deepEqual(results, [
      ...[reason, reason, [...reason, 0]],
      ...[['rejected', 'halfway', 0], ['rejected', 'in the end', 0]],
    ]);
    await leave();
  });

  test('rejects_at_once_also_while_a_server_keeps_us_waiting', async () => {
    const { run, leave } = await visitPolyfill(site);
    site.server.faults.set('/models/registry.json', () => {});
    const results = await run(async () => {
      const results = [];
      const identity = { sourceLanguage: 'en-US', targetLanguage: 'en-GB' };
      for (const options of [EN_PT, identity]) {
        const controller = new AbortController();
        const result = outcome(() => Translator.create({ ...options, signal: controller.signal }));
        await new Promise((done) => setTimeout(done, 300));
        const start = performance.now();
        controller.abort('enough');
        results.push([...(await result), performance.now() - start < 1000]);
      }
      return results;
    });
    assert.deepEqual(results, Array(2).fill(['rejected', 'enough', true]));
    await leave();
  });

  test('destroys_the_translator_later', async () => {
    const { run, leave } = await visitPolyfill(site);
    const results = await run(async () => {
      const controller = new AbortController();
      const translator = await Translator.create({ ...EN_PT, signal: controller.signal });
      const calls = () => [
        outcome(() => translator.translate('Good morning.')),
        outcome(() => translator.measureInputUsage('Good morning.')),
        outcome(async () => read(translator.translateStreaming('Good morning.'))),
      ];
      const pending = calls();
      controller.abort('over');
      return Promise.all([...pending, ...calls()]);
    });
    assert.deepEqual(results, Array(6).fill(['rejected', 'over']));
    await leave();
  });
});

describe('a download', () => {
  test('that_fails_is_a_network_error', async () => {
    const { run, leave } = await visitPolyfill(site, { allowed: FAILED_REQUESTS });
    site.server.faults.set(MODEL['en-pt'], faults.notFound());
    assert.deepEqual(await run(() => outcome(() => Translator.create(EN_PT))), [
      ...['rejected', 'NetworkError'],
    ]);
    await leave();
  });

  test('of_something_that_cannot_be_made_ready_is_an_operation_error', async () => {
    const { run, leave } = await visitPolyfill(site);
    const file = gzipSync('This is no model.');
    const sha256 = createHash('sha256').update(file).digest('hex');
    const model = { source: 'en', target: 'pt', url: 'en-pt.safetensors.gz', sha256 };
    const models = [{ ...model, bytes: file.length, size: 17 }];
    const registry = Buffer.from(JSON.stringify({ format: 1, models }));
    site.server.faults.set('/models/registry.json', faults.replaced(registry, 'application/json'));
    site.server.faults.set(MODEL['en-pt'], faults.replaced(file));
    assert.deepEqual(await run(() => outcome(() => Translator.create(EN_PT))), [
      ...['rejected', 'OperationError'],
    ]);
    await leave();
  });
});
