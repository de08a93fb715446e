//! The product with a weight matrix, its bias and its activation.

use crate::backend::Activation;
use crate::backend::host::{Activations, Dense};

/// The twin of [`Backend::linear`](crate::backend::Backend::linear).
pub fn linear(
    x: &Activations,
    weight: &Dense,
    bias: Option<&[f32]>,
    activation: Activation,
) -> Activations {
    let mut out = Activations::zeros(x.rows(), weight.rows());
    for row in 0..x.rows() {
        for (column, value) in out.row_mut(row).iter_mut().enumerate() {
            let sum = dot(x.row(row), weight.row(column)) + bias.map_or(0.0, |bias| bias[column]);
            *value = match activation {
                Activation::Identity => sum,
                Activation::Relu => sum.max(0.0),
            };
        }
    }
    out
}

/// The scalar product.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
