// Where one model computes: always on the CPU, and on the GPU too if that can be had and is wanted.

import { faster } from './choice.js';
import { engineError } from './errors.js';

/** @typedef {import('./engine.js').Engine} Engine */
/** @typedef {import('./graphics.js').Graphics} Graphics */
/** @typedef {import('./protocol.js').BackendOption} BackendOption */
/** @typedef {import('./protocol.js').Facts} Facts */
/** @typedef {import('./protocol.js').Measurement} Measurement */

export class Place {
  #graphics;
  #ontell;
  /** @type {Promise<void> | undefined} */
  #attaching;
  /** Its part of the GPU. @type {{ adapter: string, weight_bytes: number } | undefined} */
  #gpu;
  /** @type {string | undefined} */
  #noGpu;
  /** @type {Measurement | undefined} */
  #measured;
  #closed = false;
  /** A translator has asked for the GPU, whatever a measurement says. */
  #asked = false;
  /** A translation of the user's was sent there. */
  #used = false;
  /** What was told last. */
  #told = '{}';

  /**
   * @param {Engine} engine
   * @param {Graphics} graphics
   * @param {(facts: Facts) => void} ontell
   */
  constructor(engine, graphics, ontell) {
    this.engine = engine;
    this.#graphics = graphics;
    this.#ontell = ontell;
  }

  get closed() {
    return this.#closed;
  }

  get onGpu() {
    return this.#gpu !== undefined;
  }

  /**
   * Takes the model to the GPU, or finds out why that can't be.
   * @param {{ asked?: boolean, again?: boolean }} [options] `again`: what failed before is tried again
   */
  async attach({ asked = false, again = false } = {}) {
    if (asked) this.#asked = true;
    if (again && !this.#gpu && this.#noGpu !== undefined) this.#attaching = undefined;
    await (this.#attaching ??= this.#attach());
  }

  async #attach() {
    try {
      this.#gpu = await this.#graphics.enter(this.engine);
      this.#noGpu = undefined;
      this.tell();
    } catch (error) {
      if (!this.#closed) this.decline(reasonOf(error));
    }
  }

  /** Without the GPU, and why. @param {string} reason */
  decline(reason) {
    this.#noGpu = reason;
    this.tell();
  }

  /** @param {Measurement} measured */
  learn(measured) {
    this.#measured = measured;
    this.tell();
  }

  /** The GPU is of no use to this model, unless someone has asked for it. */
  release() {
    if (!this.#asked) this.#detach();
  }

  /** The GPU has failed; the engine may have said so itself. @param {string} message */
  lose(message) {
    if (!this.#gpu) return;
    this.#gpu = undefined;
    const reason = firstLine(message);
    this.#noGpu = `The GPU stopped: ${reason}`;
    this.tell(this.#used ? reason : undefined);
  }

  close() {
    this.#closed = true;
    this.#detach();
  }

  #detach() {
    this.#attaching = this.#gpu = undefined;
    this.#graphics.leave(this.engine);
  }

  /**
   * Whether a request is to run on the GPU.
   * @param {BackendOption} wish
   * @param {number} length UTF-16 units
   */
  takes(wish, length) {
    const gpu = this.#gpu !== undefined && (wish === 'webgpu' || (wish === 'auto' && this.#suits(length)));
    if (gpu) this.#used = true;
    return gpu;
  }

  /** @param {number} length */
  #suits(length) {
    const measured = this.#graphics.lost ? undefined : this.#measured;
    return measured !== undefined && faster(measured, length) === 'webgpu';
  }

  /** Tells what is new, if anything is. @param {string} [lost] */
  tell(lost) {
    const facts = this.#facts();
    const text = JSON.stringify(facts);
    if (this.#closed || (text === this.#told && lost === undefined)) return;
    this.#told = text;
    this.#ontell(lost === undefined ? facts : { ...facts, lost });
  }

  /** @returns {Facts} */
  #facts() {
    /** @type {Facts} */
    const facts = {};
    if (this.#gpu) facts.gpu = { ...this.#gpu, memory_bytes: this.#graphics.memoryBytes };
    if (this.#measured || this.#noGpu !== undefined) {
      facts.choice = {};
      if (this.#measured) facts.choice.measured = this.#measured;
      if (this.#noGpu !== undefined) facts.choice.no_gpu = this.#noGpu;
    }
    return facts;
  }
}

/** Why there is no GPU, in words; an error that tells of something else goes on. @param {unknown} error */
export function reasonOf(error) {
  if (error instanceof DOMException) return error.message;
  const known = engineError(error);
  if (known) return `The GPU cannot be used: ${firstLine(known.message)}`;
  throw error;
}

/** Errors of the browser's come through the engine with all that is known of them. @param {string} message */
function firstLine(message) {
  return message.split('\n', 1)[0].replace(/\bJsValue\((.+?)\)?$/, '$1');
}
