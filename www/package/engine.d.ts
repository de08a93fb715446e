// The JavaScript face of the engine, which wasm-bindgen makes from the Rust source: what the workers
// rely on, whichever build of the engine they load.

/** Keys as in the command line's --json output. */
export interface EngineInfo {
  /** Language tag of the texts that go in, such as "en". */
  source: string;
  /** Language tag of the texts that come out. */
  target: string;
  /** Bytes that the model takes in memory, for the CPU. */
  memory_bytes: number;
  /** Bytes of the unpacked package file. */
  file_bytes: number;
  architecture: object;
  licence?: string | null;
  credit?: string | null;
}

export interface PollReport {
  finished: Array<{
    id: number;
    /** Where it ran, in the end. */
    backend: 'cpu' | 'gpu';
    texts?: string[];
    error?: { name: string; message: string };
  }>;
  /** Sentences. */
  progress: Array<{ id: number; done: number; total: number }>;
  /** What is new of translations that are wanted as they come, in order. */
  texts: Array<{ id: number; text: string }>;
  /** No job is left. */
  idle: boolean;
  /** All that is left is with helpers or with the GPU: poll again on news. */
  waiting: boolean;
  /**
   * Said once, when the GPU has failed: this engine has dropped it, and its jobs go on on the CPU.
   * Nothing is lost.
   */
  gpu_lost?: string;
}

/** The graphics processor: one device, which the engines of a worker share. */
export class Gpu {
  private constructor();
  /** Rejects with an Error named "Device" where there is none, or where it is refused. */
  static open(): Promise<Gpu>;
  /** What people call it. */
  adapter(): string;
  /** Of all buffers on the device: weights, activations, idle ones. */
  memory_bytes(): number;
  /** Idle buffers go back to the device. */
  give_back(): void;
  /** Ends what runs there, and gives everything back. */
  destroy(): void;
  free(): void;
}

/**
 * `callback` is called when an engine that waits for the GPU should be polled; never from inside of
 * an engine's call.
 */
export function on_news(callback: () => void): void;

/** Takes an unpacked `*.safetensors` package; an Error's `name` says what kind of failure it is. */
export class Loader {
  /** Makes room for so many bytes, if the size is known. */
  constructor(size?: number);
  push(chunk: Uint8Array): void;
  /** The loader is gone after this, also when it throws. */
  finish(): Engine;
  free(): void;
}

export class Engine {
  private constructor();
  info(): EngineInfo;
  /**
   * Returns the job's id. Interactive jobs overtake the others. With `gpu` it runs on the GPU if the
   * engine has one now.
   */
  submit(texts: string[], interactive: boolean, gpu: boolean): number;
  /**
   * The same with one text, whose translation `poll` tells as it comes. What follows its last sentence
   * comes only with the whole.
   */
  stream(text: string, interactive: boolean, gpu: boolean): number;
  /** Works for about so many milliseconds. */
  poll(budget_ms: number): PollReport | Promise<PollReport>;
  /** False if there is no such job any more. */
  cancel(id: number): boolean;
  /** Takes the weights to the GPU. Throws an Error named "Device" or "Unsupported". */
  use_gpu(gpu: Gpu): { adapter: string; weight_bytes: number };
  /** Gives them back; what runs there goes on on the CPU. */
  drop_gpu(): void;
  free(): void;
}

/** Runs the kernels before there is a model. */
export class WarmUp {
  constructor();
  /** Works for about so many milliseconds; there is no end of it. */
  work(budget_ms: number): void;
  free(): void;
}

/** How many threads there will be: work is planned for them before they are there. */
export function expect_threads(count: number): void;
/** A helper's life: works until `dismiss` is called on another thread. */
export function help(): void;
/** Sends all helpers home. */
export function dismiss(): void;
/** When `help` has thrown. */
export function break_down(): void;

interface Start {
  memory?: WebAssembly.Memory;
  /** Bytes, a multiple of 65536; for all threads but the first. */
  thread_stack_size?: number;
}

export default function init(input: Start & { module_or_path: WebAssembly.Module }): Promise<unknown>;
export function initSync(input: Start & { module: WebAssembly.Module }): unknown;
