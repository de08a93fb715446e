//! Residual and layer norm in one, in place.

use super::pool::Buffer;
use super::simd::{Level, dispatch};
use super::tensor::Tensor;
use crate::backend::lanes::sum;
use crate::backend::reference::norm::EPSILON;

/// The twin of [`Backend::add_norm`](crate::backend::Backend::add_norm).
pub fn add_norm(
    level: Level,
    mut x: Tensor,
    residual: &Tensor,
    scale: &[f32],
    bias: &[f32],
) -> Tensor {
    let width = x.width();
    run(level, x.data_mut(), width, residual.data(), scale, bias);
    x
}

dispatch! {
    fn run(x: &mut [f32], width: usize, residual: &[f32], scale: &[f32], bias: &[f32]) = body
}

#[inline(always)]
fn body(x: &mut [f32], width: usize, residual: &[f32], scale: &[f32], bias: &[f32]) {
    let mut squares = Buffer::any(width);
    for (values, residual) in x.chunks_exact_mut(width).zip(residual.chunks_exact(width)) {
        for (value, residual) in values.iter_mut().zip(residual) {
            *value += residual;
        }
        let mean = sum(values) / width as f32;
        for (square, value) in squares.iter_mut().zip(&*values) {
            *square = (value - mean) * (value - mean);
        }
        let inverse = 1.0 / (sum(&squares) / width as f32 + EPSILON).sqrt();
        for ((value, scale), bias) in values.iter_mut().zip(scale).zip(bias) {
            *value = (*value - mean) * inverse * scale + bias;
        }
    }
}
