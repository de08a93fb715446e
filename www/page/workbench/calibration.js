// Text that the model translates while calibrated methods watch: ours, or a file of the visitor's.

import { linesOf } from '../text-file.js';
import { fingerprint } from './link.js';

/** @typedef {{ name: string, texts: string[], fingerprint: string }} Calibration */

/** The package's own, beside the page. */
const OURS = 'package/calibration.en-pt.tsv';

/** @param {File} file a sentence a line @returns {Promise<Calibration>} */
export async function readCalibration(file) {
  return { name: file.name, texts: await linesOf(file), fingerprint: await fingerprint(file) };
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
