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

    fn place(lane: usize, k: usize) -> usize {
        8 * (k / 2) + 2 * lane + k % 2
    }

    #[inline(always)]
    unsafe fn load(from: *const i32) -> v128 {
        // SAFETY: the caller's promise.
        unsafe { v128_load(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store(sums: v128, to: *mut i32) {
        // SAFETY: the caller's promise.
        unsafe { v128_store(to.cast(), sums) }
    }

    #[inline(always)]
    unsafe fn reaching(sums: v128, least: i32) -> u32 {
        u32::from(i32x4_bitmask(i32x4_ge(sums, i32x4_splat(least))))
    }
}

/// How a host multiplies bytes by relaxed instructions.
#[cfg(target_feature = "relaxed-simd")]
pub mod relaxed {
    use super::*;
    use crate::backend::cpu::simd::Level;

    /// The second factor is taken as unsigned, and nothing saturates: x86 with VNNI.
    #[derive(Clone, Copy)]
    pub struct Unsigned;

    /// The second factor is taken as unsigned, and pairs are added in 16 bits that saturate: x86
    /// without VNNI.
    #[derive(Clone, Copy)]
    pub struct Saturating;

    /// Both factors are taken as signed: ARM.
    #[derive(Clone, Copy)]
    pub struct Signed;

    macro_rules! relaxed {
        ($name:ident, $offset:literal, $saturates:literal) => {
            impl Isa for $name {
                const WIDTH: usize = 16;
                const OFFSET: i32 = $offset;
                const SATURATES: bool = $saturates;
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

                #[inline(always)]
                unsafe fn load(from: *const i32) -> v128 {
                    // SAFETY: the caller's promise.
                    unsafe { v128_load(from.cast()) }
                }

                #[inline(always)]
                unsafe fn store(sums: v128, to: *mut i32) {
                    // SAFETY: the caller's promise.
                    unsafe { v128_store(to.cast(), sums) }
                }

                #[inline(always)]
                unsafe fn reaching(sums: v128, least: i32) -> u32 {
                    u32::from(i32x4_bitmask(i32x4_ge(sums, i32x4_splat(least))))
                }
            }
        };
    }
    relaxed!(Unsigned, 128, false);
    relaxed!(Saturating, 128, true);
    relaxed!(Signed, 0, false);

    /// Weights and activations that show which way a host goes, none of which saturates.
    const CASES: [(i8, u8); 6] = [(64, 255), (-64, 255), (64, 128), (-64, 129), (127, 127), (1, 0)];
    /// Those that saturate where anything does.
    const EXTREMES: [(i8, u8); 3] = [(127, 255), (-128, 255), (127, 128)];

    /// How this host takes a second factor whose highest bit is set, which the standard leaves to
    /// it: the host itself is asked. None if it is like none that is known; plain SIMD serves it.
    pub fn level() -> Option<Level> {
        use std::hint::black_box;
        let exact = |cases: &[(i8, u8)], factor: fn(u8) -> i32| {
            cases.iter().all(|&(w, x)| {
                // Black boxes, or the compiler would answer for a host that it does not know.
                let factors = (i8x16_splat(black_box(w)), u8x16_splat(black_box(x)));
                let sums = i32x4_relaxed_dot_i8x16_i7x16_add(factors.0, factors.1, i32x4_splat(7));
                i32x4_extract_lane::<0>(sums) == 4 * i32::from(w) * factor(x) + 7
            })
        };
        let signed: fn(u8) -> i32 = |x| i32::from(x.cast_signed());
        match (exact(&CASES, i32::from), exact(&EXTREMES, i32::from)) {
            (true, true) => Some(Level::RelaxedUnsigned),
            (true, false) => Some(Level::RelaxedSaturating),
            _ if exact(&CASES, signed) && exact(&EXTREMES, signed) => Some(Level::RelaxedSigned),
            _ => None,
        }
    }
}
