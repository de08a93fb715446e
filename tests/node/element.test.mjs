// The element in other people's projects: on a server, in a bundle, and its types. From the packed
// tarball.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { ROOT } from '../../scripts/files.mjs';
import { install } from './installed.mjs';

let project;
before(async () => (project = await install()));
after(() => project.remove());

test('a_server_that_renders_pages_may_import_it', async () => {
  const program = await project.run(`
    import { PocketTranslator } from 'pocketglot/element';
    console.log(PocketTranslator.formAssociated);
  `);
  assert.deepEqual(await program.ended, { stdout: 'true\n', stderr: '', status: 0, signal: null });
});

test('a_bundle_with_the_element_holds_the_package_once_and_loads_it_later', async () => {
  const { metafile } = await build({
    stdin: { contents: "import 'pocketglot/element'; document.title = await import('pocketglot');", resolveDir: project.folder },
    ...{ absWorkingDir: project.folder, bundle: true, splitting: true, outdir: 'out', write: false },
    ...{ metafile: true, format: 'esm', platform: 'browser' },
  });
  const holding = (script) =>
    Object.values(metafile.outputs).filter(({ inputs }) => `node_modules/pocketglot/${script}` in inputs);
  assert.equal(holding('index.js').length, 1);
  const [first] = holding('element.js');
  assert.ok(!('node_modules/pocketglot/index.js' in first.inputs));
});

const PROGRAM = `
import 'pocketglot/element';
import { PocketTranslator, type Labels } from 'pocketglot/element';
const element = document.querySelector('pocket-translator')!;
element.from = 'en';
element.model = new Blob([]);
element.labels = { copy: 'Copiar' } satisfies Partial<Labels>;
element.addEventListener('translate', ({ detail }) => detail.translation.trim());
element.addEventListener('downloadprogress', ({ loadedBytes }) => loadedBytes?.toFixed());
element.addEventListener('click', ({ clientX }) => clientX);
export const text: Promise<string> = element.translateNow();
customElements.define('my-translator', class extends PocketTranslator {});
// @ts-expect-error
element.addEventListener('translate', ({ detail }) => detail.nothing);
// @ts-expect-error
element.labels = { nothing: '' };
`;

test('the_element_and_its_events_are_known_by_type', () => {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: 'es2022', module: 'nodenext', types: [] },
    lib: ['es2023', 'dom', 'dom.iterable'],
  };
  writeFileSync(join(project.folder, 'program.ts'), PROGRAM);
  writeFileSync(join(project.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', '.'], { cwd: project.folder, stdio: ['ignore', 'inherit', 'inherit'] });
});
