// The attributes of the element as properties, each typed, and what they mean to a translator.

/** @typedef {import('../index.js').CreateOptions} CreateOptions */
/** @typedef {import('../index.js').Model} Model */

/** Servers that render pages import this as well, and have no elements. */
const Base = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (class {});

/** Another translator is needed when one of these changes. */
export const RENEWING = ['from', 'to', 'registry', 'model', 'threads', 'backend', 'worker-url'];

export class Attributes extends Base {
  /** @type {Blob | Model | undefined} */
  #model;

  /** @param {string} name @param {string | null} value */
  #set(name, value) {
    if (value === null) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  /** BCP 47 tag of the text, such as "en". */
  get from() {
    return this.getAttribute('from');
  }
  set from(tag) {
    this.#set('from', tag);
  }

  /** BCP 47 tag of the translation, such as "pt". */
  get to() {
    return this.getAttribute('to');
  }
  set to(tag) {
    this.#set('to', tag);
  }

  /** The list of models; `models/registry.json` beside the page if nothing is said. */
  get registry() {
    return this.getAttribute('registry');
  }
  set registry(url) {
    this.#set('registry', url);
  }

  /**
   * A model of one's own instead of the registry's. The attribute holds a URL, this also a Blob or a Model.
   * @returns {Blob | Model | string | null}
   */
  get model() {
    return this.#model ?? this.getAttribute('model');
  }
  set model(model) {
    const isObject = model !== null && typeof model !== 'string';
    this.#set('model', isObject ? null : model);
    if (model === this.model) return;
    this.#model = isObject ? model : undefined;
    this.renew();
  }

  /** How many threads may compute, as in `Translator.create`. @returns {number | null} */
  get threads() {
    const threads = this.getAttribute('threads');
    return threads === null ? null : Number(threads);
  }
  set threads(threads) {
    this.#set('threads', threads === null ? null : `${threads}`);
  }

  /** "auto", "wasm" or "webgpu", as in `Translator.create`. */
  get backend() {
    return this.getAttribute('backend');
  }
  set backend(backend) {
    this.#set('backend', backend);
  }

  /** The option `workerURL` of `Translator.create`. */
  get workerURL() {
    return this.getAttribute('worker-url');
  }
  set workerURL(url) {
    this.#set('worker-url', url);
  }

  /** What stands in the field while it is empty, instead of the words of `labels`. */
  get placeholder() {
    return this.getAttribute('placeholder');
  }
  set placeholder(text) {
    this.#set('placeholder', text);
  }

  /** Whether the text can't be changed by the user. */
  get readOnly() {
    return this.hasAttribute('readonly');
  }
  set readOnly(readOnly) {
    this.toggleAttribute('readonly', readOnly);
  }

  /** Whether the model is loaded at once, not when the user asks for a translation. */
  get eager() {
    return this.hasAttribute('eager');
  }
  set eager(eager) {
    this.toggleAttribute('eager', eager);
  }

  /** Another model is wanted. @protected */
  renew() {}

  /** What is missing or wrong is told by `Translator.create`. @protected */
  createOptions() {
    const options = {
      sourceLanguage: this.from ?? undefined,
      targetLanguage: this.to ?? undefined,
      registry: this.registry ?? undefined,
      model: this.model ?? undefined,
      threads: this.threads ?? undefined,
      backend: this.backend ?? undefined,
      workerURL: this.workerURL ?? undefined,
    };
    return /** @type {CreateOptions} */ (options);
  }
}
