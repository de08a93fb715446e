//! What products in integers need of an instruction set, and the plainest of them.
//!
//! Both factors lie in rows along the inner dimension, so a vector of one meets a vector of the
//! other, and each output has a vector of partial sums that are added at the end. All sums are
//! exact (modulo 2³²), so every instruction set gives the same integers.

/// Bytes to which rows are padded with zeros: the widest vector of any instruction set here.
pub const STEP: usize = 32;

/// An instruction set. Its functions are inlined into kernels that are compiled for it.
///
/// # Safety
/// Callers make sure that the machine has the instructions, and that pointers are good for
/// [`Isa::WIDTH`] bytes.
pub trait Isa: Copy {
    /// Bytes a vector; divides [`STEP`].
    const WIDTH: usize;
    /// What is added to activations, so that those that take only unsigned ones can be used; its
    /// products with the weights are taken off at the end.
    const OFFSET: i32 = 0;
    /// Whether neighbouring products are added in 16 bits that saturate: [`super::saturation`].
    const SATURATES: bool = false;
    /// Partial sums of one output.
    type Sums: Copy;
    /// A vector of weights, ready for [`Isa::multiply_add`].
    type Weights: Copy;
    /// A vector of activations, ready for [`Isa::multiply_add`].
    type Input: Copy;

    unsafe fn zero() -> Self::Sums;
    unsafe fn weights(from: *const i8) -> Self::Weights;
    unsafe fn input(from: *const i8) -> Self::Input;
    unsafe fn multiply_add(sums: Self::Sums, w: Self::Weights, x: Self::Input) -> Self::Sums;
    /// The totals of four outputs.
    unsafe fn totals(sums: [Self::Sums; 4]) -> [i32; 4];
}

/// Plain Rust, for machines without any of the others.
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
}
