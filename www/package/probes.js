// What a browser's WebAssembly can do, asked by tiny modules that are valid or not.

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** A module with one function, () → v128, of this code. @param {number[]} code */
const vectorProbe = (code) =>
  Uint8Array.of(
    ...[...HEADER, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0],
    ...[10, code.length + 4, 1, code.length + 2, 0, ...code, 0x0b],
  );
/** `i8x16.splat(0)` */
const ZERO = [0x41, 0, 0xfd, 0x0f];
/** Valid only with 128-bit SIMD: `i8x16.popcnt`. */
const SIMD = vectorProbe([...ZERO, 0xfd, 0x62]);
/** Valid only with relaxed SIMD: `i32x4.relaxed_dot_i8x16_i7x16_add_s`. */
const RELAXED = vectorProbe([...ZERO, ...ZERO, ...ZERO, 0xfd, 0x93, 2]);
/** Valid only with atomic instructions: `i32.atomic.load` from a memory of its own. */
const ATOMICS = Uint8Array.of(
  ...[...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1],
  ...[10, 11, 1, 9, 0, 0x41, 0, 0xfe, 0x10, 2, 0, 0x1a, 0x0b],
);

export const hasSimd = () => WebAssembly.validate(SIMD);
export const hasRelaxedSimd = () => WebAssembly.validate(RELAXED);
export const hasAtomics = () => WebAssembly.validate(ATOMICS);
