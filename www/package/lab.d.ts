// The JavaScript face of the laboratory's module, which wasm-bindgen makes from the Rust source: what its
// worker relies on. An Error's `name` says what kind of failure it is.

import type {
  Candidate, CompressionReport, Histogram, Info, ScoreProgress, Scores, SearchProgress, WorkProgress,
} from './lab-protocol.js';

/** Takes an unpacked `*.safetensors` package. */
export class Loader {
  /** Makes room for so many bytes, if the size is known. */
  constructor(size?: number);
  push(chunk: Uint8Array): void;
  /**
   * The loader is gone after this, also when it throws. `wire_bytes`: the length of the file as it is
   * served, if that is known.
   */
  open(wire_bytes?: number): Model;
  free(): void;
}

/** The files of a Marian model. */
export class Files {
  constructor();
  /** The loader is gone after this. */
  add(name: string, loader: Loader): void;
  /** The files are gone after this, also when it throws. Names tell what languages are not given. */
  import(source?: string, target?: string): Model;
  free(): void;
}

export class Recipe {
  private constructor();
  /** From JSON. */
  static read(json: string): Recipe;
  static preset(name: string): Recipe;
  needs_calibration(): boolean;
  free(): void;
}

export class Model {
  private constructor();
  info(): Info;
  /** The package file. */
  file(): Uint8Array<ArrayBuffer>;
  /** The weights of a matrix or a vector. */
  histogram(name: string, bins: number): Histogram;
  /** The package file, gzipped. */
  gzipped(): Uint8Array<ArrayBuffer>;
  /** The length of the file when gzipped. */
  wire_bytes(): number;
  /** The model's source language from tab-separated text with named columns. */
  text_in(table: string): string[];
  /** Stands still until it is done. */
  compress(
    recipe: Recipe,
    calibration: string[],
    gzip: boolean,
    progress: (value: WorkProgress) => void,
  ): Compressed;
  /** Stands still until it is done. */
  evaluate(
    sources: string[],
    references: string[],
    gzip: boolean,
    progress: (value: ScoreProgress) => void,
  ): Scores;
  /** Stands still until it is done, or until `progress` returns true. */
  search(
    budget: number,
    text: string[],
    evaluations: number,
    seed: number,
    structure: boolean,
    progress: (value: SearchProgress) => boolean,
  ): { points: Candidate[]; front: number[]; refused: number };
  free(): void;
}

export class Compressed {
  private constructor();
  report(): CompressionReport;
  /** The smaller model; what it was taken from is gone after this. */
  model(): Model;
  free(): void;
}

/** Bytes that were asked for last and could not be had, or 0; also when the module has stopped. */
export function missing_memory(): number;

export default function init(input: { module_or_path: WebAssembly.Module }): Promise<unknown>;
