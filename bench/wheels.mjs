// Python wheels at pinned versions, beside the other fetched files and not in the user's Python.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Wheels that go together, the one that is wanted first; pip adds no others.
 * @param {Record<string, string>} versions by wheel
 * @param {string} cache
 * @returns {Promise<string>} the folder that holds them
 */
export async function installWheels(versions, cache) {
  const wheels = Object.entries(versions);
  const [[wheel, version]] = wheels;
  const folder = join(cache, 'bench', `${wheel}-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(join(cache, 'bench'), { recursive: true });
  const fresh = await mkdtemp(join(cache, 'bench', 'install-'));
  const command = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:'];
  try {
    const names = wheels.map(([wheel, version]) => `${wheel}==${version}`);
    const args = ['--disable-pip-version-check', '--target', fresh, ...names];
    // An option of pip's that older ones do not know, and do not mind as a variable.
    const env = { ...process.env, PIP_ROOT_USER_ACTION: 'ignore' };
    await promisify(execFile)('python3', [...command, ...args], { env });
    await rename(fresh, folder);
  } catch (error) {
    const reason = String(error.stderr || error.message).trim().split('\n').at(-1);
    throw new Error(`the wheel ${wheel} ${version} can't be installed here: ${reason}`);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return folder;
}
