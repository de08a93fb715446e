//! Residual and layer norm in one.

use crate::backend::host::Activations;

/// Inside the root, as in Marian.
const EPSILON: f32 = 1e-6;

/// The twin of [`Backend::add_norm`](crate::backend::Backend::add_norm).
pub fn add_norm(
    x: &Activations,
    residual: &Activations,
    scale: &[f32],
    bias: &[f32],
) -> Activations {
    let width = x.width() as f32;
    let mut out = Activations::zeros(x.rows(), x.width());
    for row in 0..x.rows() {
        let values = out.row_mut(row);
        for ((value, x), residual) in values.iter_mut().zip(x.row(row)).zip(residual.row(row)) {
            *value = x + residual;
        }
        let mean = values.iter().sum::<f32>() / width;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / width;
        let inverse = 1.0 / (variance + EPSILON).sqrt();
        for ((value, scale), bias) in values.iter_mut().zip(scale).zip(bias) {
            *value = scale * (*value - mean) * inverse + bias;
        }
    }
    out
}
