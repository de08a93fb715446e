// The graphics processor: one device for all models of this worker, opened when the first of them
// wants it and given back with the last.

import { failure } from './errors.js';

/** @typedef {import('./engine.js').Engine} Engine */
/** @typedef {import('./engine.js').Gpu} Gpu */

/**
 * What is used of WebGPU itself.
 * @typedef {{ info?: { vendor?: string, architecture?: string, device?: string, description?: string } }} Adapter
 * @typedef {{ requestAdapter(options: { powerPreference: string }): Promise<Adapter | null> }} WebGpu
 */

/** Without work for so long, the device gets back what it holds only to compute. */
const IDLE_MS = 10_000;

export class Graphics {
  #start;
  #onidle;
  /** @type {Promise<Gpu> | undefined} */
  #opening;
  /** @type {Gpu | undefined} */
  #gpu;
  /** @type {Set<Engine>} */
  #users = new Set();
  /** @type {string | undefined} */
  #adapter;
  #lost = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {() => Promise<import('./start.js').Host>} start
   * @param {() => void} onidle memory was given back
   */
  constructor(start, onidle) {
    this.#start = start;
    this.#onidle = onidle;
  }

  /** It has failed in this worker's life: nobody should get it who has not asked for it. */
  get lost() {
    return this.#lost;
  }

  /** Bytes of all buffers. */
  get memoryBytes() {
    return this.#gpu?.memory_bytes() ?? 0;
  }

  /**
   * Takes a model there. Rejects where that can't be.
   * @param {Engine} engine
   */
  async enter(engine) {
    this.#users.add(engine);
    try {
      const gpu = await (this.#opening ??= this.#open());
      if (!this.#users.has(engine)) throw unwanted();
      const use = engine.use_gpu(gpu);
      return { ...use, adapter: this.#adapter ?? use.adapter };
    } catch (error) {
      this.leave(engine);
      throw error;
    }
  }

  async #open() {
    try {
      this.#adapter = nameOf(await findAdapter());
      const { engine } = await this.#start();
      this.#gpu = await engine.Gpu.open();
      if (this.#users.size > 0) return this.#gpu;
      this.#close();
      throw unwanted();
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  /** @param {Engine} engine */
  leave(engine) {
    if (!this.#users.delete(engine)) return;
    engine.drop_gpu();
    if (this.#users.size === 0) this.#close();
    else this.#gpu?.give_back();
  }

  /**
   * Nothing on it can be relied on any more; the next who asks opens it anew.
   * @param {string} message of the engine, which begins with what it calls the adapter
   * @returns {string} the reason alone
   */
  fail(message) {
    this.#lost = true;
    const adapter = `${this.#gpu?.adapter()}: `;
    for (const engine of this.#users) engine.drop_gpu();
    this.#users.clear();
    this.#close();
    return message.startsWith(adapter) ? message.slice(adapter.length) : message;
  }

  /** Something has been computed. */
  worked() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#gpu?.give_back();
      this.#onidle();
    }, IDLE_MS);
  }

  #close() {
    clearTimeout(this.#timer);
    const gpu = this.#gpu;
    // One that is just being opened closes itself when it finds that nobody waits for it.
    if (!gpu) return;
    this.#gpu = this.#opening = undefined;
    gpu.destroy();
    gpu.free();
  }
}

/** The model was closed while the GPU was opened for it. */
const unwanted = () => failure('AbortError', 'The GPU is not wanted any more.');

/** The adapter that the engine would open. */
export async function findAdapter() {
  const { gpu } = /** @type {{ gpu?: WebGpu }} */ (navigator);
  if (!gpu) throw failure('NotSupportedError', 'This browser has no WebGPU for this page.');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw failure('NotSupportedError', 'There is no GPU that this browser would compute with.');
  return adapter;
}

/**
 * What to call an adapter: browsers often tell only its maker and family.
 * @param {Adapter} adapter
 */
export function nameOf({ info: { vendor, architecture, device, description } = {} }) {
  const known = [vendor, architecture, device].filter((part) => part);
  return description || known.join(' ') || undefined;
}
