// The page's appearance: one function puts what the app knows on screen, however it came about.

import { renderComputing } from './computing.js';
import { element, setText } from './dom.js';
import { countWords } from './lines.js';
import { languageOf, pairName } from './languages.js';
import { texts } from './texts.js';

/** @typedef {import('./app.js').App} App */

/** Screen readers hear of a new translation when typing rests, not at every key. */
const ANNOUNCE_AFTER_MS = 1000;

export const elements = {
  source: element('source', HTMLTextAreaElement),
  target: element('target', HTMLDivElement),
  sourceLanguage: element('source-language', HTMLSelectElement),
  targetLanguage: element('target-language', HTMLSelectElement),
  swap: element('swap', HTMLButtonElement),
  clear: element('clear', HTMLButtonElement),
  copy: element('copy', HTMLButtonElement),
  original: element('original', HTMLButtonElement),
  stop: element('stop', HTMLButtonElement),
  count: element('count', HTMLSpanElement),
  work: element('work', HTMLProgressElement),
  workText: element('work-text', HTMLSpanElement),
  notice: element('notice', HTMLElement),
  noticeText: element('notice-text', HTMLParagraphElement),
  noticeAction: element('notice-action', HTMLButtonElement),
  download: element('download', HTMLProgressElement),
  cancel: element('cancel', HTMLButtonElement),
  dismiss: element('dismiss', HTMLButtonElement),
  status: element('status-text', HTMLSpanElement),
  announcer: element('announcer', HTMLParagraphElement),
  samples: element('samples', HTMLElement),
  sampleList: element('sample-list', HTMLUListElement),
  update: element('update', HTMLParagraphElement),
  updateAction: element('update-action', HTMLButtonElement),
};

/** Gives the elements with data-text="key" their text. */
export function fillTexts() {
  document.documentElement.lang = texts.locale;
  for (const node of document.querySelectorAll('[data-text]')) {
    const text = texts[/** @type {keyof typeof texts} */ (node.getAttribute('data-text'))];
    if (typeof text === 'string') node.textContent = text;
  }
  elements.download.setAttribute('aria-label', texts.downloadLabel);
  elements.work.setAttribute('aria-label', texts.workLabel);
  // What was said in another language.
  elements.announcer.textContent = '';
}

/**
 * @param {App} app
 * @param {{ drawn: boolean, whose: string }} smaller whether the translation of a smaller model stands in
 *   the target pane, and which model that is
 */
export function render(app, smaller) {
  renderLanguages(app);
  renderSource(app);
  renderTarget(app, smaller);
  renderNotice(app);
  renderStatus(app);
  renderComputing(app.direction.phase === 'ready' ? app.direction.translator?.info : undefined);
  renderSamples(app);
  announceChanges(app);
}

/** @param {App} app */
function renderLanguages({ pair, pairs, canSwap }) {
  const source = languageOf(pair.source);
  const target = languageOf(pair.target);
  const from = [...new Set(pairs.map(({ source }) => source))];
  const into = pairs.filter(({ source }) => source === pair.source).map(({ target }) => target);
  offer(elements.sourceLanguage, from, pair.source);
  offer(elements.targetLanguage, into, pair.target);
  elements.sourceLanguage.setAttribute('aria-label', texts.translateFrom);
  elements.targetLanguage.setAttribute('aria-label', texts.translateInto);
  elements.swap.disabled = !canSwap;
  elements.source.lang = source.htmlLang;
  elements.target.lang = target.htmlLang;
  elements.source.setAttribute('aria-label', source.name);
  elements.target.setAttribute('aria-label', target.name);
  elements.source.placeholder = texts.sourcePlaceholder(source.name);
  elements.target.dataset.placeholder = texts.targetPlaceholder(target.name);
  elements.swap.setAttribute('aria-label', texts.swap(source.name, target.name));
  elements.swap.title = texts.swap(source.name, target.name);
}

/** @param {HTMLSelectElement} select @param {string[]} tags @param {string} chosen */
function offer(select, tags, chosen) {
  const key = tags.join();
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    select.replaceChildren(
      ...tags.map((tag) => {
        const option = new Option(languageOf(tag).name, tag);
        option.lang = languageOf(tag).htmlLang;
        return option;
      }),
    );
  }
  select.value = chosen;
}

/** @param {App} app */
function renderSource({ text, cleared }) {
  if (elements.source.value !== text) elements.source.value = text;
  const words = countWords(text);
  setText(elements.count, words > 0 ? texts.count(words) : '');
  elements.clear.hidden = text === '' && cleared === undefined;
  setText(elements.clear, text === '' && cleared !== undefined ? texts.undoClear : texts.clear);
}

/** @param {App} app @param {{ drawn: boolean, whose: string }} smaller */
function renderTarget({ translation, stale, partial, translating, work, direction, pair }, { drawn, whose }) {
  if (!drawn) {
    setText(elements.target, translation);
    elements.target.classList.toggle('stale', stale && !partial);
  }
  elements.target.setAttribute('aria-busy', String(translating));
  elements.work.hidden = !work;
  elements.stop.hidden = !work;
  elements.copy.hidden = work !== undefined || translation === '';
  if (work) {
    elements.work.max = work.total;
    elements.work.value = work.done;
  }
  const preparing = direction.phase === 'loading' && direction.loaded === undefined;
  setText(
    elements.workText,
    work ? texts.work(work.done, work.total) : preparing ? texts.preparing(pairName(pair)) : whose,
  );
}

/**
 * @typedef {object} Notice
 * @property {string} text
 * @property {string} [action] the label of its button
 * @property {boolean} [trouble]
 * @property {boolean} [downloading]
 * @property {boolean} [dismissible]
 */

/** @param {App} app @returns {Notice | undefined} the one thing that needs the user's attention most */
function noticeOf({ missing, message, direction, pair, error, stopped, gpuLost }) {
  const { phase, loaded, wireBytes } = direction;
  if (missing !== undefined) return { text: texts.unsupported(missing), trouble: true };
  if (message !== undefined) return { text: message, dismissible: true };
  if (phase === 'loading' && loaded !== undefined) {
    return { text: texts.downloading(pairName(pair), loaded, wireBytes), downloading: true };
  }
  if (phase === 'failed') {
    return {
      text: texts.failed(direction.error?.message ?? ''),
      action: texts.retry,
      trouble: true,
    };
  }
  if (phase === 'cancelled')
    return { text: texts.cancelled(loaded, wireBytes), action: texts.download };
  if (phase === 'absent') {
    return navigator.onLine
      ? { text: texts.firstVisit(pairName(pair), wireBytes), action: texts.download }
      : { text: texts.offlineMissing, action: texts.retry };
  }
  if (error) return { text: texts.failed(error.message), action: texts.retry, trouble: true };
  if (stopped) return { text: texts.stopped, action: texts.translate };
  if (gpuLost) return { text: texts.gpuLost, dismissible: true };
  if (direction.translator?.info.kept === false) return { text: texts.notKept };
  return undefined;
}

/** @param {App} app */
function renderNotice(app) {
  const { notice, noticeText, noticeAction, download, cancel, dismiss } = elements;
  const shown = noticeOf(app);
  const hadFocus = notice.contains(document.activeElement);
  notice.hidden = shown === undefined;
  notice.classList.toggle('trouble', shown?.trouble === true);
  setText(noticeText, shown?.text ?? '');
  noticeAction.hidden = shown?.action === undefined;
  setText(noticeAction, shown?.action ?? '');
  download.hidden = cancel.hidden = shown?.downloading !== true;
  dismiss.hidden = shown?.dismissible !== true;
  const { loaded, wireBytes } = app.direction;
  if (loaded !== undefined && wireBytes !== undefined) {
    download.max = wireBytes;
    download.value = loaded;
  } else {
    download.removeAttribute('value');
  }
  // Keyboard users must not fall back to the top of the page when their button goes away.
  if (hadFocus && !notice.contains(document.activeElement)) {
    const next = [noticeAction, cancel, dismiss].find((button) => !notice.hidden && !button.hidden);
    (next ?? elements.source).focus();
  }
}

/** @param {App} app */
function renderStatus({ direction, duration, work }) {
  const { phase, translator } = direction;
  const parts = [texts.onDevice];
  if (phase === 'ready' && translator) {
    const { backend, threads, gpu } = translator.info;
    parts.push(backend === 'webgpu' ? texts.gpu(gpu?.adapter) : texts.cpu(threads));
  }
  if (phase === 'ready' && duration !== undefined && !work) parts.push(texts.duration(duration));
  parts.push(!navigator.onLine && phase === 'ready' ? texts.offline : texts.private);
  setText(elements.status, parts.join(' · '));
}

/** @param {App} app */
function renderSamples({ text, pair, cleared, missing }) {
  const { samples, htmlLang } = languageOf(pair.source);
  elements.samples.hidden = text !== '' || cleared !== undefined || missing !== undefined || samples.length === 0;
  if (elements.sampleList.lang === htmlLang) return;
  elements.sampleList.lang = htmlLang;
  elements.sampleList.replaceChildren(
    ...samples.map((sample) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'sample';
      button.textContent = sample;
      const item = document.createElement('li');
      item.append(button);
      return item;
    }),
  );
}

/** What screen readers were told last. */
const told = { phase: '', notice: '', translation: '', cleared: false };
/** @type {ReturnType<typeof setTimeout> | undefined} */
let announcement;

/** @param {App} app */
function announceChanges(app) {
  const { phase, loaded } = app.direction;
  const downloading = phase === 'loading' && loaded !== undefined;
  const key = downloading ? 'downloading' : phase;
  const notice = noticeOf(app);
  const trouble = notice?.trouble || notice?.dismissible ? notice.text : '';
  if (trouble !== told.notice) {
    told.notice = trouble;
    if (trouble) announce(trouble);
  }
  if (key !== told.phase) {
    if (downloading) announce(texts.announceDownload);
    if (key === 'ready' && told.phase === 'downloading') announce(texts.announceReady);
    told.phase = key;
  }
  if ((app.cleared !== undefined) !== told.cleared) {
    told.cleared = app.cleared !== undefined;
    if (told.cleared) announce(texts.announceCleared);
  }
  if (app.stale) clearTimeout(announcement);
  else if (app.translation !== told.translation) {
    told.translation = app.translation;
    clearTimeout(announcement);
    if (app.translation)
      announcement = setTimeout(() => announce(texts.announceTranslated), ANNOUNCE_AFTER_MS);
  }
}

/** @param {string} message */
export function announce(message) {
  // The same words twice would not be read twice.
  elements.announcer.textContent =
    elements.announcer.textContent === message ? `${message}\u00A0` : message;
}
