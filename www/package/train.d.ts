// The JavaScript face of the module that trains, which wasm-bindgen makes from the Rust source: what its
// worker relies on. An Error's `name` says what kind of failure it is.

/** Takes an unpacked `*.safetensors` package. */
export class Loader {
  constructor(size?: number);
  push(chunk: Uint8Array): void;
  /** The loader is gone after this, also when it throws. */
  learner(): Learner;
  free(): void;
}

export class Learner {
  private constructor();
  /** The model's source language from tab-separated text with named columns. */
  text_in(table: string): string[];
  /** Both are gone after this, also when it throws. `choices`: JSON. */
  train(
    teacher: Loader,
    texts: string[],
    sources: string[],
    references: string[],
    choices: string,
  ): Training;
  free(): void;
}

export class Training {
  private constructor();
  /** chrF on held-out text before the first step. */
  first(): number;
  /** Stands still until it is done; `done`: the share of all training. */
  step(done: number): { step: number; loss: number; mean_loss: number };
  /** Stands still until it is done. */
  judge(): { step: number; chrf: number; best: number; first: number; since_best: number };
  /** The package file of the model at its best. */
  model(): Uint8Array<ArrayBuffer>;
  free(): void;
}

/** Bytes that could not be had; 0 where there was always room. */
export function missing_memory(): number;

export default function init(input: { module_or_path: WebAssembly.Module }): Promise<unknown>;
