// The package's type declarations: one file for what users import, with all that its types need and
// nothing else, so that what is private to the package can't be taken for a promise; and those of the
// element, which stand on that.

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { ROOT, filesUnder } from './files.mjs';

const SOURCES = join(ROOT, 'www/package');

const INDEX = 'index.d.ts';
/** The element's, as they are: its classes are told apart from others only as long as each is declared once. */
const ELEMENT = ['element.d.ts', ...['attributes', 'labels', 'types', 'work'].map((name) => `element/${name}.d.ts`)];

/**
 * @param {string} folder that they go to
 * @param {string} scratch an empty folder
 * @returns {string[]} their names
 */
export function writeDeclarations(folder, scratch) {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'www/tsconfig.package.json'), '--outDir', scratch], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  for (const name of filesUnder(SOURCES)) {
    if (name.endsWith('.d.ts')) cpSync(join(SOURCES, name), join(scratch, name));
  }
  // The tool looks for the project around what it reads.
  writeFileSync(join(scratch, 'package.json'), '{ "name": "pocketglot", "version": "0.0.0", "type": "module" }');
  writeFileSync(join(folder, INDEX), withoutAliases(joined(scratch, INDEX)));
  for (const name of ELEMENT) cpSync(join(scratch, name), join(folder, name));
  return [INDEX, ...ELEMENT];
}

/** One declaration file with those inside that it needs. @param {string} folder @param {string} name */
function joined(folder, name) {
  const result = join(folder, `joined.${basename(name)}`);
  const silent = { default: { logLevel: 'none' } };
  const configObject = {
    projectFolder: folder,
    mainEntryPointFilePath: join(folder, name),
    compiler: { overrideTsconfig: compilerOptions(name) },
    apiReport: { enabled: false },
    docModel: { enabled: false },
    tsdocMetadata: { enabled: false },
    dtsRollup: { enabled: true, untrimmedFilePath: result },
    newlineKind: 'lf',
    // Its advice on comments and on what to export does not concern us; mistakes of the compiler do.
    messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent },
  };
  const config = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });
  const complaints = [];
  const messageCallback = (message) => {
    if (['error', 'warning'].includes(message.logLevel)) complaints.push(message.text);
    message.handled = true;
  };
  const { succeeded } = Extractor.invoke(config, { localBuild: true, messageCallback });
  if (!succeeded || complaints.length > 0) {
    throw new Error(`the declarations of ${name} could not be joined: ${complaints.join('; ')}`);
  }
  return readFileSync(result, 'utf8');
}

/** @param {string} name */
export function compilerOptions(name) {
  const { target, module, moduleResolution, lib, types } = JSON.parse(
    readFileSync(join(ROOT, 'www/tsconfig.json'), 'utf8').replace(/^\s*\/\/.*$/gm, ''),
  ).compilerOptions;
  return { compilerOptions: { target, module, moduleResolution, lib, types }, files: [name] };
}

/** One module's name for a type of another. */
const ALIAS = /^(export )?declare type (\w+) = (\w+);\n+/m;
/** What is left of the comment of such a name. */
const COMMENT = /^ *\/\*\* @typedef \{import\([^)]*\)\.\w+\} \w+ \*\/\n/gm;

/**
 * Modules give the types of others names of their own, which are told apart by numbers once all stand in
 * one file. Here each type has one name: the one that is exported, or else one without a number.
 * @param {string} text
 */
export function withoutAliases(text) {
  let done = '';
  let rest = text.replace(COMMENT, '');
  for (let match; (match = ALIAS.exec(rest)); ) {
    const [alias, isExported, name, meant] = match;
    const declaration = new RegExp(`^(export )?declare (?=(?:type|interface|class) ${meant}\\b)`, 'm');
    const declared = declaration.exec(done + rest);
    // It may be a type of the language, and what is exported under two names keeps both.
    if (!declared || (isExported && declared[1])) {
      done += rest.slice(0, match.index + alias.length);
      rest = rest.slice(match.index + alias.length);
      continue;
    }
    const keepsFirst = isExported || (!declared[1] && /_\d+$/.test(meant));
    const [kept, dropped] = keepsFirst ? [name, meant] : [meant, name];
    const exported = isExported || declared[1] ? 'export ' : '';
    rest = (done + rest)
      .replace(alias, '')
      .replace(declaration, `${exported}declare `)
      .replace(new RegExp(`\\b${dropped}\\b`, 'g'), kept);
    done = '';
  }
  return done + rest;
}
