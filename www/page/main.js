// The page: joins the app, the dials, their appearance and the person in front of them.

import { App } from './app.js';
import { DialBoard } from './dials/dials.js';
import { listen as listenToDials, useTestSetFile } from './dials/listen.js';
import { elements as targets, nameOfShown, renderChanges, renderTarget } from './dials/target.js';
import { announceDials } from './dials/announce.js';
import { fillDials, renderDials } from './dials/view.js';
import { takeDrops } from './drop.js';
import { drawGuide, take } from './guide.js';
import { renderHeader, startHeader } from './header.js';
import { importModel } from './import-model.js';
import { Door } from './laboratory-door.js';
import { pairName } from './languages.js';
import { keepOffline, keepTheRestAtRest } from './offline.js';
import { texts } from './texts.js';
import { announce, elements, fillTexts, render } from './view.js';
import { Comparison } from './workbench/comparison.js';
import { readLink } from './workbench/link.js';
import { Workbench } from './workbench/workbench.js';

let scheduled = false;
/** Many changes in one turn are drawn once. */
function changed() {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    follow();
    draw();
  });
}

const app = new App(changed);
const workbench = new Workbench(changed);
const comparison = new Comparison(changed);
const dials = new DialBoard(workbench, changed);
const parts = { app, workbench, comparison, dials };
const door = new Door(
  parts,
  { importFiles, onopen: () => take('laboratory'), onexport: () => take('export') },
  changed,
);
/** The target pane shows the original's translation while there is another. */
let showOriginal = false;

/** What depends on the translator goes with it. */
function follow() {
  dials.follow(app.direction);
  comparison.follow(workbench.made, app.text, app.stale ? undefined : app.translation);
  if (!dials.atRest) take('turn');
  keepTheRestAtRest(app);
}

function draw() {
  const drawn = renderTarget(parts, showOriginal);
  render(app, { drawn, whose: nameOfShown(parts, showOriginal) });
  renderDials(parts);
  renderChanges(parts);
  announceDials(parts);
  door.draw();
}

const { source, target } = elements;

source.addEventListener('input', () => app.setText(source.value));

elements.swap.addEventListener('click', () => app.swap());

elements.clear.addEventListener('click', () => {
  if (app.text === '') {
    app.undoClear();
  } else {
    app.clear();
    replaceText('');
  }
  source.focus();
});

/** Like this the browser's own undo brings the former text back as well. @param {string} text */
function replaceText(text) {
  source.focus();
  source.select();
  const done = text === '' ? document.execCommand('delete') : document.execCommand('insertText', false, text);
  if (!done) source.value = text;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let copiedTimer;
elements.copy.addEventListener('click', async () => {
  await copy(target.textContent ?? '');
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

elements.sourceLanguage.addEventListener('change', () => {
  const { pairs, pair } = app;
  const chosen = elements.sourceLanguage.value;
  // Who wants to translate from what he translated into wants the two the other way round.
  if (chosen === pair.target && app.canSwap) app.swap();
  else app.choose(pairs.find((other) => other.source === chosen) ?? pair);
});
elements.targetLanguage.addEventListener('change', () =>
  app.choose({ source: app.pair.source, target: elements.targetLanguage.value }),
);

elements.original.addEventListener('click', () => {
  showOriginal = !showOriginal;
  changed();
});
targets.changes.addEventListener('toggle', () => {
  if (targets.changes.open) take('compare');
});
target.addEventListener('pointerover', ({ target: over }) => {
  if (over instanceof HTMLElement && over.tagName === 'MARK') take('compare');
});
listenToDials(parts);

takeDrops({
  text(text) {
    replaceText(text);
    app.setText(text);
  },
  testSet: (file) => void useTestSetFile(parts, file).catch((error) => app.say(texts.files.setFailed(error.message))),
  model: importFiles,
  unknown: (names) => app.say(texts.files.unknown(names.join(', '))),
});

/** @param {File[]} files of one model */
async function importFiles(files) {
  app.say(texts.files.modelReading);
  try {
    const { pair, file } = await importModel(files);
    app.useModel(pair, file);
    app.say(texts.files.modelHere(pairName(pair)));
  } catch (error) {
    app.say(texts.files.modelFailed(/** @type {Error} */ (error).message));
  }
}

/** A recipe in the address is made as soon as there is a model. */
function followLink() {
  const link = readLink(location.hash);
  if (link === 'broken') app.say(texts.files.linkBroken);
  else if (link) {
    workbench.link = link;
    dials.use(link.recipe);
  }
}

addEventListener('hashchange', () => {
  followLink();
  app.followAddress();
});
addEventListener('online', () => app.online());
addEventListener('offline', changed);

fillTexts();
fillDials();
drawGuide();
startHeader(() => {
  fillTexts();
  fillDials();
  drawGuide();
  renderHeader();
  changed();
});
source.value = app.text;
// Before the address is tidied.
followLink();
app.start();
keepOffline(elements.update, elements.updateAction);
