//! Multi-head attention within the spans of a ragged batch.

use super::arithmetic::Arithmetic;
use crate::backend::Span;
use crate::backend::host::Activations;

/// The twin of [`Backend::attention`](crate::backend::Backend::attention).
pub fn attention(
    arithmetic: Arithmetic,
    q: &Activations,
    k: &Activations,
    v: &Activations,
    spans: &[Span],
    heads: usize,
) -> Activations {
    let Arithmetic { dot, .. } = arithmetic;
    let width = q.width() / heads;
    let scale = 1.0 / (width as f32).sqrt();
    let mut out = Activations::zeros(q.rows(), q.width());
    for span in spans {
        for query in span.queries.clone() {
            for head in 0..heads {
                let columns = head * width..(head + 1) * width;
                let score =
                    |key| scale * dot(&q.row(query)[columns.clone()], &k.row(key)[columns.clone()]);
                let weights = softmax(arithmetic, span.keys.clone().map(score).collect());
                for (key, weight) in span.keys.clone().zip(weights) {
                    let target = &mut out.row_mut(query)[columns.clone()];
                    for (sum, value) in target.iter_mut().zip(&v.row(key)[columns.clone()]) {
                        *sum += weight * value;
                    }
                }
            }
        }
    }
    out
}

fn softmax(Arithmetic { exp, sum, .. }: Arithmetic, mut scores: Vec<f32>) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = exp(*score - most));
    let share = 1.0 / sum(&scores);
    scores.iter_mut().for_each(|score| *score *= share);
    scores
}
