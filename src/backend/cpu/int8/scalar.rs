//! Plain Rust, for machines without any of the other instruction sets.

use super::isa::Isa;

/// Sums in four lanes.
#[derive(Clone, Copy)]
pub struct Scalar;

impl Isa for Scalar {
    const WIDTH: usize = 16;
    type Sums = [i32; 4];
    type Weights = [i16; 16];
    type Input = [i16; 16];

    #[inline(always)]
    unsafe fn zero() -> [i32; 4] {
        [0; 4]
    }

    #[inline(always)]
    unsafe fn weights(from: *const i8) -> [i16; 16] {
        // SAFETY: the caller's promise.
        unsafe { from.cast::<[i8; 16]>().read() }.map(i16::from)
    }

    #[inline(always)]
    unsafe fn input(from: *const i8) -> [i16; 16] {
        // SAFETY: the caller's promise.
        unsafe { Self::weights(from) }
    }

    #[inline(always)]
    unsafe fn multiply_add(mut sums: [i32; 4], w: [i16; 16], x: [i16; 16]) -> [i32; 4] {
        for pair in 0..8 {
            let at = 2 * pair;
            sums[pair % 4] +=
                i32::from(w[at]) * i32::from(x[at]) + i32::from(w[at + 1]) * i32::from(x[at + 1]);
        }
        sums
    }

    #[inline(always)]
    unsafe fn totals(sums: [[i32; 4]; 4]) -> [i32; 4] {
        sums.map(|sums| sums.iter().fold(0i32, |a, &b| a.wrapping_add(b)))
    }

    fn place(lane: usize, k: usize) -> usize {
        8 * (k / 2) + 2 * lane + k % 2
    }

    #[inline(always)]
    unsafe fn load(from: *const i32) -> [i32; 4] {
        // SAFETY: the caller's promise.
        unsafe { from.cast::<[i32; 4]>().read() }
    }

    #[inline(always)]
    unsafe fn store(sums: [i32; 4], to: *mut i32) {
        // SAFETY: the caller's promise.
        unsafe { to.cast::<[i32; 4]>().write(sums) }
    }

    #[inline(always)]
    unsafe fn reaching(sums: [i32; 4], least: i32) -> u32 {
        (0..4).map(|lane| u32::from(sums[lane] >= least) << lane).sum()
    }
}
