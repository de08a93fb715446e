//! Residual and layer norm in one.

use super::arithmetic::Arithmetic;
use crate::backend::host::Activations;

/// Inside the root, as in Marian.
pub const EPSILON: f32 = 1e-6;

/// The twin of [`Backend::add_norm`](crate::backend::Backend::add_norm).
pub fn add_norm(
    Arithmetic { sum, .. }: Arithmetic,
    mut x: Activations,
    residual: &Activations,
    scale: &[f32],
    bias: &[f32],
) -> Activations {
    let width = x.width() as f32;
    for row in 0..x.rows() {
        let values = x.row_mut(row);
        for (value, residual) in values.iter_mut().zip(residual.row(row)) {
            *value += residual;
        }
        let mean = sum(values) / width;
        let squares: Vec<f32> = values.iter().map(|v| (v - mean) * (v - mean)).collect();
        let variance = sum(&squares) / width;
        let inverse = 1.0 / (variance + EPSILON).sqrt();
        for ((value, scale), bias) in values.iter_mut().zip(scale).zip(bias) {
            *value = (*value - mean) * inverse * scale + bias;
        }
    }
    x
}
