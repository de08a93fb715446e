// Translates what is written in the form either way, on the visitor's own device. Each direction has a model
// of its own, which is downloaded when it is first needed.

import { Translator } from 'pocketglot';
import enPt from 'pocketglot-model-en-pt';
import ptEn from 'pocketglot-model-pt-en';

/** Models of several packages make one list. */
const registry = { format: 1, models: [...enPt.models, ...ptEn.models] };

const [form] = document.getElementsByTagName('form');
const [direction] = document.getElementsByTagName('select');
const [text] = document.getElementsByTagName('textarea');
const [, stop] = document.getElementsByTagName('button');
const [progress] = document.getElementsByTagName('progress');
const [result] = document.getElementsByTagName('output');
const status = document.querySelector('[role=status]');

/**
 * The translators that there are, by direction.
 * @type {Map<string, Translator>}
 */
const translators = new Map();
/** Ends the work in progress. */
let work = new AbortController();

/** Also heard by those who use a screen reader, so it is said seldom. @param {string} message */
function say(message) {
  if (status) status.textContent = message;
}

function languages() {
  const [sourceLanguage, targetLanguage] = direction.value.split(' ');
  return { sourceLanguage, targetLanguage };
}

/** @param {AbortSignal} signal ends the download */
async function create(signal) {
  const pair = languages();
  if ((await Translator.availability({ ...pair, registry })) !== 'available') {
    say('The model is being downloaded: 16 MB, once.');
    progress.hidden = false;
  }
  // A signal that `create` is given ends the translator later too. This one ends the download only.
  const download = new AbortController();
  const abort = () => download.abort();
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    return await Translator.create({
      ...pair,
      registry,
      signal: download.signal,
      monitor: (monitor) => (monitor.ondownloadprogress = ({ loaded }) => (progress.value = loaded)),
    });
  } finally {
    signal.removeEventListener('abort', abort);
    progress.hidden = true;
  }
}

async function translate() {
  work.abort();
  work = new AbortController();
  const { signal } = work;
  const { value } = direction;
  result.setAttribute('aria-busy', 'true');
  try {
    const translator = translators.get(value) ?? (await create(signal));
    translators.set(value, translator);
    say('Translating.');
    result.textContent = await translator.translate(text.value, { signal });
    say('');
  } catch (error) {
    // A text that was sent meanwhile has the word.
    if (signal !== work.signal) return;
    say(signal.aborted ? 'Stopped.' : `It could not be translated. ${error instanceof Error ? error.message : error}`);
  } finally {
    if (signal === work.signal) result.setAttribute('aria-busy', 'false');
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void translate();
});

direction.addEventListener('change', () => {
  work.abort();
  const { sourceLanguage, targetLanguage } = languages();
  // For spelling aids, and for the voice of a screen reader.
  text.lang = sourceLanguage;
  result.lang = targetLanguage;
  result.textContent = '';
});

stop.addEventListener('click', () => work.abort());

// The memory is given back when the page is left. If the visitor comes back to it, new ones are made.
addEventListener('pagehide', () => {
  work.abort();
  for (const translator of translators.values()) translator.destroy();
  translators.clear();
});
