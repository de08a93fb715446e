// The element <pocket-translator>: a small box that translates as one types. Importing this defines it.

import { Attributes, RENEWING } from './element/attributes.js';
import { ENGLISH } from './element/labels.js';
import { View } from './element/view.js';
import { Work } from './element/work.js';

/** @typedef {import('./element/labels.js').Labels} Labels */
/** @typedef {import('./element/work.js').State} State */
/** @typedef {import('./element/types.js').PocketTranslatorElement} PocketTranslatorElement */
/** @typedef {import('./element/types.js').PocketTranslatorEventMap} PocketTranslatorEventMap */

/** After the last key: shorter than anyone minds, longer than between two keys of fast typing. */
const PAUSE_MS = 150;
/** So long it says that something was copied. */
const NOTE_MS = 2500;

/** The class of `<pocket-translator>`. For another name, define a class that extends it. */
export class PocketTranslator extends Attributes {
  static formAssociated = true;
  static observedAttributes = [...RENEWING, 'placeholder', 'readonly', 'value', 'labels', 'eager'];

  #internals = this.attachInternals();
  #view = new View(this.attachShadow({ mode: 'open', delegatesFocus: true }));
  #work = new Work({
    options: () => this.createOptions(),
    onchange: () => this.#changed(),
    ondownload: (event) => this.dispatchEvent(event),
    onerror: (error) => this.dispatchEvent(new ErrorEvent('error', { error, message: error.message })),
  });
  /** The last that `statechange` told. @type {State} */
  #told = 'idle';
  #text = '';
  #translation = '';
  /** What `#translation` belongs to. @type {string | undefined} */
  #translated;
  /** The text is not what the attribute said any more. */
  #isDirty = false;
  /** Somebody has asked for a translation; nothing is downloaded before. */
  #isAsked = false;
  #isDisabled = false;
  #isRenewing = false;
  #labels = ENGLISH;
  /** Said for a moment. @type {'copied' | 'copyFailed' | undefined} */
  #note;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #noteEnd;

  constructor() {
    super();
    const { source, swap, copy, action } = this.#view;
    source.addEventListener('input', (event) => {
      this.#isDirty = true;
      this.#text = source.value;
      // Of a word that an input method is still composing, there is nothing to translate yet.
      if (!(/** @type {InputEvent} */ (event).isComposing)) this.#typed();
    });
    source.addEventListener('compositionend', () => this.#typed());
    source.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#start();
    });
    swap.addEventListener('click', () => this.swap());
    copy.addEventListener('click', () => this.#copy());
    action.addEventListener('click', () =>
      this.#view.does === 'cancel' ? this.cancel() : this.#start(),
    );
  }

  connectedCallback() {
    const own = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this));
    // What the page has set before this script came hides the properties of the class.
    for (const name of Object.keys(this).filter((name) => name in PocketTranslator.prototype)) {
      const value = own[name];
      delete own[name];
      own[name] = value;
    }
    if (this.eager) this.#start();
    this.#show();
  }

  disconnectedCallback() {
    // Whoever moves an element takes it out and puts it in again at once.
    queueMicrotask(() => {
      if (!this.isConnected) this.destroy();
    });
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (name === 'labels') this.labels = parseLabels(after);
    if (name === 'value' && !this.#isDirty) this.#setText(after ?? '');
    if (name === 'eager' && this.eager && this.isConnected) this.#start();
    if (name === 'model' && after !== null) this.model = after;
    if (RENEWING.includes(name)) this.renew();
    this.#show();
  }

  /** @param {boolean} isDisabled */
  formDisabledCallback(isDisabled) {
    this.#isDisabled = isDisabled;
    this.#show();
  }

  formResetCallback() {
    this.#isDirty = false;
    this.#setText(this.getAttribute('value') ?? '');
  }

  /** On the way back to a page, browsers bring the texts of its forms again. @param {string} text */
  formStateRestoreCallback(text) {
    this.value = text;
  }

  /** The text. The attribute is what stands there at first, as in a text field. */
  get value() {
    return this.#text;
  }
  set value(text) {
    this.#isDirty = true;
    this.#setText(`${text}`);
  }

  /** The translation of the text; empty while there is none. A form submits it. */
  get translation() {
    return this.#isCurrent() ? this.#translation : '';
  }

  /**
   * The words of the element; those that are missing are English.
   * @returns {Partial<Labels>}
   */
  get labels() {
    return this.#labels;
  }
  set labels(labels) {
    this.#labels = { ...ENGLISH, ...labels };
    this.#show();
  }

  /** The text is what one wants to get to, also past the buttons before it. @override @param {FocusOptions} [options] */
  focus(options) {
    this.#view.source.focus(options);
  }

  get state() {
    return this.#work.state;
  }

  /** Why there is no translation, in the state `error`. */
  get error() {
    return this.#work.error ?? null;
  }

  /**
   * Translates the text now, also if the user has not asked for it. (`translate` is what every element
   * has: whether its own words may be translated.)
   * @returns {Promise<string>}
   * @throws AbortError: the text was changed or it was cancelled; InvalidStateError: the element is in
   *   no document; else what `Translator` throws
   */
  async translateNow() {
    if (!this.isConnected)
      throw new DOMException('The element is in no document, where it would keep a model.', 'InvalidStateError');
    this.#isAsked = true;
    clearTimeout(this.#pause);
    const text = this.#text;
    if (isBlank(text)) {
      this.#work.drop();
      this.#take(text, '');
      return '';
    }
    const translation = await this.#work.translate(text);
    this.#take(text, translation);
    this.dispatchEvent(new CustomEvent('translate', { detail: { source: text, translation } }));
    return translation;
  }

  /** Turns the languages round; the translation becomes the text. */
  swap() {
    const { translation } = this;
    [this.from, this.to] = [this.to, this.from];
    if (translation === '') return;
    // What was written stands on the other side until its translation is there, and if that fails.
    [this.#text, this.#translation] = [translation, this.#text];
    this.#isDirty = true;
    this.#show();
  }

  /** Ends what the user waits for, a download or a long translation. The text stays. */
  cancel() {
    clearTimeout(this.#pause);
    this.#isAsked = false;
    if (this.state === 'loading') this.#work.end('cancelled');
    else this.#work.drop();
    this.#show();
  }

  /** Gives the model's memory back. The texts stay; the next translation loads it again. */
  destroy() {
    clearTimeout(this.#pause);
    this.#isAsked = false;
    this.#work.end('idle');
  }

  /** Once for all attributes that are changed together. @override @protected */
  renew() {
    this.#translated = undefined;
    this.#show();
    if (this.#isRenewing || this.state === 'idle') return;
    this.#isRenewing = true;
    queueMicrotask(() => {
      this.#isRenewing = false;
      this.#work.end('idle');
      if (this.isConnected && (this.eager || this.#isAsked)) this.#start();
    });
  }

  /** Loads the model and translates what is there. What goes wrong is shown. */
  #start() {
    this.#isAsked = true;
    this.#work.load().catch(() => {});
    if (!this.#isCurrent()) this.translateNow().catch(() => {});
  }

  /** @param {string} text */
  #setText(text) {
    this.#text = text;
    this.#typed(this.#isAsked);
  }

  /**
   * There is another text.
   * @param {boolean} isAsked whether it shall be translated: not where the user has cancelled the
   *   download, or has been told that it failed
   */
  #typed(isAsked = this.#work.isLoaded || !['cancelled', 'error'].includes(this.state)) {
    clearTimeout(this.#pause);
    if (isBlank(this.#text)) {
      this.#work.drop();
      this.#take(this.#text, '');
    } else if (isAsked && !this.#isCurrent()) {
      this.#isAsked = true;
      this.#pause = setTimeout(() => this.#start(), PAUSE_MS);
    }
    this.#show();
  }

  #isCurrent() {
    return isBlank(this.#text) || this.#translated === this.#text;
  }

  /** @param {string} text @param {string} translation */
  #take(text, translation) {
    this.#translated = text;
    this.#translation = translation;
    this.#show();
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#translation);
      this.#note = 'copied';
    } catch {
      // Insecure pages have no clipboard, and users may refuse it.
      getSelection()?.selectAllChildren(this.#view.target);
      this.#note = 'copyFailed';
    }
    this.#show();
    clearTimeout(this.#noteEnd);
    this.#noteEnd = setTimeout(() => {
      this.#note = undefined;
      this.#show();
    }, NOTE_MS);
  }

  #changed() {
    this.#show();
    const { state } = this;
    if (this.#told === state) return;
    this.#told = state;
    this.dispatchEvent(new CustomEvent('statechange', { detail: { state } }));
  }

  #show() {
    // A text is not submitted with the translation of another.
    this.#internals.setFormValue(this.translation === '' ? null : this.translation, this.#text);
    this.#view.show({
      ...{ state: this.state, error: this.#work.error, progress: this.#work.progress },
      ...{ from: this.from ?? '', to: this.to ?? '', canSwap: this.model === null && !this.readOnly },
      ...{ text: this.#text, translation: this.#translation, isCurrent: this.#isCurrent() },
      ...{ isAsked: this.#isAsked, isDisabled: this.#isDisabled, isReadOnly: this.readOnly },
      ...{ placeholder: this.placeholder, labels: this.#labels, note: this.#note },
    });
  }
}

/** @param {string} text */
function isBlank(text) {
  return text.trim() === '';
}

/** @param {string | null} json @returns {Partial<Labels>} */
function parseLabels(json) {
  try {
    return JSON.parse(json ?? '{}');
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new TypeError(`pocket-translator: the attribute "labels" must be JSON, such as {"copy":"Copiar"}: ${message}`);
  }
}

if (globalThis.customElements && !customElements.get('pocket-translator'))
  customElements.define('pocket-translator', PocketTranslator);
