// Translates what is written in the form, on the visitor's own device, and shows each sentence as soon as it
// is there.

import { Translator } from 'pocketglot';
import registry from 'pocketglot-model-en-pt';

const [form] = document.getElementsByTagName('form');
const [text] = document.getElementsByTagName('textarea');
const [, stop] = document.getElementsByTagName('button');
const [progress] = document.getElementsByTagName('progress');
const [result] = document.getElementsByTagName('output');
const status = document.querySelector('[role=status]');

/** Made at the first translation: nobody downloads a model for a look at the page. */
let translator: Translator | undefined;
/** Ends the work in progress. */
let work = new AbortController();

/** Also heard by those who use a screen reader, so it is said seldom. */
function say(message: string) {
  if (status) status.textContent = message;
}

async function create(signal: AbortSignal) {
  // A signal that `create` is given ends the translator later too. This one ends the download only.
  const download = new AbortController();
  const abort = () => download.abort();
  signal.addEventListener('abort', abort);
  say('The model is being downloaded: 15 MB, once.');
  progress.hidden = false;
  try {
    return await Translator.create({
      sourceLanguage: 'en',
      targetLanguage: 'pt',
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
  result.textContent = '';
  // Announced as a whole, not sentence by sentence.
  result.setAttribute('aria-busy', 'true');
  try {
    translator ??= await create(signal);
    say('Translating.');
    const sentences = translator.translateStreaming(text.value, { signal });
    await sentences.pipeTo(new WritableStream({ write: (part: string) => result.append(part) }));
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

stop.addEventListener('click', () => work.abort());

// The memory is given back when the page is left. If the visitor comes back to it, a new one is made.
addEventListener('pagehide', () => {
  work.abort();
  translator?.destroy();
  translator = undefined;
});
