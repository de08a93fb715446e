// The JavaScript face of the engine, which wasm-bindgen makes from the Rust source: what the worker
// relies on, whichever build of the engine it loads.

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
}

export class Engine {
  /** Reads an unpacked `*.safetensors` package; an Error's `name` says what kind of failure it is. */
  constructor(package_bytes: Uint8Array);
  info(): EngineInfo;
  /** Returns the job's id. Interactive jobs overtake the others. */
  submit(texts: string[], interactive: boolean): number;
  /** Works for about so many milliseconds. */
  poll(budget_ms: number): PollReport | Promise<PollReport>;
  /** False if there is no such job any more. */
  cancel(id: number): boolean;
  free(): void;
}

export default function init(input: {
  module_or_path: URL | Response | WebAssembly.Module;
}): Promise<unknown>;
