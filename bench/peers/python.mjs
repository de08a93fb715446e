// Native engines that come as Python wheels: each in a process of its own, on one thread.

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BENCH } from '../places.mjs';

const VERSIONS = { slimt: '0.1.0', fxtranslate: '0.5.0' };
/** Whatever the wheels bring along must not start threads of its own. */
const ONE_THREAD = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', RAYON_NUM_THREADS: '1' };

/** Beside the other fetched files, not in the user's Python. @param {string} wheel @param {string} cache */
async function install(wheel, cache) {
  const folder = join(cache, 'bench', `${wheel}-${VERSIONS[wheel]}`);
  if (existsSync(folder)) return folder;
  await mkdir(join(cache, 'bench'), { recursive: true });
  const fresh = await mkdtemp(join(cache, 'bench', 'install-'));
  const command = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:'];
  try {
    const args = ['--disable-pip-version-check', '--target', fresh, `${wheel}==${VERSIONS[wheel]}`];
    // An option of pip's that older ones do not know, and do not mind as a variable.
    const env = { ...process.env, PIP_ROOT_USER_ACTION: 'ignore' };
    await promisify(execFile)('python3', [...command, ...args], { env });
    await rename(fresh, folder);
  } catch (error) {
    const reason = String(error.stderr || error.message).trim().split('\n').at(-1);
    throw new Error(`the wheel ${wheel} ${VERSIONS[wheel]} can't be installed here: ${reason}`);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return folder;
}

/**
 * @param {'slimt' | 'fxtranslate'} wheel
 * @returns {(work: { warmUp: string[], calls: string[][], places: import('../engines.mjs').Places }) => Promise<import('../engines.mjs').BatchRun>}
 */
export function pythonEngine(wheel) {
  return async ({ warmUp, calls, places }) => {
    const folder = await install(wheel, places.cache);
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
