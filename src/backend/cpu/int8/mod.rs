//! Products in 8-bit integers: `weight · activation` summed in 32 bits, exactly, on every machine.
//!
//! Weights are used where they lie. A codec's codes `[out, in]` are in rows along the inner
//! dimension, which is all that the kernels want, so a model that has just been downloaded is
//! ready: nothing is packed and nothing is copied, unless rows must be padded.
//!
//! Activations are rounded to 8 bits once, by the multiplier that the model fixes or by one for
//! each row; every product with the same input shares them.

mod isa;
mod kernel;
mod matrix;
mod quantize;
mod saturation;
#[cfg(not(target_arch = "wasm32"))]
mod scalar;
mod screen;
#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use matrix::Int8Matrix;
pub use quantize::Codes;
pub use screen::{LARGEST as LARGEST_PIECE, Pieces};
#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
pub use wasm::relaxed::level as relaxed_level;

use super::logits::{Found, Lists};
use super::pool::Buffer;
use super::simd::Level;
use super::tensor::Tensor;
use crate::backend::{Activation, Candidates};
use kernel::Layer;

/// Rows of activations that a feed-forward layer takes through both its products at once: what
/// lies between stays near the processor.
const FEED_FORWARD_ROWS: usize = 32;

/// Calls `run` with the codes of `x` that `matrix` wants: those that are there, or new ones.
fn with_codes<R>(
    level: Level,
    x: &Tensor,
    matrix: &Int8Matrix,
    run: impl FnOnce(&Codes) -> R,
) -> R {
    assert_eq!(x.width(), matrix.columns(), "the product's inner dimensions differ");
    let make = || Codes::of(level, x.data(), x.width(), matrix.input_scale());
    let codes = x.codes(make);
    if codes.input_scale() == matrix.input_scale() { run(codes) } else { run(&make()) }
}

/// The twin of [`Backend::linear`](crate::backend::Backend::linear).
pub fn linear(
    level: Level,
    x: &Tensor,
    weight: &Int8Matrix,
    bias: Option<&[f32]>,
    activation: Activation,
) -> Tensor {
    let mut out = Tensor::any(x.rows(), weight.rows());
    let layer = Layer { weight, bias, relu: activation == Activation::Relu };
    with_codes(level, x, weight, |codes| {
        kernel::linear(level, codes, 0..x.rows(), layer, out.data_mut());
    });
    out
}

/// The twin of [`Backend::feed_forward`](crate::backend::Backend::feed_forward).
pub fn feed_forward(
    level: Level,
    x: &Tensor,
    inner: (&Int8Matrix, Option<&[f32]>),
    outer: (&Int8Matrix, Option<&[f32]>),
) -> Tensor {
    let mut out = Tensor::any(x.rows(), outer.0.rows());
    let width = inner.0.rows();
    assert_eq!(width, outer.0.columns(), "the products do not fit each other");
    let first = Layer { weight: inner.0, bias: inner.1, relu: true };
    let second = Layer { weight: outer.0, bias: outer.1, relu: false };
    let mut inside = Buffer::any(x.rows().min(FEED_FORWARD_ROWS) * width);
    with_codes(level, x, inner.0, |codes| {
        let outs = out.data_mut().chunks_mut(FEED_FORWARD_ROWS * outer.0.rows());
        for (block, out) in outs.enumerate() {
            let start = block * FEED_FORWARD_ROWS;
            let rows = start..x.rows().min(start + FEED_FORWARD_ROWS);
            let inside = &mut inside[..rows.len() * width];
            kernel::linear(level, codes, rows.clone(), first, inside);
            let codes = Codes::of(level, inside, width, outer.0.input_scale());
            kernel::linear(level, &codes, 0..rows.len(), second, out);
        }
    });
    out
}

/// `h · tableᵀ + bias` over each row's candidates, one row's after the other.
pub fn logits(
    level: Level,
    h: &Tensor,
    table: &Int8Matrix,
    bias: &[f32],
    lists: Lists<'_>,
    out: &mut [f32],
) {
    with_codes(level, h, table, |codes| kernel::logits(level, codes, table, bias, lists, out));
}

/// `x · tableᵀ` of rows in floats that are as wide as the table, `[rows, vocabulary]`.
pub fn rows_times(level: Level, x: &[f32], table: &Int8Matrix) -> Vec<f32> {
    let codes = Codes::of(level, x, table.columns(), None);
    let mut out = vec![0.0; codes.rows() * table.rows()];
    let layer = Layer { weight: table, bias: None, relu: false };
    kernel::linear(level, &codes, 0..codes.rows(), layer, &mut out);
    out
}

/// The pieces that score best for each of `states`, which have `multiplier` codes a unit: see
/// [`screen::select`].
pub fn select(
    level: Level,
    states: &Tensor,
    multiplier: f32,
    pieces: &Pieces,
    limits: [usize; 2],
    lists: &[Candidates],
) -> Found {
    let codes = Codes::of(level, states.data(), states.width(), Some(multiplier));
    screen::select(level, &codes, pieces, limits, lists)
}
