// Text that the model translates while calibrated methods watch: ours, or a file of the visitor's.

import { textOf } from '../text-file.js';
import { fingerprint } from './link.js';

/** @typedef {{ name: string, texts: string[], fingerprint: string }} Calibration */

/** The package's own, beside the page. */
const OURS = 'package/calibration.en-pt.tsv';

/** @param {File} file a sentence a line @returns {Promise<Calibration>} */
export async function readCalibration(file) {
  const texts = (await textOf(file)).split(/\r?\n/).map((line) => line.trim());
  return { name: file.name, texts: texts.filter((line) => line !== ''), fingerprint: await fingerprint(file) };
}

/** @type {Promise<string> | undefined} */
let ours;

/** The fingerprint of ours. */
export function ownFingerprint() {
  ours ??= fetch(new URL(OURS, document.baseURI)).then(async (response) => {
    if (!response.ok) throw new DOMException(`${response.status}`, 'NetworkError');
    return fingerprint(await response.blob());
  });
  ours.catch(() => (ours = undefined));
  return ours;
}
