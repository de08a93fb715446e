// Fewer weights: `src/compress/recipe/prune.rs`.

import { choice, either, share, without } from './control.js';
import { papers } from './papers.js';

/** @typedef {import('./control.js').Step} Step */

/** @type {Record<string, import('./papers.js').Paper[]>} */
const PAPERS = {
  magnitude: [papers.see],
  wanda: [papers.wanda],
  obd: [papers.brainDamage],
  obs: [papers.brainSurgeon, papers.sparseGpt],
};

/** @type {import('../methods.js').Method} */
export const prune = {
  keys: ['criterion', 'sparsity', 'pattern', 'scope', 'coding'],
  targets: ['all', 'embedding', 'linear', 'attention', 'ffn'],
  example: { method: 'prune', target: 'linear', criterion: 'obs', sparsity: 0.3 },
  order: 2,
  calibrated: ({ criterion }) => criterion !== 'magnitude',
  settle: (step) => (hasScope(step) ? step : without(step, 'scope')),
  controls: (step) => [
    choice(step, 'criterion', ['magnitude', 'wanda', 'obd', 'obs'], ''),
    either(step, 'amount', { sparsity: 0.3, pattern: '2:4' }),
    ...('pattern' in step ? [] : [share(step, 'sparsity')]),
    ...(hasScope(step)
      ? [choice(step, 'scope', ['blind', 'uniform', 'distribution'], 'blind')]
      : []),
    choice(step, 'coding', ['dense', 'sparse'], 'dense'),
  ],
  papers: ({ criterion }) => PAPERS[String(criterion)] ?? [papers.see],
};

/** Whether weights may be compared with one group or another. @param {Step} step */
function hasScope({ criterion, pattern }) {
  return (criterion === 'magnitude' || criterion === 'obd') && pattern === undefined;
}
