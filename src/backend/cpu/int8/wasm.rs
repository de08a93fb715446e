//! WebAssembly: 128-bit SIMD, and relaxed SIMD where the build has it.

use std::arch::wasm32::*;

use super::isa::Isa;

/// The totals of four vectors of sums, by adding across them.
#[inline(always)]
fn totals([a, b, c, d]: [v128; 4]) -> [i32; 4] {
    // Lanes 0 and 1 of both plus lanes 2 and 3 of both: a, b, a, b.
    let halves =
        |a, b| i32x4_add(i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
    let (ab, cd) = (halves(a, b), halves(c, d));
    let totals = i32x4_add(i64x2_shuffle::<0, 2>(ab, cd), i64x2_shuffle::<1, 3>(ab, cd));
    [
        i32x4_extract_lane::<0>(totals),
        i32x4_extract_lane::<1>(totals),
        i32x4_extract_lane::<2>(totals),
        i32x4_extract_lane::<3>(totals),
    ]
}

/// Plain SIMD: bytes are widened to 16 bits, whose products are summed in pairs.
#[derive(Clone, Copy)]
pub struct Simd128;

impl Isa for Simd128 {
    const WIDTH: usize = 16;
    type Sums = v128;
    type Weights = [v128; 2];
    type Input = [v128; 2];

    #[inline(always)]
    unsafe fn zero() -> v128 {
        i32x4_splat(0)
    }

    #[inline(always)]
    unsafe fn weights(from: *const i8) -> [v128; 2] {
        // SAFETY: the caller's promise.
        let bytes = unsafe { v128_load(from.cast()) };
        [i16x8_extend_low_i8x16(bytes), i16x8_extend_high_i8x16(bytes)]
    }

    #[inline(always)]
    unsafe fn input(from: *const i8) -> [v128; 2] {
        // SAFETY: the caller's promise.
        unsafe { Self::weights(from) }
    }

    #[inline(always)]
    unsafe fn multiply_add(sums: v128, w: [v128; 2], x: [v128; 2]) -> v128 {
        let low = i32x4_dot_i16x8(w[0], x[0]);
        i32x4_add(i32x4_add(sums, low), i32x4_dot_i16x8(w[1], x[1]))
    }

    #[inline(always)]
    unsafe fn totals(sums: [v128; 4]) -> [i32; 4] {
        totals(sums)
    }
}

/// Relaxed products of bytes; `UNSIGNED` is how the host takes the second factor.
#[cfg(target_feature = "relaxed-simd")]
#[derive(Clone, Copy)]
pub struct Relaxed<const UNSIGNED: bool>;

#[cfg(target_feature = "relaxed-simd")]
impl<const UNSIGNED: bool> Isa for Relaxed<UNSIGNED> {
    const WIDTH: usize = 16;
    const OFFSET: i32 = if UNSIGNED { 128 } else { 0 };
    type Sums = v128;
    type Weights = v128;
    type Input = v128;

    #[inline(always)]
    unsafe fn zero() -> v128 {
        i32x4_splat(0)
    }

    #[inline(always)]
    unsafe fn weights(from: *const i8) -> v128 {
        // SAFETY: the caller's promise.
        unsafe { v128_load(from.cast()) }
    }

    #[inline(always)]
    unsafe fn input(from: *const i8) -> v128 {
        // SAFETY: the caller's promise.
        unsafe { v128_load(from.cast()) }
    }

    #[inline(always)]
    unsafe fn multiply_add(sums: v128, w: v128, x: v128) -> v128 {
        i32x4_relaxed_dot_i8x16_i7x16_add(w, x, sums)
    }

    #[inline(always)]
    unsafe fn totals(sums: [v128; 4]) -> [i32; 4] {
        totals(sums)
    }
}

/// How this host multiplies a signed byte with one whose highest bit is set, which the standard
/// leaves to it: asked of the host itself, with values that would show any saturation. None where
/// neither scheme is exact: hosts that sum pairs in 16 bits with saturation, as x86 does without
/// VNNI. Plain SIMD serves those.
#[cfg(target_feature = "relaxed-simd")]
pub fn relaxed_level() -> Option<crate::backend::cpu::simd::Level> {
    use crate::backend::cpu::simd::Level;
    use std::hint::black_box;
    let product = |w: i8, x: u8| {
        // Black boxes, or the compiler would answer for a host that it does not know.
        let (w, x) = (i8x16_splat(black_box(w)), u8x16_splat(black_box(x)));
        i32x4_extract_lane::<0>(i32x4_relaxed_dot_i8x16_i7x16_add(w, x, i32x4_splat(7)))
    };
    let exact = |factor: fn(u8) -> i32| {
        let cases = [(127, 255), (-128, 255), (127, 128), (-128, 129), (-128, 127), (1, 0)];
        cases.iter().all(|&(w, x)| product(w, x) == 4 * i32::from(w) * factor(x) + 7)
    };
    if exact(i32::from) {
        Some(Level::RelaxedUnsigned)
    } else if exact(|x| i32::from(x.cast_signed())) {
        Some(Level::RelaxedSigned)
    } else {
        None
    }
}
