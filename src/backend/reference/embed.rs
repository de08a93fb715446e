//! Embedding rows with Marian's sinusoidal positions.

use crate::backend::Span;
use crate::backend::host::Activations;
use crate::token::TokenId;

/// The twin of [`Backend::embed`](crate::backend::Backend::embed): `weights(token)` gives the row
/// of a token, `[width]`, and `position(row)` each row's place.
pub fn embed(
    weights: impl Fn(TokenId) -> Vec<f32>,
    width: usize,
    tokens: &[TokenId],
    position: impl Fn(usize) -> usize,
) -> Activations {
    let scale = (width as f32).sqrt();
    let mut out = Activations::zeros(tokens.len(), width);
    for (row, &token) in tokens.iter().enumerate() {
        let values = out.row_mut(row);
        sinusoids(position(row), values);
        if token != TokenId::START {
            for (value, weight) in values.iter_mut().zip(weights(token)) {
                *value += weight * scale;
            }
        }
    }
    out
}

/// A row's place in its sentence.
pub fn position(spans: &[Span], row: usize) -> usize {
    let span = spans.partition_point(|span| span.queries.end <= row);
    row - spans[span].queries.start
}

/// The encoding of a position: with `n = width / 2`, n sines and then n cosines of `position ·
/// exp(−i · ln(10000) / (n − 1))`. Computed in double precision, since the libraries of two
/// machines may differ in the last bit of a sine.
pub fn sinusoids(position: usize, out: &mut [f32]) {
    let n = out.len() / 2;
    let step = 10_000f64.ln() / (n as f64 - 1.0);
    let (sines, cosines) = out.split_at_mut(n);
    for (i, (sine, cosine)) in sines.iter_mut().zip(cosines).enumerate() {
        let (s, c) = (position as f64 * (-(i as f64) * step).exp()).sin_cos();
        (*sine, *cosine) = (s as f32, c as f32);
    }
}
