//! x86-64: AVX2, and VNNI in both its encodings.

use std::arch::x86_64::*;

use super::isa::Isa;

/// The totals of four vectors of sums.
#[inline(always)]
unsafe fn totals(sums: [__m256i; 4]) -> [i32; 4] {
    // SAFETY: the caller's promise; the types have the same size.
    unsafe {
        let [a, b, c, d] = sums;
        let all = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
        let all = _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256::<1>(all));
        std::mem::transmute(all)
    }
}

#[inline(always)]
unsafe fn load(from: *const i8) -> __m256i {
    // SAFETY: the caller's promise.
    unsafe { _mm256_loadu_si256(from.cast()) }
}

/// Instruction sets that multiply unsigned activations with signed weights; they differ in how the
/// products are added.
macro_rules! isa {
    (
        $(#[$doc:meta])*
        $name:ident, saturates: $saturates:literal, |$sums:ident, $x:ident, $w:ident| $added:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name;

        impl Isa for $name {
            const WIDTH: usize = 32;
            const OFFSET: i32 = 128;
            const SATURATES: bool = $saturates;
            type Sums = __m256i;
            type Weights = __m256i;
            type Input = __m256i;

            #[inline(always)]
            unsafe fn zero() -> __m256i {
                // SAFETY: the caller's promise.
                unsafe { _mm256_setzero_si256() }
            }

            #[inline(always)]
            unsafe fn weights(from: *const i8) -> __m256i {
                // SAFETY: the caller's promise.
                unsafe { load(from) }
            }

            #[inline(always)]
            unsafe fn input(from: *const i8) -> __m256i {
                // SAFETY: the caller's promise.
                unsafe { load(from) }
            }

            #[inline(always)]
            unsafe fn multiply_add($sums: __m256i, $w: __m256i, $x: __m256i) -> __m256i {
                // SAFETY: the caller's promise.
                unsafe { $added }
            }

            #[inline(always)]
            unsafe fn totals(sums: [__m256i; 4]) -> [i32; 4] {
                // SAFETY: the caller's promise.
                unsafe { totals(sums) }
            }

            #[inline(always)]
            unsafe fn load(from: *const i32) -> __m256i {
                // SAFETY: the caller's promise.
                unsafe { _mm256_loadu_si256(from.cast()) }
            }

            #[inline(always)]
            unsafe fn store(sums: __m256i, to: *mut i32) {
                // SAFETY: the caller's promise.
                unsafe { _mm256_storeu_si256(to.cast(), sums) }
            }

            #[inline(always)]
            unsafe fn reaching(sums: __m256i, least: i32) -> u32 {
                // SAFETY: the caller's promise.
                unsafe {
                    let below = _mm256_cmpgt_epi32(_mm256_set1_epi32(least), sums);
                    !_mm256_movemask_ps(_mm256_castsi256_ps(below)) as u32 & 0xff
                }
            }
        }
    };
}

isa!(
    /// AVX2 without VNNI: products are added in pairs in 16 bits that saturate, and then in 32.
    Avx2,
    saturates: true,
    |sums, x, w| {
        let pairs = _mm256_maddubs_epi16(x, w);
        _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
    }
);
isa!(
    /// VNNI: products are added in 32 bits by one instruction.
    AvxVnni,
    saturates: false,
    |sums, x, w| _mm256_dpbusd_avx_epi32(sums, x, w)
);
isa!(
    /// The same in the encoding of AVX-512.
    Avx512Vnni,
    saturates: false,
    |sums, x, w| _mm256_dpbusd_epi32(sums, x, w)
);
