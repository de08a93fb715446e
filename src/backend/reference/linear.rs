//! The product with a weight matrix, its bias and its activation.

use super::arithmetic::PLAIN;
use crate::backend::Activation;
use crate::backend::host::{Activations, Dense};

/// The twin of [`Backend::linear`](crate::backend::Backend::linear).
pub fn linear(
    x: &Activations,
    weight: &Dense,
    bias: Option<&[f32]>,
    activation: Activation,
) -> Activations {
    let product = |row: usize, column: usize| (PLAIN.dot)(x.row(row), weight.row(column));
    with_bias(x.rows(), weight.rows(), product, bias, activation)
}

/// `activation(product + bias)`, `[rows, width]`.
pub fn with_bias(
    rows: usize,
    width: usize,
    product: impl Fn(usize, usize) -> f32,
    bias: Option<&[f32]>,
    activation: Activation,
) -> Activations {
    let mut out = Activations::zeros(rows, width);
    for row in 0..rows {
        for (column, value) in out.row_mut(row).iter_mut().enumerate() {
            let sum = product(row, column) + bias.map_or(0.0, |bias| bias[column]);
            *value = match activation {
                Activation::Identity => sum,
                Activation::Relu => sum.max(0.0),
            };
        }
    }
    out
}
