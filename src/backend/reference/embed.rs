//! Embedding rows with Marian's sinusoidal positions.

use crate::backend::Span;
use crate::backend::host::{Activations, Dense};
use crate::token::TokenId;

/// The twin of [`Backend::embed`](crate::backend::Backend::embed): `position(row)` gives each
/// row's place.
pub fn embed(table: &Dense, tokens: &[TokenId], position: impl Fn(usize) -> usize) -> Activations {
    let width = table.columns();
    let scale = (width as f32).sqrt();
    let frequencies = frequencies(width);
    let mut out = Activations::zeros(tokens.len(), width);
    for (row, &token) in tokens.iter().enumerate() {
        let place = position(row) as f32;
        let values = out.row_mut(row);
        if token != TokenId::START {
            values.copy_from_slice(table.row(token.index()));
        }
        let (sines, cosines) = values.split_at_mut(width / 2);
        for ((sine, cosine), frequency) in sines.iter_mut().zip(cosines).zip(&frequencies) {
            *sine = *sine * scale + (place * frequency).sin();
            *cosine = *cosine * scale + (place * frequency).cos();
        }
    }
    out
}

/// A row's place in its sentence.
pub fn position(spans: &[Span], row: usize) -> usize {
    let span = spans.partition_point(|span| span.queries.end <= row);
    row - spans[span].queries.start
}

/// `exp(−i · ln(10000) / (n − 1))` for `n = width / 2`.
fn frequencies(width: usize) -> Vec<f32> {
    let n = width / 2;
    let step = 10_000f32.ln() / (n as f32 - 1.0);
    (0..n).map(|i| (-(i as f32) * step).exp()).collect()
}
