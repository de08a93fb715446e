// The bench's side in the page for the laboratory: a model in it, and recipes that it takes.

/** @type {import('../../www/package/model.js').Model} */
let model;

/** @param {string} url of the model */
export async function open(url) {
  const { Model } = await import('/pocketglot/package/index.js');
  model = await Model.load(url);
}

/** @param {{ recipe: object, calibration: string[] }} request */
export async function compress({ recipe, calibration }) {
  const start = performance.now();
  const { model: smaller, report } = await model.compress(recipe, { calibration });
  const whole = (performance.now() - start) / 1000;
  smaller.delete();
  return { seconds: report.seconds, whole, wireBytes: report.after.wire_bytes };
}
