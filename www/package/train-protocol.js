// What the page and the worker that trains say to each other. The worker hears between two steps: the page
// sends one request and then any number of wishes; it is answered with `progress`, with the file of the
// model whenever that was better than ever before, and then with one `result` or `error`.

/**
 * How a model is trained; `docs/training.md` says what each means.
 * @typedef {object} Choices
 * @property {number} [rate] the greatest learning rate; 3e-4 if nothing is said
 * @property {number} [warm_up] steps over which the rate rises to that; 5
 * @property {number} [batch] source tokens of a step, about; 300
 * @property {number} [soft] how much the teacher's distributions count, from 0 to 1; 0.9
 * @property {boolean} [keep_zeros] every weight that is zero stays zero
 * @property {number} [held_out] texts that are held out to judge by, where there are no pairs; a fifth of
 *   all and at most 200
 * @property {number} [seed] of the order of examples; 1
 */

/**
 * How long, in time or in steps; one of both.
 * @typedef {{ minutes?: number, steps?: number }} Length
 */

/**
 * @typedef {Length & { choices: Choices, judgeSteps?: number, student: Blob, teacher: Blob, texts?: string[], pairs?: { sources: string[], references: string[] } }} Params
 */

/** @typedef {{ method: 'train', params: Params }} Request */
/** @typedef {'pause' | 'resume' | 'stop'} Wish */

/**
 * What the model was on held-out text: chrF, from 0 to 100, against the teacher's translations or against
 * references.
 * @typedef {object} Judgement
 * @property {number} step
 * @property {number} chrf now
 * @property {number} best at its best, the beginning included
 * @property {number} first before the first step
 */

/**
 * How far a training has come.
 * @typedef {object} TrainingProgress
 * @property {'preparing' | 'learning' | 'judging' | 'paused'} phase what goes on now
 * @property {number} done from 0 to 1
 * @property {number} step steps so far
 * @property {number} seconds of work so far, pauses left out
 * @property {number} [loss] the mean of the last losses
 * @property {Judgement} [judgement] the last one
 */

/**
 * @typedef {object} TrainingReport
 * @property {number} steps
 * @property {number} seconds of work, pauses left out
 * @property {number} [loss] the mean of the last losses; missing where there was no step
 * @property {number} chrf_before on held-out text
 * @property {number} chrf_after the same, of the model at its best
 */

/**
 * @typedef {{ type: 'ready' }
 *   | { type: 'alive', lock: string }
 *   | { type: 'progress', value: TrainingProgress }
 *   | { type: 'best', file: Blob }
 *   | { type: 'result', value: TrainingReport }
 *   | { type: 'error', error: import('./errors.js').PlainError }
 *   | { type: 'dead', error: import('./errors.js').PlainError }} FromTraining
 */

export {};
