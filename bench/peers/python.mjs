// Native engines that come as Python wheels: each in a process of its own, on one thread.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { BENCH } from '../places.mjs';
import { installWheels } from '../wheels.mjs';

const VERSIONS = { slimt: '0.1.0', fxtranslate: '0.5.0' };
/** Whatever the wheels bring along must not start threads of its own. */
const ONE_THREAD = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', RAYON_NUM_THREADS: '1' };

/**
 * @param {'slimt' | 'fxtranslate'} wheel
 * @returns {(work: { warmUp: string[], calls: string[][], places: import('../engines.mjs').Places }) => Promise<import('../engines.mjs').BatchRun>}
 */
export function pythonEngine(wheel) {
  return async ({ warmUp, calls, places }) => {
    const folder = await installWheels({ [wheel]: VERSIONS[wheel] }, places.cache);
    const { model, vocabulary, shortlist } = places.sources;
    const script = join(BENCH, 'peers', 'native.py');
    const child = spawn('python3', [script, wheel, folder, model, vocabulary, shortlist], {
      env: { ...process.env, ...ONE_THREAD },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const end = () => child.kill();
    process.once('exit', end);
    try {
      const streams = { out: '', errors: '' };
      child.stdout.setEncoding('utf8').on('data', (text) => (streams.out += text));
      child.stderr.setEncoding('utf8').on('data', (text) => (streams.errors += text));
      const ended = new Promise((resolve, reject) => {
        child.once('error', reject).once('close', resolve);
      });
      child.stdin.on('error', () => {});
      child.stdin.end(JSON.stringify({ warmUp, calls }));
      const status = await ended;
      if (status !== 0)
        throw new Error(streams.errors.trim().split('\n').at(-1) || `ended with status ${status}`);
      return JSON.parse(streams.out);
    } finally {
      process.off('exit', end);
    }
  };
}
