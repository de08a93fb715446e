// WebKit, as GTK programs have it, driven over W3C WebDriver on a display that nobody sees.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { find, skipWithout } from './programs.mjs';

/**
 * What the scenarios need of a browser.
 * @typedef {object} Browser
 * @property {string} version
 * @property {() => Promise<Tab>} visit a page of a visitor with nothing stored
 * @property {() => Promise<void>} close
 */
/**
 * @typedef {object} Tab
 * @property {(url: string) => Promise<void>} goto
 * @property {() => Promise<void>} reload
 * @property {(expression: string) => Promise<any>} evaluate waits for a promise
 * @property {(selector: string, text: string) => Promise<void>} type as a user does, key by key
 * @property {(width: number, height: number) => Promise<void>} resize
 * @property {() => Promise<Buffer>} screenshot PNG
 * @property {() => Promise<void>} close
 */

const driver = find('WebKitWebDriver');
const display = find('Xvfb');

export const skip = skipWithout({ WebKitWebDriver: driver, Xvfb: display });

/** The key under which WebDriver hands out elements; its standard fixes it. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const START_MS = 20_000;
const SESSION_MS = 60_000;

/**
 * @param {Record<string, string>} [environment]
 * @returns {Promise<Browser>}
 */
export async function openWebKit(environment = {}) {
  const screen = spawn(display, ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const started = [screen];
  // Nothing may outlive tests that were broken off.
  const end = () => started.forEach((child) => child.kill());
  process.once('exit', end);
  const [number] = await once(screen.stdio[3], 'data', { signal: AbortSignal.timeout(START_MS) });
  const startDriver = async () => {
    const port = await freePort();
    const child = spawn(driver, ['-p', String(port)], {
      stdio: 'ignore',
      env: { ...process.env, ...environment, DISPLAY: `:${String(number).trim()}` },
    });
    started[1] = child;
    const call = caller(`http://127.0.0.1:${port}`);
    await untilReady(call);
    return call;
  };
  let call = await startDriver();
  /** On a busy machine the driver was seen to wait for ever for the browser that it had started. */
  const session = async () => {
    try {
      return await call('POST', '/session', { capabilities: {} }, AbortSignal.timeout(SESSION_MS));
    } catch (error) {
      if (error.name !== 'TimeoutError') throw error;
      console.log('[engines] WebKitWebDriver began no session in time and is started anew');
      started[1].kill('SIGKILL');
      call = await startDriver();
      return call('POST', '/session', { capabilities: {} }, AbortSignal.timeout(SESSION_MS));
    }
  };
  /** The driver has one session at a time, and each begins with nothing stored. @type {Tab | undefined} */
  let latest;
  const visit = async () => {
    await latest?.close();
    const { sessionId, capabilities } = await session();
    const to = (method, path, body) => call(method, `/session/${sessionId}${path}`, body);
    await to('POST', '/timeouts', { script: 300_000, pageLoad: 60_000 });
    const tab = tabOf(to, () => (latest = undefined));
    latest = tab;
    return { tab, version: capabilities.browserVersion };
  };
  const { version } = await visit();
  return {
    version: `WebKitGTK ${version}`,
    visit: async () => (await visit()).tab,
    async close() {
      await latest?.close();
      process.off('exit', end);
      const ended = started.map((child) => once(child, 'exit'));
      end();
      await Promise.all(ended);
    },
  };
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** @param {string} origin */
function caller(origin) {
  return async (method, path, body = {}, signal = undefined) => {
    const response = await fetch(origin + path, {
      method,
      signal,
      body: method === 'POST' ? JSON.stringify(body) : undefined,
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  };
}

async function untilReady(call) {
  const end = Date.now() + START_MS;
  for (;;) {
    const status = await call('GET', '/status').catch((error) => error);
    if (status.ready) return;
    if (Date.now() > end) throw new Error('WebKitWebDriver did not start', { cause: status });
    await sleep(50);
  }
}

/** @returns {Tab} */
function tabOf(to, onclose) {
  return {
    goto: (url) => to('POST', '/url', { url }),
    reload: () => to('POST', '/refresh'),
    async evaluate(expression) {
      const script = `
        const done = arguments[arguments.length - 1];
        (async () => ({ value: await (${expression}) }))()
          .then(done, (error) => done({ error: String(error) }));`;
      const { value, error } = await to('POST', '/execute/async', { script, args: [] });
      if (error) throw new Error(error);
      return value;
    },
    async type(selector, text) {
      const found = await to('POST', '/element', { using: 'css selector', value: selector });
      await to('POST', `/element/${found[ELEMENT]}/value`, { text });
    },
    resize: (width, height) => to('POST', '/window/rect', { width, height }),
    screenshot: async () => Buffer.from(await to('GET', '/screenshot'), 'base64'),
    async close() {
      onclose();
      await to('DELETE', '');
    },
  };
}
