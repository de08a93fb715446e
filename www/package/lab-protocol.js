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
 * A matrix before and after.
 * @typedef {object} MatrixReport
 * @property {string} name
 * @property {string} codec
 * @property {number} weights
 * @property {number} bytes_before
 * @property {number} bytes_after
 * @property {number} relative_error
 * @property {number} exact weights that stayed as they were
 * @property {number} flushed weights that became zero
 * @property {number} sign_flips weights that changed their sign
 * @property {number | null} snr_db signal-to-noise ratio; null where nothing changed
 */

/**
 * @typedef {object} CompressionReport
 * @property {Recipe} recipe as it was given
 * @property {number} seconds without reading, writing and gzip
 * @property {Bytes} before
 * @property {Bytes} after
 * @property {MatrixReport[]} tensors
 */

/** @typedef {Bytes & { bleu: number, chrf: number, words_per_second: number, sentences: number }} Scores */

/**
 * @typedef {object} WorkProgress
 * @property {number} done from 0 to 1, about
 * @property {string} [what] of a compression: "calibration", the matrix whose turn it is, or "gzip"
 * @property {number} [step] of the recipe, from 1
 * @property {number} [steps] in all
 */

/** A model's file, and its length when gzipped, if that is known. @typedef {{ file: Blob, wire_bytes?: number }} Package */
/** A package, and what is in it. @typedef {Package & { info: Info }} Opened */
/** A preset's name, or a recipe in JSON. @typedef {{ preset: string } | { json: string }} RecipeText */

/**
 * Methods of the worker with their parameters, result and progress.
 * @typedef {{
 *   load: { params: { model: string | Blob }, result: Opened, progress: import('./protocol.js').DownloadProgress },
 *   compress: { params: Package & { recipe: RecipeText, calibration?: string[] }, result: Opened & { report: CompressionReport }, progress: WorkProgress },
 *   evaluate: { params: Package & { sources: string[], references: string[] }, result: Scores, progress: WorkProgress },
 * }} Methods
 */

/** @typedef {keyof Methods} Method */

/**
 * @template {Method} M
 * @typedef {{ method: M, params: Methods[M]['params'] }} RequestOf
 */

/** @typedef {{ [M in Method]: RequestOf<M> }[Method]} Request */

/** @typedef {import('./errors.js').PlainError} PlainError */

/**
 * @typedef {{ type: 'ready' }
 *   | { type: 'progress', value: any }
 *   | { type: 'result', value: any }
 *   | { type: 'error', error: PlainError }
 *   | { type: 'dead', error: PlainError }} FromLaboratory
 */

export {};
