// The recipes of the experiments, family by family: every method over its range.

/** @typedef {Record<string, string | number | boolean>} Step */

/** A recipe in TOML. A table of scalars reads the same in TOML as in JSON, value by value.
 * @param {Step[]} steps */
export const toml = (steps) =>
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

const neurons = (share, criterion, refit) => ({
  method: 'prune_neurons',
  target: 'ffn',
  share,
  criterion,
  refit,
});
const codebook = (target, dimension, rounding) => ({
  method: 'codebook',
  target,
  dimension,
  ...(dimension > 2 ? { books: 'columns' } : {}),
  rounding,
});
const screen = { method: 'screen' };
const halves = { method: 'quantize', target: 'vectors', bits: 16 };

/** One model: its family is a method with one thing that changes, its kind what families have in common.
 * @typedef {{ kind: string, family: string, label: string, steps: Step[] }} Experiment */

/** @param {string} family @param {[label: string, ...steps: Step[]][]} list */
const family = (family, ...list) => list.map(([label, ...steps]) => ({ family, label, steps }));

/** @param {string} kind @param {Omit<Experiment, 'kind'>[]} list @returns {Experiment[]} */
const kind = (kind, list) => list.map((experiment) => ({ kind, ...experiment }));

const BITS = [
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
];

const WEIGHTS = [
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
  ...family(
    'OBS, sparse file',
    ...[0.2, 0.3, 0.4].map((share) => [`${100 * share} %`, prune('obs', share, { coding: 'sparse' })]),
  ),
];

const NETWORK = [
  ...family(
    'neurons, by magnitude',
    ...[0.125, 0.25].map((share) => [`${100 * share} %`, neurons(share, 'magnitude', false)]),
  ),
  ...family(
    'neurons, by magnitude, refitted',
    ...[0.125, 0.25].map((share) => [`${100 * share} %`, neurons(share, 'magnitude', true)]),
  ),
  ...family(
    'neurons, by activation, refitted',
    ...[0.0625, 0.125, 0.25].map((share) => [`${100 * share} %`, neurons(share, 'activation', true)]),
  ),
  ...family(
    'neurons merged',
    ...[0.0625, 0.125, 0.25].map((share) => [`${100 * share} %`, neurons(share, 'merge', true)]),
  ),
  ...family(
    'neurons merged by correlation',
    ...[0.0625, 0.125, 0.25].map((share) => [`${100 * share} %`, neurons(share, 'correlation', true)]),
  ),
  ...family(
    'attention heads',
    ...[1, 2].map((heads) => [
      `${heads} of 8`,
      { method: 'prune_heads', target: 'attention', heads, criterion: 'activation' },
    ]),
  ),
  ...family(
    'layers dropped',
    ['encoder 1', { method: 'drop_layers', encoder: 1 }],
    ['decoder 1', { method: 'drop_layers', decoder: 1 }],
  ),
];

const CODES = [
  ...family(
    'low rank of feed-forward layers, whitened',
    ...[224, 192, 160].map((rank) => [
      `rank ${rank}`,
      { method: 'low_rank', target: 'ffn', rank, whiten: true },
      quantize(8, { target: 'ffn' }),
    ]),
  ),
  ...family('codebook, embedding', ...[2, 3, 4].map((n) => [`${n} a code`, codebook('embedding', n, 'nearest')])),
  ...family('codebook, linear layers, GPTQ', ...[2, 3, 4].map((n) => [`${n} a code`, codebook('linear', n, 'gptq')])),
];

const WORDS = [
  ...family('no shortlist', ['screening', screen]),
  ...family(
    'vocabulary trimmed',
    ...[30000, 28000, 26000].map((keep) => [`${keep} pieces`, { method: 'trim_vocabulary', keep }]),
  ),
];

const ALL = family(
  'entropy-coded, GPTQ, screening',
  ...[5, 4, 3.5, 3.28, 3, 2.7].map((bits) => [`${bits} bits`, coded(bits, 'gptq'), halves, screen]),
);

/** @type {Experiment[]} */
export const EXPERIMENTS = [
  ...kind('fewer bits', BITS),
  ...kind('fewer weights', WEIGHTS),
  ...kind('a smaller network', NETWORK),
  ...kind('factors and codebooks', CODES),
  ...kind('words', WORDS),
  ...kind('together', ALL),
];

/** In the order in which they are shown. */
export const KINDS = [...new Set(EXPERIMENTS.map(({ kind }) => kind))];
