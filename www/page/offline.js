// The service worker keeps the page itself for visits without a network.

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
