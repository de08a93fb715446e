// A recipe in a few words, for points of a chart and status lines.

import { texts } from '../texts.js';
import { presets } from './presets.js';
import { sameRecipe } from './same-recipe.js';

/** @typedef {import('../../package/lab-protocol.js').Recipe} Recipe */
/** @typedef {Record<string, unknown>} Step */

/** Targets that a method's short name need not tell: the whole of what it is made for. */
const USUAL = {
  quantize: ['all', 'vectors'],
  prune: ['all', 'linear'],
  prune_neurons: ['all', 'linear', 'ffn'],
  prune_heads: ['all', 'linear', 'attention'],
  low_rank: ['all'],
  codebook: ['all'],
};

/** @param {Recipe} recipe */
export function describe(recipe) {
  if (recipe.step.length === 0) return texts.recipe.original;
  const preset = presets.find((one) => sameRecipe(one.recipe, recipe));
  return preset ? presetName(preset.name) : recipe.step.map(short).join(' · ');
}

/** @param {Pick<import('./experiment.js').Experiment, 'recipe' | 'healed'>} experiment */
export function nameOf({ recipe, healed }) {
  if (healed?.kind !== undefined) return texts.healed.downloaded(kindName(healed.kind));
  return healed ? texts.healed[healed.gone ? 'gone' : 'name'](describe(recipe), healed.steps) : describe(recipe);
}

/** Of the healed models beside the page; one without a name shows its own. @param {string} kind */
export const kindName = (kind) => /** @type {Record<string, string>} */ (texts.healed.kinds)[kind] ?? kind;

/** @param {string} name */
export const presetName = (name) => presetTexts(name)?.name ?? name;

/** @param {string} name @returns {{ name: string, about: string } | undefined} */
export const presetTexts = (name) =>
  /** @type {Record<string, { name: string, about: string }>} */ (texts.recipe.presets)[name];

/** @param {{ method: string, target?: string } & Step} step */
function short(step) {
  const what = SHORT[step.method]?.(step) ?? step.method;
  const usual = USUAL[/** @type {keyof typeof USUAL} */ (step.method)] ?? [];
  const { target } = step;
  if (typeof target !== 'string' || usual.includes(target)) return what;
  const { targets } = texts.recipe;
  const word =
    target in targets ? targets[/** @type {keyof typeof targets} */ (target)].label : target;
  return texts.recipe.short.aimed(what, word);
}

/** @type {Record<string, (step: Step) => string>} */
const SHORT = {
  quantize: ({ target, bits, rounding }) =>
    target === 'vectors'
      ? texts.recipe.short.vectors
      : texts.recipe.short.bits(Number(bits), String(rounding)),
  prune: ({ sparsity, criterion }) =>
    texts.recipe.short.pruned(
      sparsity === undefined ? undefined : Number(sparsity),
      String(criterion),
    ),
  prune_neurons: ({ share }) => texts.recipe.short.neurons(Number(share)),
  prune_heads: ({ heads, share }) =>
    heads === undefined
      ? texts.recipe.short.headsShare(Number(share))
      : texts.recipe.short.heads(Number(heads)),
  drop_layers: ({ encoder, decoder }) => {
    const out = [];
    if (encoder !== undefined) out.push(texts.recipe.short.encoder(layers(encoder)));
    if (decoder !== undefined) out.push(texts.recipe.short.decoder(layers(decoder)));
    return out.join(', ');
  },
  low_rank: ({ rank, energy, size }) =>
    rank !== undefined
      ? texts.recipe.short.rank(Number(rank))
      : energy !== undefined
        ? texts.recipe.short.energy(Number(energy))
        : texts.recipe.short.size(Number(size)),
  codebook: ({ dimension }) => texts.recipe.short.codebook(Number(dimension)),
  trim_vocabulary: ({ keep }) => texts.recipe.short.trim(Number(keep)),
  screen: () => texts.recipe.short.screen,
};

/** How many go. @param {unknown} which */
const layers = (which) => (Array.isArray(which) ? which.length : Number(which));
