// Packs dist/package into dist/npm/pocketglot-<version>.tgz, with type declarations, and one package for
// each direction's model.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDeclarations } from './declarations.mjs';
import { ROOT, runScript } from './files.mjs';
import { packModels } from './model-packages.mjs';
import { checkFiles, pack } from './tarball.mjs';

const PACKAGE = join(ROOT, 'dist/package');

const RULES = {
  /** Without one of these the package would not work, or would break its licences. */
  required: [
    'package.json', 'README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'third-party-notices.txt',
    'index.js', 'index.d.ts', 'element.js', 'element.d.ts', 'worker.js', 'thread.js', 'gunzip.js', 'any-worker.js',
    'node.js', 'node-worker.js',
    'engine-simd.wasm', 'engine-relaxed.wasm',
    'lab.worker.js', 'lab-relaxed.wasm', 'lab-simd.wasm', 'calibration.en-pt.tsv',
    'train.worker.js', 'train.wasm', 'sentences.en-pt.tsv',
    'registry.schema.json',
  ],
  allowed: /^(package\.json|registry\.schema\.json|README\.md|LICENSE-[A-Z]+|third-party-notices\.txt|[\w.-]+\.(js|d\.ts|wasm|tsv)|element\/\w+\.d\.ts)$/,
};

/** The version in Cargo.toml rules; the package must have the same. */
function checkVersion(manifest) {
  const version = /^version *= *"(.*)"$/m.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'))?.[1];
  if (manifest.version !== version) {
    throw new Error(`www/package/package.json has version ${manifest.version}, Cargo.toml ${version}`);
  }
}

function packPackage(scratch) {
  const folder = join(scratch, 'package');
  cpSync(PACKAGE, folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  checkVersion(manifest);

  for (const name of readdirSync(folder)) if (name.endsWith('.d.ts')) rmSync(join(folder, name));
  rmSync(join(folder, 'element'), { recursive: true, force: true });
  const types = join(scratch, 'types');
  mkdirSync(types);
  const declarations = writeDeclarations(folder, types);

  pack(folder, (files) => {
    checkFiles(files, manifest, RULES);
    const extra = files.filter((file) => file.endsWith('.d.ts') && !declarations.includes(file));
    if (extra.length > 0) throw new Error(`the tarball must not hold ${extra.join(', ')}: nobody can import it`);
  });
}

await runScript('package', () => {
  if (!existsSync(join(PACKAGE, 'package.json'))) {
    throw new Error('dist/package holds no package; run: make build');
  }
  const scratch = mkdtempSync(join(tmpdir(), 'pocketglot-package-'));
  try {
    packPackage(scratch);
    packModels(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
