// Every engine that is measured, and what its row is called.

import { run as pocketglotNative } from './peers/pocketglot-native.mjs';
import { pythonEngine } from './peers/python.mjs';

/** @typedef {Awaited<ReturnType<typeof import('./places.mjs').findPlaces>>} Places */
/** @typedef {{ seconds: number, cpuSeconds?: number, outputs: string[] }} BatchRun */

/**
 * @typedef {object} EngineEntry
 * @property {string} id
 * @property {string} name
 * @property {string} [adapter] where the page finds how to use it; engines without one run natively
 * @property {Record<string, unknown>} [options] the adapter's
 * @property {boolean} [together] whether it is given all calls of a batch at once
 * @property {number} [share] of how many texts it gets one, because it is slow
 * @property {(work: { warmUp: string[], calls: string[][], places: Places }) => Promise<BatchRun>} [run]
 */

/** @type {EngineEntry[]} */
export const ENGINES = [
  {
    id: 'ours-1',
    name: 'Pocketglot, 1 thread',
    adapter: '/bench/peers/pocketglot.mjs',
    options: { threads: 1 },
  },
  {
    id: 'bergamot-1',
    name: 'Bergamot, 1 worker',
    adapter: '/bench/peers/bergamot.mjs',
    options: { workers: 1, batchSize: 64 },
  },
  {
    id: 'ours-2',
    name: 'Pocketglot, 2 threads',
    adapter: '/bench/peers/pocketglot.mjs',
    options: { threads: 2 },
    together: true,
  },
  {
    id: 'bergamot-2',
    name: 'Bergamot, 2 workers (2 copies of the model)',
    adapter: '/bench/peers/bergamot.mjs',
    // Half a call for each worker.
    options: { workers: 2, batchSize: 32 },
    together: true,
  },
  {
    id: 'fxtranslate-web',
    name: 'fxtranslate (npm) in a worker, text by text',
    adapter: '/bench/peers/fxtranslate.mjs',
    options: {},
    share: 8,
  },
  { id: 'slimt', name: 'slimt (PyPI), native, 1 thread', run: pythonEngine('slimt') },
  {
    id: 'fxtranslate',
    name: 'fxtranslate (PyPI), native, text by text',
    run: pythonEngine('fxtranslate'),
  },
  { id: 'ours-native', name: 'Pocketglot, native, 1 thread', run: pocketglotNative },
];

/** The engines that latency, cold start, memory and flatness are measured of. */
export const inBrowser = (/** @type {EngineEntry} */ { id }) => /^(ours|bergamot)-\d/.test(id);
