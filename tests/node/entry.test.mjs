// Who gets which script of the package, and its types. From the packed tarball.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { ROOT } from '../../scripts/files.mjs';
import { install } from './installed.mjs';

let project;
before(async () => (project = await install()));
after(() => project.remove());

test('bundlers_for_browsers_take_nothing_that_is_meant_for_node', async () => {
  for (const [platform, script] of [
    ['browser', 'index.js'],
    ['node', 'node.js'],
  ]) {
    const { metafile } = await build({
      stdin: { contents: "import { Translator } from 'pocketglot'; console.log(Translator);", resolveDir: project.folder },
      ...{ absWorkingDir: project.folder, bundle: true, write: false, metafile: true, format: 'esm', platform },
    });
    const scripts = Object.keys(metafile.inputs).filter((path) => path.includes('pocketglot/'));
    assert.deepEqual(scripts, [`node_modules/pocketglot/${script}`]);
  }
});

test('the_example_has_the_types_of_the_package', () => {
  cpSync(join(ROOT, 'examples/node/translate.mjs'), join(project.folder, 'translate.mjs'));
  // The types are those of the web's API, which names things of browsers.
  const compilerOptions = {
    ...{ strict: true, noEmit: true, allowJs: true, checkJs: true, skipLibCheck: true },
    ...{ target: 'es2022', module: 'nodenext', lib: ['es2023', 'dom', 'dom.iterable'] },
    ...{ typeRoots: [join(ROOT, 'node_modules/@types')], types: ['node'] },
  };
  writeFileSync(
    join(project.folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['translate.mjs'] }),
  );
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', '.'], { cwd: project.folder, stdio: ['ignore', 'inherit', 'inherit'] });
});
