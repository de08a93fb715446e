// Starts the workers of the package in Node: files beside this script, which nothing forbids to start.

import { failure } from '../errors.js';
import { Worker } from './web-worker.js';

/** What `workerURL` says is for pages; here there is no other origin. */
export function useWorkerURL() {}

export const startTranslation = () =>
  new Worker(new URL('./worker.js', import.meta.url), { name: 'pocketglot' });

export const startLaboratory = () =>
  new Worker(new URL('./lab.worker.js', import.meta.url), { name: 'pocketglot laboratory' });

export const startTraining = () =>
  new Worker(new URL('./train.worker.js', import.meta.url), { name: 'pocketglot training' });

/**
 * Why a worker failed that has not said a word.
 * @param {Worker} worker
 * @param {string} what it is, for people
 * @returns {Promise<Error>}
 */
export async function whyNotStarted({ failure: reason }, what) {
  return failure('OperationError', `The ${what} could not be started: ${reason}.`);
}
