// The model to take along: the file, the lines that embed it, and a link that makes it again.

import { html, nothing, render } from 'lit-html';
import { texts } from './texts.js';
import { nameOf } from '../workbench/describe.js';
import { save } from './save.js';

/** @typedef {import('../workbench/workbench.js').Workbench} Workbench */

/** How long a button says that it has copied. */
const COPIED_MS = 1600;

export class TakeAway {
  #root;
  #workbench;
  #onexport;
  /** Which button has just copied. @type {'link' | 'lines' | undefined} */
  #copied;
  /** @type {string | undefined} */
  #problem;

  /** @param {HTMLElement} root @param {{ workbench: Workbench, onexport: () => void }} callbacks */
  constructor(root, { workbench, onexport }) {
    this.#root = root;
    this.#workbench = workbench;
    this.#onexport = onexport;
  }

  draw() {
    const { made } = this.#workbench;
    const { take } = texts.laboratory;
    const ready = made !== undefined && !made.rough;
    const { wire_bytes, file_bytes } = made?.experiment.bytes ?? {};
    render(
      ready
        ? html`
            <p>${take.of(nameOf(made.experiment))}</p>
            <p class="actions">
              <button type="button" class="button" @click=${() => this.#save(true)}>${take.zipped(wire_bytes)}</button>
              <button type="button" class="text-button" @click=${() => this.#save(false)}>${take.plain(file_bytes)}</button>
            </p>
            <p class="muted">${take.use}</p>
            <pre tabindex="0" aria-label=${take.linesLabel}>${this.#lines()}</pre>
            <p class="actions">
              <button type="button" class="text-button" @click=${() => this.#copy('lines', this.#lines())}>
                ${this.#copied === 'lines' ? texts.copied : take.copyLines}
              </button>
              <button
                type="button"
                class="text-button"
                ?hidden=${made.experiment.healed !== undefined}
                @click=${() => this.#copyLink()}
              >
                ${this.#copied === 'link' ? texts.copied : take.copyLink}
              </button>
            </p>
            <p class="muted">${made.experiment.healed ? take.linkNone : take.link}</p>
            ${this.#problem ? html`<p class="trouble" role="alert">${this.#problem}</p>` : nothing}
          `
        : html`<p class="muted">${made ? take.rough : take.none}</p>`,
      this.#root,
    );
  }

  get #name() {
    const { base } = this.#workbench;
    return `${base?.direction.name ?? 'model'}.smaller.safetensors`;
  }

  #lines() {
    const pair = this.#workbench.base?.direction.pair;
    return [
      '<script type="module">',
      "  import { Translator } from './package/index.js';",
      `  const translator = await Translator.create({ sourceLanguage: '${pair?.source}', targetLanguage: '${pair?.target}', model: './${this.#name}.gz' });`,
      '</script>',
    ].join('\n');
  }

  /** @param {boolean} gzip */
  async #save(gzip) {
    await this.#try(async () => {
      const file = await this.#workbench.made?.model.export({ gzip });
      if (!file) return;
      save(file, gzip ? `${this.#name}.gz` : this.#name);
      this.#onexport();
    });
  }

  async #copyLink() {
    await this.#try(async () => {
      const address = await this.#workbench.address();
      if (address) await this.#copy('link', address);
    });
  }

  /** @param {'link' | 'lines'} which @param {string} text */
  async #copy(which, text) {
    await this.#try(async () => {
      await navigator.clipboard.writeText(text);
      this.#copied = which;
      setTimeout(() => {
        this.#copied = undefined;
        this.draw();
      }, COPIED_MS);
    });
  }

  /** @param {() => Promise<void>} action */
  async #try(action) {
    this.#problem = undefined;
    try {
      await action();
    } catch (error) {
      this.#problem = texts.message(/** @type {Error} */ (error).message);
    }
    this.draw();
  }
}
