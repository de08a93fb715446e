// While the first model takes its time to arrive, the engine's code is run, so that the browser has
// optimised it before the first translation.

/** How long the engine's code is run, when the model is not there soon, and in what portions. */
const AFTER_MS = 250;
const WARM_UP_MS = 60;
const SLICE_MS = 6;

let begun = false;

/**
 * @param {Promise<import('./start.js').Host>} starting
 * @param {Promise<unknown>} arriving the model
 */
export async function warmUp(starting, arriving) {
  if (begun) return;
  let arrived = false;
  const over = () => (arrived = true);
  arriving.then(over, over);
  const { engine } = await starting;
  // A model that arrives within this time needs the processor for itself.
  await pause(AFTER_MS);
  if (arrived || begun) return;
  begun = true;
  const network = new engine.WarmUp();
  for (let spent = 0; spent < WARM_UP_MS && !arrived; spent += SLICE_MS) {
    network.work(SLICE_MS);
    await pause(0);
  }
  network.free();
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
