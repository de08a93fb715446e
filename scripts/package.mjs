// Packs dist/package into dist/npm/pocketglot-<version>.tgz, with type declarations.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, runScript } from './files.mjs';

const PACKAGE = join(ROOT, 'dist/package');
const TARBALLS = join(ROOT, 'dist/npm');

/** Without one of these the package would not work, or would break its licences. */
const REQUIRED = [
  'package.json', 'README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'third-party-notices.txt',
  'index.js', 'index.d.ts', 'worker.js', 'thread.js', 'gunzip.js', 'any-worker.js',
  'node.js', 'node-worker.js',
  'engine.d.ts', 'engine-simd.wasm', 'engine-relaxed.wasm',
  'lab.worker.js', 'lab.d.ts', 'lab-relaxed.wasm', 'lab-simd.wasm', 'calibration.en-pt.tsv',
  'registry.schema.json',
];
const ALLOWED = /^(package\.json|registry\.schema\.json|[A-Z-]+(\.md)?|third-party-notices\.txt|([\w-]+\/)*[\w.-]+\.(js|d\.ts|wasm|tsv))$/;

/** The version in Cargo.toml rules; the package must have the same. */
function checkVersion(manifest) {
  const version = /^version *= *"(.*)"$/m.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'))?.[1];
  if (manifest.version !== version) {
    throw new Error(`www/package/package.json has version ${manifest.version}, Cargo.toml ${version}`);
  }
}

function checkFiles(files) {
  const missing = REQUIRED.filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`the tarball lacks ${missing.join(', ')}`);
  const stray = files.filter((file) => !ALLOWED.test(file));
  if (stray.length > 0) throw new Error(`the tarball must not hold ${stray.join(', ')}`);
}

/** Every file that the manifest promises to importers. */
function entryPoints(value) {
  if (typeof value === 'string') return value.startsWith('./') ? [value.slice(2)] : [value];
  return Object.values(value ?? {}).flatMap(entryPoints);
}

await runScript('package', () => {
  if (!existsSync(join(PACKAGE, 'package.json'))) {
    throw new Error('dist/package holds no package; run: make build');
  }
  const scratch = mkdtempSync(join(tmpdir(), 'pocketglot-package-'));
  try {
    cpSync(PACKAGE, scratch, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(scratch, 'package.json'), 'utf8'));
    checkVersion(manifest);

    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'www/tsconfig.package.json'), '--outDir', scratch], {
      cwd: ROOT,
      stdio: 'inherit',
    });

    mkdirSync(TARBALLS, { recursive: true });
    const args = ['pack', scratch, '--json', '--ignore-scripts', '--pack-destination', TARBALLS];
    const [packed] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }));
    const files = packed.files.map((file) => file.path);
    try {
      checkFiles(files);
      const broken = entryPoints([manifest.exports, manifest.types ?? []]).filter((file) => !files.includes(file));
      if (broken.length > 0) throw new Error(`package.json points to ${broken.join(', ')}, which is not there`);
    } catch (error) {
      rmSync(join(TARBALLS, packed.filename));
      throw error;
    }
    const size = (packed.size / 1000).toFixed(0);
    console.log(`[package] dist/npm/${packed.filename}: ${files.length} files, ${size} kB`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
