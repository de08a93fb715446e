// Makes the package's reference, docs/package/reference*.md, of its type declarations: a page for each
// script that users import, with all that its types need. TypeDoc wants an older TypeScript than ours; both
// stand in a folder of their own.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compilerOptions, writeDeclarations } from './declarations.mjs';
import { ROOT, runScript } from './files.mjs';
import { anchorsOf } from './markdown.mjs';
import { entryPoints } from './tarball.mjs';

const PAGES = join(ROOT, 'docs/package');
const TOOLS = join(ROOT, 'scripts/reference');
const TYPEDOC = join(TOOLS, 'node_modules/typedoc/bin/typedoc');

const OPTIONS = {
  plugin: ['typedoc-plugin-markdown'],
  validation: { notExported: false },
  outputFileStrategy: 'modules',
  readme: 'none',
  // What the web's own classes have stands elsewhere.
  excludeExternals: true,
  excludePrivate: true,
  excludeProtected: true,
  groupOrder: ['Classes', 'Functions', '*'],
  sort: ['kind', 'alphabetical'],
  disableSources: true,
  hidePageHeader: true,
  hidePageTitle: true,
  hideBreadcrumbs: true,
  hideGroupHeadings: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  // The declarations were made by the compiler.
  skipErrorChecking: true,
  treatWarningsAsErrors: true,
  logLevel: 'Warn',
};

/** @param {string} module as users import it */
const introduction = (module) => `# Reference of \`${module}\`

All that \`${module}\` exports, and the types that this needs. Made of the comments in \`www/package/\` by
\`make reference\`; a test tells when it is out of date. How to use it: the [guide](guide.md).

`;

/** @returns {Map<string, string>} what the pages must hold, by their paths */
export function makeReference() {
  if (!existsSync(TYPEDOC)) throw new Error('the tools in scripts/reference are missing; run: make reference');
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'www/package/package.json'), 'utf8'));
  const scripts = new Set(entryPoints(exports).filter((path) => path.endsWith('.d.ts')));
  const scratch = mkdtempSync(join(tmpdir(), 'pocketglot-reference-'));
  try {
    const [parts, types] = ['parts', 'types'].map((folder) => join(scratch, folder));
    mkdirSync(parts);
    mkdirSync(types);
    writeDeclarations(types, parts);
    for (const script of scripts) describeNames(join(types, script));
    return new Map(
      [...scripts].map((script) => {
        const part = basename(script, '.d.ts');
        const [module, page, more] =
          part === 'index' ? [name, 'reference.md', COMPLETE] : [`${name}/${part}`, `reference.${part}.md`, {}];
        return [join(PAGES, page), introduction(module) + describe(join(types, script), module, more, scratch)];
      }),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Where a module only names types of another, these are described, and not the names. */
const NAMES = /^export type (\w+) = import\(['"]([^'"]+)['"]\)\.\1;$/gm;
/** It is PocketTranslator once more, with its events known to `addEventListener`. */
const TWICE = 'PocketTranslatorElement';

/** @param {string} path of a declaration file */
function describeNames(path) {
  const text = readFileSync(path, 'utf8').replace(NAMES, (_, name, from) =>
    name === TWICE ? '' : `export type { ${name} } from '${from}';`,
  );
  writeFileSync(path, text);
}

/** Types that only others are made of stand on the first page; there they have one name each. */
const COMPLETE = { plugin: [...OPTIONS.plugin, 'typedoc-plugin-missing-exports'], placeInternalsInOwningModule: true };

/** @param {string} declarations a file @param {string} name @param {object} more options @param {string} scratch */
function describe(declarations, name, more, scratch) {
  const tsconfig = join(scratch, 'tsconfig.json');
  writeFileSync(tsconfig, JSON.stringify(compilerOptions(declarations)));
  const options = join(scratch, 'typedoc.json');
  const out = join(scratch, 'out');
  writeFileSync(options, JSON.stringify({ ...OPTIONS, ...more, name, entryPoints: [declarations], tsconfig, out }));
  execFileSync(process.execPath, [TYPEDOC, '--options', options], { cwd: TOOLS, stdio: 'inherit' });
  return tidy(readFileSync(join(out, 'README.md'), 'utf8'));
}

/** Without marks that nothing links to, and dashes where there is nothing to say. @param {string} page */
function tidy(page) {
  const text = page.replace(/<a id="[^"]*"><\/a> /g, '').replace(/\| - (?=\|)/g, '|  ');
  const anchors = anchorsOf(text);
  // The plugin takes a member and a type for namesakes where only their full names are alike.
  return text.replace(/\]\(#([\w-]+)-\d+\)/g, (link, name) =>
    !anchors.has(link.slice(3, -1)) && anchors.has(name) ? `](#${name})` : link,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runScript('reference', () => {
    mkdirSync(PAGES, { recursive: true });
    for (const [path, page] of makeReference()) {
      writeFileSync(path, page);
      console.log(`[reference] docs/package/${basename(path)}`);
    }
  });
}
