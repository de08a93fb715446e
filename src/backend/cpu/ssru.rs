//! One step of the Simpler Simple Recurrent Unit.

use super::simd::{Level, dispatch};
use super::tensor::Tensor;
use crate::backend::lanes::sigmoid;

/// The twin of [`Backend::recurrence`](crate::backend::Backend::recurrence): output and new state.
pub fn recurrence(
    level: Level,
    forget: &Tensor,
    candidate: &Tensor,
    state: &Tensor,
) -> (Tensor, Tensor) {
    let mut next = Tensor::any(state.rows(), state.width());
    let mut output = Tensor::any(state.rows(), state.width());
    let gates = [forget.data(), candidate.data()];
    run(level, gates, state.data(), next.data_mut(), output.data_mut());
    (output, next)
}

dispatch! {
    fn run(gates: [&[f32]; 2], state: &[f32], next: &mut [f32], output: &mut [f32]) = body
}

#[inline(always)]
fn body([forget, candidate]: [&[f32]; 2], state: &[f32], next: &mut [f32], output: &mut [f32]) {
    // One length for all, so that the compiler needs no checks inside the loop.
    let length = state.len();
    let (forget, candidate) = (&forget[..length], &candidate[..length]);
    let (next, output) = (&mut next[..length], &mut output[..length]);
    for i in 0..length {
        let keep = sigmoid(forget[i]);
        next[i] = keep * state[i] + (1.0 - keep) * candidate[i];
        output[i] = if next[i] > 0.0 { next[i] } else { 0.0 };
    }
}
