// The default model in other forms, for what is measured on the GPU: made once, by our own program
// where it can, else by Python programs beside this file.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installWheels } from '../wheels.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const READER = fileURLToPath(new URL('../../tests/package/read.py', import.meta.url));
/** What onnx imports, but for NumPy, which set-up sees to. */
const ONNX = { onnx: '1.23.2', protobuf: '7.36.2', ml_dtypes: '0.6.0', typing_extensions: '4.16.0' };

/** Each form: our recipe for it, or the program beside this file that writes it. */
const FORMS = {
  f32: { program: 'floats.py', ending: 'f32.safetensors' },
  int4: { recipe: 'int4', ending: 'int4.safetensors' },
  onnx: { program: 'encoder.py', ending: 'encoder.onnx' },
};

/** @typedef {keyof typeof FORMS} Form */

/** @param {import('../engines.mjs').Places} places */
export const modelsFolder = ({ target }) => join(target, 'bench', 'models');

/**
 * @param {Form} form
 * @param {import('../engines.mjs').Places} places
 * @returns {Promise<string>} the file's name in `modelsFolder`
 */
export async function makeModel(form, places) {
  const { recipe, program, ending } = FORMS[form];
  // Named after all that it is made from: a model or a program that has changed makes another.
  const inputs = recipe
    ? [places.model, places.program]
    : [places.model, join(HERE, program), join(HERE, 'package.py'), READER];
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(await readFile(input));
  const stem = basename(places.model, '.safetensors');
  const name = `${stem}-${hash.digest('hex').slice(0, 12)}.${ending}`;
  const path = join(modelsFolder(places), name);
  if (existsSync(path)) return name;
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.part`;
  if (recipe) await run(places.program, ['compress', places.model, '--recipe', recipe, '-o', unfinished]);
  else await runPython(form, [join(HERE, program), places.model, unfinished], places);
  await rename(unfinished, path);
  return name;
}

async function runPython(form, command, places) {
  const packages = [places.numpy];
  if (form === 'onnx') packages.push(await installWheels(ONNX, places.cache));
  const search = [...packages, process.env.PYTHONPATH].filter(Boolean).join(delimiter);
  const env = { ...process.env, PYTHONPATH: search, PYTHONDONTWRITEBYTECODE: '1' };
  await run('python3', command, { env });
}

async function run(program, args, options = {}) {
  try {
    await promisify(execFile)(program, args, options);
  } catch (error) {
    const reason = String(error.stderr || error.message).trim().split('\n').at(-1);
    throw new Error(`${basename(args[0])}: ${reason}`);
  }
}
