// Files of the visitor's own: text to calibrate with, sentences to score with, models to begin from.

import { html, nothing, render } from 'lit-html';
import { texts } from './texts.js';
import { readCalibration } from '../workbench/calibration.js';

/** @typedef {import('../workbench/workbench.js').Workbench} Workbench */
/** @typedef {import('../dials/dials.js').DialBoard} DialBoard */

export class OwnFiles {
  #root;
  #workbench;
  #dials;
  #importFiles;

  /** @param {HTMLElement} root @param {{ workbench: Workbench, dials: DialBoard, importFiles: (files: File[]) => void }} parts */
  constructor(root, { workbench, dials, importFiles }) {
    this.#root = root;
    this.#workbench = workbench;
    this.#dials = dials;
    this.#importFiles = importFiles;
  }

  draw() {
    const { files } = texts.laboratory;
    const { calibration } = this.#workbench;
    render(
      html`
        <label class="file">
          <span>${files.calibration}</span>
          <input type="file" accept=".txt,text/plain" @change=${this.#calibrate} />
        </label>
        <p class="muted">
          ${calibration ? files.calibrationNow(calibration.name, calibration.texts.length) : files.calibrationOurs}
          ${calibration
            ? html`<button type="button" class="text-button" @click=${this.#useOurs}>${texts.ourSet}</button>`
            : nothing}
        </p>
        <label class="file">
          <span>${files.model}</span>
          <input type="file" multiple accept=".safetensors,.gz,.bin,.spm" @change=${this.#import} />
        </label>
        <p class="muted">${files.modelNote}</p>
      `,
      this.#root,
    );
  }

  #calibrate = async (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const [file] = input.files ?? [];
    if (!file) return;
    const calibration = await readCalibration(file);
    input.setCustomValidity(calibration.texts.length === 0 ? texts.laboratory.files.calibrationEmpty : '');
    input.reportValidity();
    if (calibration.texts.length > 0) this.#use(calibration);
    input.value = '';
  };

  #useOurs = () => this.#use(undefined);

  /** @param {import('../workbench/calibration.js').Calibration | undefined} calibration */
  #use(calibration) {
    this.#workbench.calibration = calibration;
    this.draw();
    if (!this.#dials.atRest) this.#dials.apply();
  }

  #import = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    this.#importFiles([...(input.files ?? [])]);
    input.value = '';
  };
}
