// The bench's side in the page for training: a model is damaged, learns again, and both are scored.

/**
 * @param {{ url: string, recipe: object, minutes: number, pairs: { source: string, reference: string }[] }} request
 */
export async function heal({ url, recipe, minutes, pairs }) {
  const { Model } = await import('/pocketglot/package/index.js');
  const original = await Model.load(url);
  const { model: damaged } = await original.compress(recipe, { gzip: false });
  const { model: healed, report } = await damaged.heal(original, { minutes }).finished;
  const scores = [];
  for (const model of [original, damaged, healed]) scores.push((await model.evaluate(pairs, { gzip: false })).chrf);
  const [chrfOriginal, chrfBefore, chrfAfter] = scores;
  return { chrfOriginal, chrfBefore, chrfAfter, steps: report.steps, seconds: report.seconds };
}
