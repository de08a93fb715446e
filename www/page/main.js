// The page: joins the app, its appearance and the person in front of it.

import { App } from './app.js';
import { announce, elements, fillTexts, render } from './view.js';
import { keepOffline } from './offline.js';
import { texts } from './texts.en.js';

let scheduled = false;
/** Many changes in one turn are drawn once. */
const app = new App(() => {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    render(app);
  });
});

const { source, target } = elements;

source.addEventListener('input', () => app.setText(source.value));

elements.swap.addEventListener('click', () => app.swap());

elements.clear.addEventListener('click', () => {
  if (app.text === '') {
    app.undoClear();
  } else {
    app.clear();
    // Like this the browser's own undo brings the text back as well.
    source.focus();
    source.select();
    if (!document.execCommand('delete')) source.value = '';
  }
  source.focus();
});

/** @type {ReturnType<typeof setTimeout> | undefined} */
let copiedTimer;
elements.copy.addEventListener('click', async () => {
  await copy(app.translation);
  elements.copy.textContent = texts.copied;
  announce(texts.copied);
  clearTimeout(copiedTimer);
  copiedTimer = setTimeout(() => (elements.copy.textContent = texts.copy), 1600);
});

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Insecure pages have no clipboard API; the selection has served for this since ever.
    getSelection()?.selectAllChildren(target);
    document.execCommand('copy');
  }
}

elements.stop.addEventListener('click', () => app.stop());
elements.noticeAction.addEventListener('click', () => app.proceed());
elements.cancel.addEventListener('click', () => app.cancelDownload());
elements.dismiss.addEventListener('click', () => app.dismiss());

elements.sampleList.addEventListener('click', ({ target: clicked }) => {
  if (!(clicked instanceof HTMLButtonElement)) return;
  app.setText(clicked.textContent ?? '');
  source.focus();
});

addEventListener('hashchange', () => app.followAddress());
addEventListener('online', () => app.online());
addEventListener('offline', () => render(app));

fillTexts();
source.value = app.text;
app.start();
keepOffline(elements.update, elements.updateAction);
