// What the page and its worker say to each other. The page sends `request`, `cancel` and in the
// end `end`; the worker answers each request with any number of `progress` and then one `result` or `error`, and says how
// many `threads` compute, and what there is to know of a model's `backend`, when that changes. Early on it
// names the lock by which one sees that it is `alive`. A worker that can't go on says `dead` and is
// replaced by a new one; `isLasting` says that this would not help the calls in progress.

/** @typedef {import('./errors.js').PlainError} PlainError */
/** @typedef {import('./engine.js').EngineInfo} EngineInfo */

/**
 * Where a model comes from: a file of its own, or the entry for a language pair in a registry.
 * Language tags are canonical, such as `pt-BR`.
 * @typedef {object} ModelRequest
 * @property {string} sourceLanguage
 * @property {string} targetLanguage
 * @property {string | import('./registry.js').Given} registry absolute URL, or the list itself
 * @property {string | Blob} [model] absolute URL, or the bytes themselves
 */

/**
 * Threads that the caller asks for, if it says; the worker takes the largest number that it has heard.
 * @typedef {{ threads?: number }} Wish
 */

/** What a translator may compute on; "auto" is whatever is faster on this device. @typedef {'auto' | Backend} BackendOption */
/** The CPU and the GPU. @typedef {'wasm' | 'webgpu'} Backend */

/**
 * The GPU, if this model is there. Bytes as of the latest news.
 * @typedef {object} GpuInfo
 * @property {string} adapter what people call it
 * @property {number} weight_bytes of this model, on the GPU
 * @property {number} memory_bytes of all that this page has on the GPU: all models, and room to compute
 */

/**
 * One of the two texts that are measured.
 * @typedef {object} Sample
 * @property {number} sentences
 * @property {number} length UTF-16 units
 * @property {number} cpu_ms
 * @property {number} [gpu_ms] missing where the GPU was so much slower that its end was not waited for;
 *   if that was so with the short one, the long one was not begun
 */

/** @typedef {{ short: Sample, long: Sample }} Measurement */

/**
 * Why it computes where it does.
 * @typedef {object} Choice
 * @property {Measurement} [measured] how long both took, once that is known: now or on an earlier visit
 * @property {string} [no_gpu] why there is no GPU, or no more
 */

/**
 * @typedef {object} Facts
 * @property {GpuInfo} [gpu]
 * @property {Choice} [choice]
 * @property {string} [lost] said once, when the GPU has failed while it was in use: why. The CPU has
 *   taken over, with every text
 */

/**
 * What computes, and why.
 * @typedef {Facts & { backend: Backend }} BackendInfo `backend` is where the latest translation ran
 */

/**
 * What is known of a loaded model: the engine's own information and how it got here.
 * @typedef {EngineInfo & LoadInfo} LoadedInfo
 */

/** The same, and what computes. @typedef {LoadedInfo & Omit<BackendInfo, 'lost'>} ModelInfo */

/**
 * @typedef {object} LoadInfo
 * @property {number} wire_bytes length of the file as it is downloaded
 * @property {boolean} [kept] the file is in this browser's storage, so that the next visit needs no
 *   network; undefined while it is being put there
 * @property {boolean} verified the file's SHA-256 was compared with the registry's
 * @property {import('./start.js').Build} engine the build of the engine that this browser runs
 * @property {number} threads that compute
 */

/**
 * What is known of a model before it is loaded; without an entry in a registry that is little.
 * @typedef {object} ModelDescription
 * @property {'unavailable' | 'downloadable' | 'downloading' | 'available'} availability
 * @property {number} [wire_bytes] length of the file as it is downloaded
 * @property {string} [licence]
 * @property {string} [credit]
 * @property {string} [source_url] where the weights come from
 * @property {string} [source] language tag of the registry's model that serves the request
 * @property {string} [target]
 */

/**
 * Bytes of a model download so far; `total` is missing if the server doesn't tell.
 * @typedef {{ loaded: number, total?: number }} DownloadProgress
 */

/**
 * Sentences of a translation so far.
 * @typedef {{ done: number, total: number }} TranslationProgress
 */

/**
 * What is new of a translation that is wanted as it comes, and where it goes.
 * @typedef {{ text: string, at: number }} Part
 */

/**
 * `backend` is missing where there was nothing to translate.
 * @typedef {{ texts: string[], backend?: Backend }} Translated
 */

/** A model of a registry. @typedef {{ sourceLanguage: string, targetLanguage: string, wire_bytes: number, licence?: string, credit?: string, source_url?: string }} ListedModel */

/**
 * Methods of the worker with their parameters, result and progress.
 * @typedef {{
 *   list: { params: { registry: string | import('./registry.js').Given }, result: ListedModel[], progress: never },
 *   describe: { params: ModelRequest, result: ModelDescription, progress: never },
 *   load: { params: ModelRequest & Wish & { key: string }, result: LoadedInfo, progress: DownloadProgress },
 *   attach: { params: { key: string }, result: void, progress: never },
 *   stored: { params: { key: string }, result: boolean, progress: never },
 *   translate: { params: Wish & { key: string, texts: string[], interactive: boolean, backend: BackendOption }, result: Translated, progress: TranslationProgress },
 *   stream: { params: Wish & { key: string, text: string, interactive: boolean, backend: BackendOption }, result: Translated, progress: TranslationProgress | Part },
 *   unload: { params: { key: string }, result: void, progress: never },
 * }} Methods
 */

/** @typedef {keyof Methods} Method */

/**
 * @template {Method} M
 * @typedef {{ type: 'request', id: number, method: M, params: Methods[M]['params'] }} RequestOf
 */

/** @typedef {{ [M in Method]: RequestOf<M> }[Method]} Request */

/** @typedef {Request | { type: 'cancel', id: number } | { type: 'end' }} ToWorker */

/**
 * @typedef {{ type: 'ready' }
 *   | { type: 'threads', count: number }
 *   | { type: 'backend', key: string, facts: Facts }
 *   | { type: 'progress', id: number, value: unknown }
 *   | { type: 'result', id: number, value: unknown }
 *   | { type: 'error', id: number, error: PlainError }
 *   | { type: 'alive', lock: string }
 *   | { type: 'dead', error: PlainError, isLasting: boolean }} FromWorker
 */

export {};
