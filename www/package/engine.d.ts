// The JavaScript face of the engine, which wasm-bindgen makes from the Rust source: what the workers
// rely on, whichever build of the engine they load.

/** Keys as in the command line's --json output. */
export interface EngineInfo {
  /** Language tag of the texts that go in, such as "en". */
  source: string;
  /** Language tag of the texts that come out. */
  target: string;
  /** Bytes that the model takes in memory. */
  memory_bytes: number;
  /** Bytes of the unpacked package file. */
  file_bytes: number;
  architecture: object;
  /** What computes, such as "cpu". */
  backend: string;
  licence?: string | null;
  credit?: string | null;
}

export interface PollReport {
  finished: Array<{ id: number; texts?: string[]; error?: { name: string; message: string } }>;
  /** Sentences. */
  progress: Array<{ id: number; done: number; total: number }>;
  /** No job is left. */
  idle: boolean;
  /** All that is left is with helpers: poll again when one has news. */
  waiting: boolean;
}

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
  /** Returns the job's id. Interactive jobs overtake the others. */
  submit(texts: string[], interactive: boolean): number;
  /** Works for about so many milliseconds. */
  poll(budget_ms: number): PollReport | Promise<PollReport>;
  /** False if there is no such job any more. */
  cancel(id: number): boolean;
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
