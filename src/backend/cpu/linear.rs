//! The product with a weight matrix in floats, over weights packed in panels.
//!
//! A panel holds [`PANEL`] output columns with the inner dimension outermost, so that one step of
//! the inner loop is one contiguous load and a few multiply-adds into registers. Each output is
//! summed in the order of the inner dimension whatever the number of rows: a sentence gives the
//! same result alone and in a batch.

use super::simd::{Level, dispatch, multiply_add};
use super::tensor::Tensor;
use crate::backend::Activation;
use crate::codec::Codec;

/// Output columns a panel: with [`TILE`] rows the accumulators fill the registers.
const PANEL: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };
/// Rows that share a load of weights.
const TILE: usize = 4;
/// Panels that a lone row takes together, to hide the latency of its sums.
const WIDE: usize = 4;

/// Weights `[out, in]` as panels `[⌈out / PANEL⌉][in][PANEL]`, the last one padded with zeros.
#[derive(Clone, Debug)]
pub struct Packed {
    rows: usize,
    columns: usize,
    panels: Vec<f32>,
}

impl Packed {
    /// Unpacks a matrix from its codec, once.
    pub fn new(matrix: &dyn Codec) -> Self {
        let [rows, columns] = matrix.shape();
        let mut panels = vec![0.0; rows.div_ceil(PANEL) * columns * PANEL];
        let mut values = vec![0.0; columns];
        for row in 0..rows {
            matrix.row(row, &mut values);
            let panel = &mut panels[(row / PANEL) * columns * PANEL..];
            for (column, value) in values.iter().enumerate() {
                panel[column * PANEL + row % PANEL] = *value;
            }
        }
        Packed { rows, columns, panels }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.panels[..])
    }
}

/// The twin of [`Backend::linear`](crate::backend::Backend::linear).
pub fn linear(
    level: Level,
    x: &Tensor,
    weight: &Packed,
    bias: Option<&[f32]>,
    activation: Activation,
) -> Tensor {
    assert_eq!(x.width(), weight.columns, "the product's inner dimensions differ");
    let mut out = Tensor::any(x.rows(), weight.rows);
    run(level, x, weight, bias, activation, &mut out);
    out
}

dispatch! {
    fn run(
        x: &Tensor,
        weight: &Packed,
        bias: Option<&[f32]>,
        activation: Activation,
        out: &mut Tensor,
    ) = body::<FMA>
}

#[inline(always)]
fn body<const FMA: bool>(
    x: &Tensor,
    weight: &Packed,
    bias: Option<&[f32]>,
    activation: Activation,
    out: &mut Tensor,
) {
    let size = weight.columns * PANEL;
    let finish = |out: &mut Tensor, row: usize, panel: usize, sums: &[f32; PANEL]| {
        let first = panel * PANEL;
        let outs = out.row_mut(row)[first..].iter_mut().zip(sums);
        for (column, (value, sum)) in outs.enumerate() {
            let sum = sum + bias.map_or(0.0, |bias| bias[first + column]);
            *value = if activation == Activation::Relu { sum.max(0.0) } else { sum };
        }
    };
    let tiled = x.rows() - x.rows() % TILE;
    for (index, panel) in weight.panels.chunks_exact(size).enumerate() {
        for row in (0..tiled).step_by(TILE) {
            let sums = tile::<TILE, FMA>(std::array::from_fn(|r| x.row(row + r)), panel);
            for (r, sums) in sums.iter().enumerate() {
                finish(out, row + r, index, sums);
            }
        }
    }
    for row in tiled..x.rows() {
        let mut groups = weight.panels.chunks_exact(size * WIDE);
        let mut index = 0;
        for group in groups.by_ref() {
            let panels = std::array::from_fn(|p| &group[p * size..][..size]);
            for sums in wide::<FMA>(x.row(row), panels) {
                finish(out, row, index, &sums);
                index += 1;
            }
        }
        for panel in groups.remainder().chunks_exact(size) {
            let [sums] = tile::<1, FMA>([x.row(row)], panel);
            finish(out, row, index, &sums);
            index += 1;
        }
    }
}

/// The products of `R` rows with one panel.
#[inline(always)]
fn tile<const R: usize, const FMA: bool>(x: [&[f32]; R], panel: &[f32]) -> [[f32; PANEL]; R] {
    let panel = panel.as_chunks::<PANEL>().0;
    // The same length for all, so that the compiler needs no checks inside the loop.
    let x = x.map(|row| &row[..panel.len()]);
    let mut sums = [[0.0; PANEL]; R];
    for (k, weights) in panel.iter().enumerate() {
        for r in 0..R {
            for column in 0..PANEL {
                sums[r][column] = multiply_add::<FMA>(x[r][k], weights[column], sums[r][column]);
            }
        }
    }
    sums
}

/// The products of one row with several panels.
#[inline(always)]
fn wide<const FMA: bool>(x: &[f32], panels: [&[f32]; WIDE]) -> [[f32; PANEL]; WIDE] {
    let panels = panels.map(|panel| &panel.as_chunks::<PANEL>().0[..x.len()]);
    let mut sums = [[0.0; PANEL]; WIDE];
    for (k, &x) in x.iter().enumerate() {
        for p in 0..WIDE {
            for column in 0..PANEL {
                sums[p][column] = multiply_add::<FMA>(x, panels[p][k][column], sums[p][column]);
            }
        }
    }
    sums
}
