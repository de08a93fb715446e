// Packs folders as npm does, into dist/npm. The same content gives the same bytes, since npm gives all
// files one time.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './files.mjs';

const TARBALLS = join(ROOT, 'dist/npm');

/**
 * Packs a package in the place of its earlier versions.
 * @param {string} folder
 * @param {(files: string[]) => void} check throws if the tarball must not be kept
 */
export function pack(folder, check) {
  mkdirSync(TARBALLS, { recursive: true });
  const args = ['pack', folder, '--json', '--ignore-scripts', '--pack-destination', TARBALLS];
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }));
  const { name, filename, size } = packed;
  const files = packed.files.map((/** @type {{ path: string }} */ file) => file.path);
  try {
    check(files);
  } catch (error) {
    rmSync(join(TARBALLS, filename));
    throw error;
  }
  for (const other of readdirSync(TARBALLS)) {
    const isEarlier = other.startsWith(`${name}-`) && /^\d.*\.tgz$/.test(other.slice(name.length + 1));
    if (isEarlier && other !== filename) rmSync(join(TARBALLS, other));
  }
  console.log(`[package] dist/npm/${filename}: ${files.length} files, ${(size / 1e6).toFixed(2)} MB`);
}

/**
 * Says what a tarball lacks or must not hold, and what its manifest promises without having it.
 * @param {string[]} files
 * @param {{ exports: unknown, types?: string }} manifest
 * @param {{ required: string[], allowed: RegExp }} rules
 */
export function checkFiles(files, manifest, { required, allowed }) {
  const missing = required.filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`the tarball lacks ${missing.join(', ')}`);
  const stray = files.filter((file) => !allowed.test(file));
  if (stray.length > 0) throw new Error(`the tarball must not hold ${stray.join(', ')}`);
  const promised = entryPoints([manifest.exports, manifest.types ?? []]).filter((path) => !path.includes('*'));
  const broken = promised.filter((path) => !files.includes(path));
  if (broken.length > 0) throw new Error(`package.json points to ${broken.join(', ')}, which is not there`);
}

/** Every file that a manifest's `exports` name. @param {unknown} value @returns {string[]} */
export function entryPoints(value) {
  if (typeof value === 'string') return [value.replace(/^\.\//, '')];
  return Object.values(value ?? {}).flatMap(entryPoints);
}
