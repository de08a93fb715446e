// What runs in the page: each function is sent there by itself, as text.

export async function translateAll({ Translator }, { pair, texts, untilThreads }) {
  const shares = [];
  const monitor = (m) => m.addEventListener('downloadprogress', ({ loaded }) => shares.push(loaded));
  const translator = await Translator.create({ ...pair, monitor });
  const single = await translator.translate(texts[0]);
  const end = performance.now() + 20_000;
  while (untilThreads && translator.info.threads !== untilThreads && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const batch = await translator.translateBatch(texts);
  await translator.kept;
  const { info } = translator;
  translator.destroy();
  return { single, batch, shares, info };
}

export async function abortWhileComputing({ Translator }, { pair, sentence, long }) {
  const translator = await Translator.create(pair);
  const controller = new AbortController();
  const { signal } = controller;
  let over = false;
  let begun;
  const progress = new Promise((resolve) => (begun = resolve));
  const outcome = translator
    .translateBatch(long.split('\n\n'), { signal, onprogress: begun })
    .then(
      () => 'finished',
      (error) => error.name,
    )
    .finally(() => (over = true));
  await progress;
  const short = await translator.translate(sentence);
  const overtook = !over;
  const asked = performance.now();
  controller.abort();
  const name = await outcome;
  const settled = performance.now() - asked;
  const next = await translator.translate(sentence);
  const before = await translator
    .translate(sentence, { signal: AbortSignal.abort('no more') })
    .catch((reason) => reason);
  return { short, overtook, name, settled, next, before };
}

/** What stands in the target pane when it is finished. */
export async function translation() {
  const target = document.querySelector('#target');
  const isFinished = () =>
    target.textContent !== '' &&
    target.getAttribute('aria-busy') === 'false' &&
    !target.classList.contains('stale');
  const end = performance.now() + 60_000;
  while (!isFinished()) {
    if (performance.now() > end) throw new Error(`no translation: ${document.body.innerText}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return target.textContent;
}

/** Waits until the page and the model at this path are kept. */
export async function allIsKept(path) {
  await navigator.serviceWorker.ready;
  const cache = await caches.open('pocketglot-models-v1');
  const isKept = async () => (await cache.keys()).some(({ url }) => new URL(url).pathname === path);
  while (!(await isKept())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The width that the page has when all of it is unfolded. */
export async function openedWidth() {
  for (const details of document.querySelectorAll('details')) details.open = true;
  const { scrollWidth, clientWidth } = document.documentElement;
  return { page: scrollWidth, window: clientWidth };
}

export async function precisionBoxes() {
  const boxOf = (selector) => document.querySelector(`#precision ${selector}`).getBoundingClientRect();
  return [boxOf('.dial-name'), boxOf('.dial-body')];
}
