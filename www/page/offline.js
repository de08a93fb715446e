// The service worker keeps the page itself for visits without a network.

/** Long enough for measurements on this device, which begin when the page rests, to be over. */
const REST_MS = 5000;

/**
 * @param {HTMLElement} notice shown when a new version of the page waits
 * @param {HTMLButtonElement} button switches to it
 */
export function keepOffline(notice, button) {
  // Insecure pages have no service workers; the page works without.
  if (!('serviceWorker' in navigator)) return;
  // Not on the first visit, where nothing is replaced. In every tab, whichever asked for it: the files
  // of the version that a tab began with are gone. The text survives.
  const controlled = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (controlled) location.reload();
  });
  navigator.serviceWorker.register('service-worker.js').then(
    (registration) => {
      const offer = () => {
        // Without a controller this is the first visit, and nothing is to be replaced.
        notice.hidden = !registration.waiting || !navigator.serviceWorker.controller;
      };
      button.addEventListener('click', () => {
        registration.waiting?.postMessage('activate');
      });
      registration.addEventListener('updatefound', () => {
        registration.installing?.addEventListener('statechange', offer);
      });
      offer();
    },
    () => {
      // Private windows may refuse; the page works without.
    },
  );
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * What later visits may need without a network, such as the laboratory, is fetched once a model works
 * and nothing has happened for a while, so that nobody waits for it. To be called at every change.
 * @param {import('./app.js').App} app
 */
export function keepTheRestAtRest({ direction: { phase, translator }, translating }) {
  clearTimeout(timer);
  if (!('serviceWorker' in navigator) || savesData()) return;
  if (phase !== 'ready' || !translator || translating) return;
  timer = setTimeout(async () => {
    // The model goes first.
    await translator.kept;
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage('complete');
  }, REST_MS);
}

/** Whether the visitor has asked for little traffic: then only what was used is kept. */
function savesData() {
  const { connection } = /** @type {Navigator & { connection?: { saveData?: boolean } }} */ (navigator);
  return connection?.saveData === true;
}
