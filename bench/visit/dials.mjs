// The dials of the built page, on the text of a page: from a turn to the changed translation, rough and
// calibrated. Runs in the page.

/**
 * Sets a text of many words, turns dials one after the other, and times what appears.
 * @param {string} text
 * @returns {Promise<{ rough: number, calibrated: number, pruned: number, both: number }>} in
 *   milliseconds
 */
export async function turnDials(text) {
  const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));
  const isTranslated = () =>
    find('#target').getAttribute('aria-busy') === 'false' && !find('#target').classList.contains('stale');
  const isCompared = () => !find('#changes').hidden && !find('#changes').classList.contains('stale');
  const shown = () => find('#work-text').textContent;
  const isRough = () => /, rough$/.test(shown());

  /** The next frame after a condition holds. @param {() => boolean} condition @returns {Promise<number>} */
  const when = (condition) =>
    new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        observer.disconnect();
        requestAnimationFrame(() => resolve(performance.now()));
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { attributes: true, childList: true, characterData: true, subtree: true });
      look();
    });
  const choose = (/** @type {string} */ selector, /** @type {string} */ value) => {
    const select = find(selector);
    select.value = value;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const slide = (/** @type {number} */ percent) => {
    find('#sparsity').value = String(percent);
    find('#sparsity').dispatchEvent(new Event('input', { bubbles: true }));
  };
  const reset = async () => {
    find('#reset').click();
    await when(() => shown() === '' && isTranslated());
  };

  find('#source').value = text;
  find('#source').dispatchEvent(new Event('input', { bubbles: true }));
  await when(() => find('#target').textContent.length > text.length / 2 && isTranslated());

  let start = performance.now();
  find('#bits-4').click();
  const rough = (await when(() => isRough() && isCompared())) - start;
  const calibrated = (await when(() => shown() !== '' && !isRough() && isCompared())) - start;
  await reset();

  choose('#pruning', 'magnitude');
  choose('#rounding', 'nearest');
  start = performance.now();
  slide(40);
  const pruned = (await when(() => shown() !== '' && isCompared())) - start;
  const before = shown();
  start = performance.now();
  find('#bits-4').click();
  const both = (await when(() => shown() !== before && isCompared())) - start;
  return { rough, calibrated, pruned, both };
}
