//! What products in integers need of an instruction set.
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

    /// Where in a vector the byte `k` of four stands whose products go to lane `lane` of
    /// [`Isa::Sums`].
    fn place(lane: usize, k: usize) -> usize {
        4 * lane + k
    }
    /// Reads sums, a lane each; `from` is good for `WIDTH / 4` of them.
    unsafe fn load(from: *const i32) -> Self::Sums;
    /// Writes sums, a lane each; `to` is good for `WIDTH / 4` of them.
    unsafe fn store(sums: Self::Sums, to: *mut i32);
    /// Which sums are `least` or more, a bit each.
    unsafe fn reaching(sums: Self::Sums, least: i32) -> u32;
}
