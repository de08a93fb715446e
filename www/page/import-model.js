// A model of the visitor's own: a package, or the files that Bergamot and Firefox have.

import { Model } from '../package/index.js';

/**
 * @param {File[]} files
 * @returns {Promise<{ pair: import('./languages.js').Pair, file: Blob }>} its languages, and its package
 */
export async function importModel(files) {
  const isPackage = files.length === 1 && /\.safetensors(\.gz)?$/i.test(files[0].name);
  const model = isPackage ? await Model.load(files[0]) : await Model.import(files);
  try {
    return { pair: model.info.languages, file: await model.export() };
  } finally {
    model.delete();
  }
}
