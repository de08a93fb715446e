// The recipes of the experiments, family by family: every method over its range.

/** A recipe in TOML. A table of scalars reads the same in TOML as in JSON, value by value.
 * @param {Record<string, string | number | boolean>[]} steps */
const recipe = (...steps) =>
  steps
    .map((step) => `[[step]]\n${Object.entries(step).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join('')}`)
    .join('');

const quantize = (bits, more = {}) => ({ method: 'quantize', target: 'all', bits, ...more });
const coded = (bits, rounding) =>
  quantize(bits, { group_size: 'matrix', coding: 'entropy', rounding });
const prune = (criterion, sparsity, more = {}) => ({
  method: 'prune',
  target: 'linear',
  criterion,
  sparsity,
  ...more,
});

const EIGHT = quantize(8, { group_size: 'row' });

/** What one experiment does. @typedef {{ family: string, label: string, recipe: string }} Experiment */

/** @param {string} family @param {[label: string, ...steps: Record<string, any>[]][]} list @returns {Experiment[]} */
const family = (family, ...list) =>
  list.map(([label, ...steps]) => ({ family, label, recipe: recipe(...steps) }));

/** @type {Experiment[]} */
export const EXPERIMENTS = [
  ...family('half floats', ['16 bits', quantize(16)]),
  ...family('groups of 64, nearest', ...[8, 6, 5, 4, 3].map((bits) => [`${bits} bits`, quantize(bits)])),
  ...family(
    'groups of 64, least squares',
    ...[8, 6, 5, 4, 3].map((bits) => [`${bits} bits`, quantize(bits, { rounding: 'mse' })]),
  ),
  ...family(
    'groups of 64, GPTQ',
    ...[8, 6, 5, 4, 3].map((bits) => [`${bits} bits`, quantize(bits, { rounding: 'gptq' })]),
  ),
  ...family(
    'entropy-coded, nearest',
    ...[5, 4.5, 4, 3.5, 3].map((bits) => [`${bits} bits`, coded(bits, 'nearest')]),
  ),
  ...family(
    'entropy-coded, GPTQ',
    ...[5, 4.5, 4, 3.5, 3.2, 3, 2.7].map((bits) => [`${bits} bits`, coded(bits, 'gptq')]),
  ),
  ...['blind', 'uniform', 'distribution'].flatMap((scope) =>
    family(
      `magnitude, ${scope}`,
      ...[0.1, 0.2, 0.3, 0.4].map((share) => [
        `${100 * share} %`,
        prune('magnitude', share, { target: 'all', scope }),
      ]),
    ),
  ),
  ...['wanda', 'obd', 'obs'].flatMap((criterion) =>
    family(
      { wanda: 'Wanda', obd: 'OBD', obs: 'OBS' }[criterion] ?? criterion,
      ...[0.2, 0.3, 0.4, 0.5].map((share) => [`${100 * share} %`, prune(criterion, share)]),
    ),
  ),
  ...family('OBS, 2:4', [
    '50 %',
    { method: 'prune', target: 'linear', criterion: 'obs', pattern: '2:4' },
  ]),
  ...family(
    'OBS, then entropy-coded GPTQ',
    ...[0.1, 0.2, 0.3].map((share) => [`${100 * share} %, 4 bits`, prune('obs', share), coded(4, 'gptq')]),
  ),
];

export { EIGHT, coded, family, quantize };
