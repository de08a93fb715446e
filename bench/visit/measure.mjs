// The built page as a first visitor meets it: a new browser with nothing kept, all files on this machine.
// Someone types as soon as anybody could, which also asks for the model.

import { briefly } from '../errors.mjs';
import { turnDials } from './dials.mjs';

/** The page's own row. */
export const ROWS = new Map([['page', 'the page, first visit']]);

/** A browser that has just been started is busy with itself. */
const SETTLE_MS = 2000;

/**
 * Runs in the page before its own scripts. All times are in milliseconds since the navigation began.
 * @param {string} text
 */
function watch(text) {
  /** @type {{ interactive?: number, downloaded?: number, translated?: number }} */
  const seen = {};
  let typed = false;
  const find = (/** @type {string} */ selector) => document.querySelector(selector);
  const type = async () => {
    const [source, count] = [find('#source'), find('#count')];
    if (typed || !(source instanceof HTMLTextAreaElement) || !count) return;
    source.value = text;
    source.dispatchEvent(new Event('input', { bubbles: true }));
    // The page draws in a microtask after the event that it has heard.
    await undefined;
    if (typed || count.textContent === '') return;
    typed = true;
    clearInterval(typing);
    requestAnimationFrame(() => (seen.interactive = performance.now()));
  };
  const typing = setInterval(type, 1);
  const done = new Promise((resolve) => {
    const look = () => {
      const [download, target] = [find('#download'), find('#target')];
      if (download instanceof HTMLProgressElement && !download.hidden && download.position === 1)
        seen.downloaded ??= performance.now();
      const isDone =
        target?.textContent !== '' &&
        target?.getAttribute('aria-busy') === 'false' &&
        !target.classList.contains('stale');
      if (!target || !isDone) return;
      observer.disconnect();
      requestAnimationFrame(() => resolve({ ...seen, translated: performance.now() }));
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { attributes: true, childList: true, characterData: true, subtree: true });
  });
  Object.assign(globalThis, { bench: { firstVisit: () => done } });
}

/** Words of the text that is translated again and again. */
const PAGE_WORDS = 200;

/** Sentences of about so many words together. @param {string[]} sentences */
function pageOf(sentences) {
  let [text, words] = ['', 0];
  for (const sentence of sentences) {
    if (words >= PAGE_WORDS) break;
    text += `${sentence} `;
    words += sentence.split(/\s+/).length;
  }
  return text.trim();
}

/**
 * @param {import('../main.mjs').Context} context
 * @param {(text: string) => void} say
 * @returns {Promise<Record<string, import('../targets.mjs').Row>>}
 */
export async function measurePage(context, say) {
  const { from, to, rounds } = context.options;
  const row = { rounds: [], scores: [] };
  for (let round = 0; round < rounds; round++) {
    try {
      row.rounds[round] = await context.page(async (visit) => {
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        await visit.open(`/pocketglot/index.html#${from}-${to}`, watch, context.texts.short[0]);
        const first = figures(await visit.call('firstVisit'));
        await visit.teach('dials', turnDials);
        return { ...first, ...(await visit.call('dials', pageOf(context.texts.sentences.map(({ source }) => source)))) };
      });
    } catch (error) {
      row.rounds[round] = undefined;
      row.error = briefly(error);
      say(`page: ${row.error}`);
    }
    say(`page, round ${round + 1} of ${rounds}`);
  }
  return { page: row };
}

/** @param {{ interactive?: number, downloaded?: number, translated: number }} seen */
function figures({ interactive, downloaded, translated }) {
  if (interactive === undefined || downloaded === undefined)
    throw new Error('the page translated without having shown the download and its end');
  return { interactive, downloaded, afterDownload: translated - downloaded, translated };
}
