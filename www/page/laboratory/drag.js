// Cards that can be dragged by their grip, with finger or mouse. While one is dragged the others show
// their heads only, so that the way is short.

/** Less is a click with an unsteady hand. */
const BEGIN_PX = 4;

/**
 * @param {HTMLElement} root holds a list `.steps` of cards `[data-step]` with a `.grip` each
 * @param {(id: number, to: number) => void} ondrop
 */
export function watchDrags(root, ondrop) {
  root.addEventListener('pointerdown', (event) => {
    const grip = event.target instanceof Element ? event.target.closest('.grip') : null;
    const card = grip?.closest('[data-step]');
    if (!(grip instanceof HTMLElement) || !(card instanceof HTMLElement) || event.button !== 0)
      return;
    event.preventDefault();
    drag(grip, card, event, ondrop);
  });
}

/** @param {HTMLElement} grip @param {HTMLElement} card @param {PointerEvent} begin @param {(id: number, to: number) => void} ondrop */
function drag(grip, card, begin, ondrop) {
  const list = /** @type {HTMLElement} */ (card.parentElement);
  const cards = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[data-step]')]);
  const end = new AbortController();
  const { signal } = end;
  const from = cards.indexOf(card);
  let gap = from;
  let moving = false;

  /** @param {() => void} change */
  const inPlace = (change) => {
    const before = grip.getBoundingClientRect().top;
    change();
    window.scrollBy(0, grip.getBoundingClientRect().top - before);
  };
  /** @param {boolean} on */
  const mark = (on) => {
    for (const [at, other] of cards.entries()) {
      other.classList.toggle('drop-above', on && at === gap);
      other.classList.toggle('drop-below', on && at === cards.length - 1 && gap === cards.length);
    }
  };
  /** @param {boolean} drop */
  const finish = (drop) => {
    end.abort();
    if (!moving) return;
    mark(false);
    card.classList.remove('dragged');
    inPlace(() => list.classList.remove('sorting'));
    const to = gap > from ? gap - 1 : gap;
    if (drop && to !== from) ondrop(Number(card.dataset.step), to);
  };

  grip.setPointerCapture(begin.pointerId);
  grip.addEventListener(
    'pointermove',
    ({ clientY }) => {
      if (!moving && Math.abs(clientY - begin.clientY) < BEGIN_PX) return;
      if (!moving) {
        moving = true;
        card.classList.add('dragged');
        inPlace(() => list.classList.add('sorting'));
      }
      gap = cards.filter((other) => {
        const { top, height } = other.getBoundingClientRect();
        return top + height / 2 < clientY;
      }).length;
      mark(true);
    },
    { signal },
  );
  grip.addEventListener('pointerup', () => finish(true), { signal });
  grip.addEventListener('pointercancel', () => finish(false), { signal });
  window.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      finish(false);
    },
    { signal },
  );
}
