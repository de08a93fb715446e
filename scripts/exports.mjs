// wasm-bindgen names what closures call after its place in the module, and that differs between two
// builds of the engine. Here those exports are named in the order in which the script mentions them, so
// that one script serves both builds.

import { readFileSync, writeFileSync } from 'node:fs';

const BY_PLACE = /\b__wasm_bindgen_func_elem_\d+(_\d+)?\b/g;
const EXPORTS = 7;

/** @returns the script; the module is changed where it is */
export function nameExports({ script, module }) {
  const text = readFileSync(script, 'utf8');
  const names = new Map();
  for (const [name] of text.matchAll(BY_PLACE)) {
    if (!names.has(name)) names.set(name, `__wasm_bindgen_closure_${names.size}`);
  }
  writeFileSync(module, renameExports(readFileSync(module), (name) => names.get(name) ?? name));
  return text.replaceAll(BY_PLACE, (name) => names.get(name));
}

/** A WebAssembly module with other names for what it exports. */
function renameExports(module, rename) {
  let at = 8;
  const number = () => {
    // Unsigned LEB128.
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = module[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (!(byte & 0x80)) return value;
    }
  };
  while (at < module.length) {
    const start = at;
    const section = module[at++];
    const end = number() + at;
    if (section !== EXPORTS) {
      at = end;
      continue;
    }
    const count = number();
    const parts = [leb128(count)];
    for (let i = 0; i < count; i++) {
      const length = number();
      const name = Buffer.from(rename(module.toString('utf8', at, (at += length))));
      const kind = at++;
      number();
      parts.push(leb128(name.length), name, module.subarray(kind, at));
    }
    const body = Buffer.concat(parts);
    const header = Buffer.concat([Buffer.of(EXPORTS), leb128(body.length)]);
    return Buffer.concat([module.subarray(0, start), header, body, module.subarray(end)]);
  }
  throw new Error('the engine exports nothing');
}

/** @param {number} value */
function leb128(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return Buffer.from(bytes);
}
