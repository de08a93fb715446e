// Chromium, a new one for each visit: nothing is left of what ran before, and every renderer process
// belongs to the page that is measured.

import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

export const ARGUMENTS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  // Pages are measured while nobody looks at them.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
];
/** For what does not use graphics. */
export const WITHOUT_GRAPHICS = ['--disable-gpu'];
/** The longest that one step in the page may take. */
const PATIENCE_MS = 30 * 60_000;
/** As the kernel counts CPU time; the same on every Linux that Chromium runs on. */
const TICKS_PER_SECOND = 100;

export class Visit {
  #browser;
  #page;
  /** @type {string[]} */
  #complaints = [];

  constructor(browser, page) {
    this.#browser = browser;
    this.#page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (message.type() === 'error') this.#complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.#complaints.push(String(error)));
  }

  /**
   * A page at `origin`, with a page side of the bench loaded if there is one.
   * @param {string} executablePath
   * @param {string} origin
   * @param {string[]} flags more flags for Chromium
   * @param {string} [side] the page side's address
   */
  static async begin(executablePath, origin, flags, side) {
    const args = [...ARGUMENTS, ...flags];
    const browser = await chromium.launch({ executablePath, args, headless: false });
    const visit = new Visit(browser, await browser.newPage());
    try {
      await visit.#page.goto(`${origin}/`);
      if (side) {
        await visit.#page.evaluate(async (side) => {
          Object.assign(globalThis, { bench: await import(side) });
        }, side);
      }
      return visit;
    } catch (error) {
      await visit.end();
      throw error;
    }
  }

  async end() {
    await this.#browser.close();
  }

  /**
   * Another page, in which a function has run before anything of its own. That function makes what
   * `call` calls.
   * @template T
   * @param {string} path
   * @param {(argument: T) => void} first
   * @param {T} argument
   */
  async open(path, first, argument) {
    await this.#page.addInitScript(first, argument);
    await this.#page.goto(new URL(path, this.#page.url()).href);
  }

  /** Another function for `call`, which needs nothing from outside itself. @param {string} name @param {Function} function_ */
  async teach(name, function_) {
    await this.#page.evaluate(`globalThis.bench[${JSON.stringify(name)}] = ${function_}`);
  }

  get version() {
    return this.#browser.version();
  }

  /**
   * Calls a function of the page side.
   * @param {string} name
   * @param {unknown} [argument]
   */
  async call(name, argument) {
    let failed = (/** @type {Error} */ _) => {};
    const crash = new Promise((_, reject) => {
      failed = reject;
    });
    const crashed = () => failed(new Error('the page crashed'));
    this.#page.on('crash', crashed);
    try {
      const call = this.#page.evaluate(
        ([name, argument]) => globalThis.bench[name](argument),
        /** @type {const} */ ([name, argument]),
      );
      return await Promise.race([call, crash]);
    } catch (error) {
      // What a worker complained of tells more than that no answer came.
      const text = String(error.message).replace(/^page\.evaluate: /, '').split('\n    at ')[0];
      throw new Error([text, ...this.#complaints.slice(0, 1)].join('; '), { cause: error });
    } finally {
      this.#page.off('crash', crashed);
    }
  }

  /** Process ids by what Chromium calls their kind. @param {string[]} types @returns {Promise<number[]>} */
  async #processes(types) {
    const session = await this.#browser.newBrowserCDPSession();
    try {
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      return processInfo.filter(({ type }) => types.includes(type)).map(({ id }) => id);
    } finally {
      await session.detach();
    }
  }

  /**
   * Seconds of CPU that processes have used; undefined where there is no /proc.
   * @param {string[]} types
   */
  async cpuSeconds(types = ['renderer']) {
    try {
      const stats = await Promise.all(
        (await this.#processes(types)).map((id) => readFile(`/proc/${id}/stat`, 'utf8')),
      );
      const ticks = stats.map((stat) => {
        // Counted from behind the program's name, which may hold spaces.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(fields[11]) + Number(fields[12]);
      });
      return ticks.reduce((sum, n) => sum + n, 0) / TICKS_PER_SECOND;
    } catch {
      return undefined;
    }
  }

  /**
   * Bytes that the page's renderer holds now and held at most; undefined where there is no /proc.
   * A browser keeps a spare renderer, which is smaller.
   */
  async residentBytes() {
    try {
      const statuses = await Promise.all(
        (await this.#processes(['renderer'])).map((id) => readFile(`/proc/${id}/status`, 'utf8')),
      );
      const field = (/** @type {string} */ status, /** @type {string} */ name) =>
        1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
      return statuses
        .map((status) => ({ now: field(status, 'VmRSS'), peak: field(status, 'VmHWM') }))
        .reduce((a, b) => (b.now > a.now ? b : a));
    } catch {
      return undefined;
    }
  }
}
