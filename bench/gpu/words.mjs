// Our engine with one model on the GPU: words a second in calls of one, a few and many sentences, the
// same on our CPU engine, what a layer and a step cost, and the memory on the device.

import { countWords } from '../statistics.mjs';
import { spread } from '../texts.mjs';

const WARM_UP_TEXTS = 8;
/** What a layer costs is counted, not timed, so a few will do. */
const PROFILED_TEXTS = 4;

/**
 * @param {import('../browser.mjs').Visit} visit
 * @param {{ model: string, warmUp: string[], sentences: string[], calls: Record<number, number>, rounds: number, beside: boolean }} work
 *   `calls`: how many of each size; `beside`: whether the CPU does the same
 * @returns the rounds of each row
 */
export async function measureWords(visit, { model, warmUp, sentences, calls, rounds, beside }) {
  const { weight_bytes: weightBytes } = await visit.call('open', { model, graphics: true });
  const sides = beside ? [true, false] : [true];
  const first = warmUp.slice(0, WARM_UP_TEXTS);
  for (const graphics of sides) await visit.call('translate', { calls: [first], graphics });
  const profile = await visit.call('profile', warmUp.slice(-PROFILED_TEXTS));
  const gpu = [];
  const cpu = [];
  for (let round = 0; round < rounds; round++) {
    const figures = { gpu: { weightBytes, peakBytes: 0, alike: undefined }, cpu: {} };
    for (const [size, count] of Object.entries(calls)) {
      const sources = inCallsOf(Number(size), count, sentences);
      if (sources.length === 0) continue;
      const outputs = {};
      // Another side first in each round.
      for (const graphics of round % 2 ? sides.toReversed() : sides) {
        const side = graphics ? 'gpu' : 'cpu';
        const run = await visit.call('translate', { calls: sources, graphics });
        const words = sources.flat().reduce((sum, text) => sum + countWords(text), 0);
        figures[side][`words${size}`] = words / run.seconds;
        outputs[side] = run.outputs;
        if (graphics) figures.gpu.peakBytes = Math.max(figures.gpu.peakBytes, run.peakBytes);
      }
      // The largest call comes last, and says most.
      if (beside) figures.gpu.alike = shareAlike(outputs.gpu, outputs.cpu);
    }
    gpu.push(figures.gpu);
    cpu.push(figures.cpu);
  }
  return { gpu, cpu, ...costs(profile) };
}

/** @param {number} size @param {number} most @param {string[]} texts */
function inCallsOf(size, most, texts) {
  const count = Math.min(most, Math.floor(texts.length / size));
  const chosen = spread(texts, count * size);
  return Array.from({ length: count }, (_, i) => chosen.slice(i * size, (i + 1) * size));
}

/** @param {string[]} ours @param {string[]} others */
function shareAlike(ours, others) {
  return ours.filter((text, i) => text === others[i]).length / others.length;
}

/** What the engine tells of its work, as figures of a row; and its kernels, the slowest first. */
function costs({ encoder_layer: layer, step, kernels = [] }) {
  const work = {
    ...{ layerDispatches: layer.dispatches, layerBytes: layer.bytes_read },
    ...{ layerMultiplyAdds: layer.multiply_adds, stepDispatches: step.dispatches },
    ...{ stepBytes: step.bytes_read, stepMultiplyAdds: step.multiply_adds },
  };
  return { work, kernels };
}
