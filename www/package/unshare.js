// The engine for browsers that give a page no shared memory: the same module, importing a plain one.
// Atomic instructions work on both.

const IMPORTS = 2;
const MEMORY = 2;
/** Bit of a memory's limits, beside that of "has a maximum". */
const SHARED = 2;

/**
 * @param {Uint8Array<ArrayBuffer>} module changed in place
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {WebAssembly.CompileError} if the module imports no shared memory
 */
export function unshare(module) {
  let at = 8;
  const number = () => {
    // Unsigned LEB128.
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (!(byte & 0x80)) return value;
    }
  };
  const skipName = () => {
    const length = number();
    at += length;
  };
  const skipLimits = () => {
    const flags = module[at++];
    number();
    if (flags & 1) number();
  };
  while (at < module.length) {
    const section = module[at++];
    const end = number() + at;
    if (section === IMPORTS) {
      for (let count = number(); count > 0; count--) {
        skipName();
        skipName();
        const kind = module[at++];
        if (kind === MEMORY && module[at] & SHARED) {
          module[at] &= ~SHARED;
          return module;
        }
        if (kind === 0) number();
        else if (kind === 1) at++, skipLimits();
        else if (kind === MEMORY) skipLimits();
        else at += 2;
      }
    }
    at = end;
  }
  throw new WebAssembly.CompileError('the module imports no shared memory');
}
