// The encoder of the same model in the same 32-bit floats, ours and onnxruntime-web's: from tokens on
// this side to the output back on this side, in turns, in one page, on one adapter.

/** Above this the two do not compute the same, and a ratio of their times says nothing. */
const MOST_DIFFERENCE = 1e-2;

/** The page, and the process where an adapter in software computes. */
const PROCESSES = ['renderer', 'GPU'];

/**
 * @param {import('../browser.mjs').Visit} visit
 * @param {{ model: string, encoder: string, texts: string[], rounds: number, say: (text: string) => void }} work
 *   the addresses of our package and of the ONNX model that was made of it
 */
export async function measureEncoder(visit, { model, encoder, texts, rounds, say }) {
  await visit.call('open', { model, graphics: true });
  await visit.call('openEncoder', encoder);
  const rows = { ours: [], theirs: [] };
  const calls = {
    ours: () => visit.call('encodeOurs', texts),
    theirs: () => visit.call('encodeTheirs'),
  };
  const run = async (/** @type {'ours' | 'theirs'} */ side, /** @type {string} */ when) => {
    const before = await visit.cpuSeconds(PROCESSES);
    const row = await calls[side]();
    // What else the machine does does not count here. Undefined stays no figure.
    row.cpuSeconds = (await visit.cpuSeconds(PROCESSES)) - before;
    say(`gpu, encoder, ${when}, ${side}: ${(row.ms / 1000).toFixed(1)} s`);
    return row;
  };
  // The first run of each compiles what it needs, and does not count.
  await run('ours', 'first run');
  await run('theirs', 'first run');
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 ? ['theirs', 'ours'] : ['ours', 'theirs'])
      rows[side][round] = await run(side, `round ${round + 1} of ${rounds}`);
    rows.ours[round].difference = await visit.call('difference');
  }
  const worst = Math.max(...rows.ours.map(({ difference }) => difference));
  return { ...rows, agreement: { worst, atMost: MOST_DIFFERENCE } };
}
