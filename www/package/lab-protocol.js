// What the page and the laboratory's worker say to each other. The page sends one request at a time; the
// worker answers with any number of `progress` and then one `result` or `error`. It keeps nothing
// between requests: models are files that the page holds, so that a worker may be ended at any time.
// Keys of reports are those of the command line's --json.

/**
 * What is to be done to a model, step by step: `docs/compression.md` has the methods and their keys.
 * @typedef {{ step: ({ method: string, target: string } & Record<string, unknown>)[] }} Recipe
 */

/**
 * @typedef {object} Bytes
 * @property {number} wire_bytes the gzipped file: what a user downloads
 * @property {number} file_bytes the plain file
 * @property {number} memory_bytes the weights in memory, for the CPU
 */

/** As far as they are known. @typedef {Omit<Bytes, 'wire_bytes'> & { wire_bytes?: number }} Sizes */

/**
 * A matrix, a vector, or a file such as the vocabulary; more keys are the codec's own, such as `bits`.
 * @typedef {{ name: string, codec: string, shape: number[], bytes: number } & Record<string, unknown>} TensorInfo
 */

/**
 * @typedef {object} Info
 * @property {number} format the version of the package format
 * @property {{ source: string, target: string }} languages
 * @property {object} architecture
 * @property {{ licence?: string, credit?: string, source_url?: string, sources: object[] }} provenance
 * @property {Recipe} [recipe] that it was made by
 * @property {number} parameters weights in all
 * @property {TensorInfo[]} tensors
 * @property {number} [wire_bytes] missing where nobody has gzipped it yet
 * @property {number} file_bytes
 * @property {number} memory_bytes
 */

/**
 * A matrix before and after. Weights are compared one by one, so that a matrix that went, or has
 * another shape, has null in their places.
 * @typedef {object} MatrixReport
 * @property {string} name in the package before
 * @property {string | null} codec null where it went
 * @property {number} weights before
 * @property {number} bytes_before
 * @property {number} bytes_after
 * @property {number | null} relative_error
 * @property {number | null} exact weights that stayed as they were
 * @property {number | null} flushed weights that became zero
 * @property {number | null} sign_flips weights that changed their sign
 * @property {number | null} snr_db signal-to-noise ratio; null also where nothing changed
 */

/**
 * @typedef {object} CompressionReport
 * @property {Recipe} recipe as it was given
 * @property {number} seconds without reading, writing and gzip
 * @property {Sizes} before
 * @property {Sizes} after
 * @property {MatrixReport[]} tensors
 */

/**
 * How good and how fast a model is on a test set. `words_per_second` is that of translating alone.
 * @typedef {Sizes & { bleu: number, chrf: number, words_per_second: number, sentences: number, translations: string[] }} Scores
 */

/**
 * How far a compression has come.
 * @typedef {object} WorkProgress
 * @property {number} done from 0 to 1, about
 * @property {string} what "calibration", the matrix whose turn it is, or "gzip"
 * @property {number} [step] of the recipe, from 1
 * @property {number} [steps] in all
 */

/**
 * How far an evaluation has come.
 * @typedef {object} ScoreProgress
 * @property {number} done from 0 to 1
 * @property {number} sentences that are translated
 * @property {number} chrf of these
 * @property {number} bleu of these
 */

/**
 * A recipe that was tried: the length of its gzipped file, to about a thousandth, and how far its model
 * is from the original, in nats a token of translations: 0 is none. It is no score; `evaluate` gives one.
 * @typedef {{ recipe: Recipe, bytes: number, divergence: number }} Candidate
 */

/** @typedef {{ budget: number, lines?: number, evaluations: number, minutes?: number, seed: number, structure: boolean }} SearchWanted */

/**
 * How far a search has come. `front`: the places of those that none is smaller and better than by now,
 * from the smallest up, among all candidates that were found.
 * @typedef {{ what: 'choices', done: number, all: number }
 *   | { what: 'candidates', done: number, all: number, found: Candidate, front: number[] }} SearchProgress
 */

/**
 * @typedef {object} SearchResult
 * @property {Candidate[]} front those that none is smaller and better than, from the smallest up. None
 *   where time was too short to measure any that fits
 * @property {Candidate[]} points all, in the order in which they were found
 * @property {number} refused candidates that could not be made
 */

/**
 * The weights of a matrix or a vector, in equal bins from the least to the greatest.
 * @typedef {object} Histogram
 * @property {string} name
 * @property {number} min where the first bin begins
 * @property {number} max where the last one ends; it counts this weight, too
 * @property {number} zeros weights that are exactly 0
 * @property {number} weights in all
 * @property {number[]} counts of weights in each bin; if all are equal, they are in the first
 */

/** A model's file, and its length when gzipped, if that is known. @typedef {{ file: Blob, wire_bytes?: number }} Package */
/**
 * A package, and what is in it. `served`: the gzipped file that it came in, if it was one.
 * @typedef {Package & { info: Info, served?: Blob }} Opened
 */
/** A file to import. @typedef {{ name: string, blob: Blob }} NamedFile */
/** A preset's name, or a recipe in JSON. @typedef {{ preset: string } | { json: string }} RecipeText */

/**
 * Methods of the worker with their parameters, result and progress. `gzip`: whether to wait for the
 * lengths of gzipped files; `measure` gives that length, the method `gzip` such a file.
 * @typedef {{
 *   load: { params: { model: string | Blob | import('./registry.js').Pair }, result: Opened, progress: import('./protocol.js').DownloadProgress },
 *   import: { params: { files: NamedFile[], sourceLanguage?: string, targetLanguage?: string }, result: Opened, progress: import('./protocol.js').DownloadProgress },
 *   compress: { params: Package & { recipe: RecipeText, calibration?: string[], gzip: boolean }, result: Opened & { report: CompressionReport, calibrated: boolean }, progress: WorkProgress },
 *   evaluate: { params: Package & { sources: string[], references: string[], gzip: boolean }, result: Scores, progress: ScoreProgress },
 *   search: { params: Package & SearchWanted & { calibration?: string[] }, result: SearchResult, progress: SearchProgress },
 *   histogram: { params: Package & { name: string, bins: number }, result: Histogram, progress: never },
 *   gzip: { params: Package, result: Blob, progress: never },
 *   measure: { params: Package, result: number, progress: never },
 * }} Methods
 */

/** @typedef {keyof Methods} Method */

/**
 * @template {Method} M
 * @typedef {{ method: M, params: Methods[M]['params'] }} RequestOf
 */

/** @typedef {{ [M in Method]: RequestOf<M> }[Method]} Request */
/** What a worker may begin with, before its first request. @typedef {{ module: WebAssembly.Module }} Beginning */

/** @typedef {import('./errors.js').PlainError} PlainError */

/**
 * `alive`: what one sees by that the worker is there. `module`: the compiled module, for the worker that follows if this one is ended.
 * @typedef {{ type: 'ready' }
 *   | { type: 'alive', lock: string }
 *   | { type: 'module', module: WebAssembly.Module }
 *   | { type: 'progress', value: any }
 *   | { type: 'result', value: any }
 *   | { type: 'error', error: PlainError }
 *   | { type: 'dead', error: PlainError }} FromLaboratory
 */

export {};
