//! Multi-head attention within the spans of a ragged batch.

use super::simd::{Level, dispatch, dot, multiply_add};
use crate::backend::Span;
use crate::backend::host::Activations;

/// The twin of [`Backend::attention`](crate::backend::Backend::attention).
pub fn attention(
    level: Level,
    q: &Activations,
    k: &Activations,
    v: &Activations,
    spans: &[Span],
    heads: usize,
) -> Activations {
    let mut out = Activations::zeros(q.rows(), q.width());
    run(level, q, k, v, spans, heads, &mut out);
    out
}

dispatch! {
    fn run(
        q: &Activations,
        k: &Activations,
        v: &Activations,
        spans: &[Span],
        heads: usize,
        out: &mut Activations,
    ) = body
}

#[inline(always)]
fn body<const FMA: bool>(
    q: &Activations,
    k: &Activations,
    v: &Activations,
    spans: &[Span],
    heads: usize,
    out: &mut Activations,
) {
    let width = q.width() / heads;
    let scale = 1.0 / (width as f32).sqrt();
    let mut scores = Vec::new();
    for span in spans {
        for head in 0..heads {
            let columns = head * width..(head + 1) * width;
            for query in span.queries.clone() {
                let asked = &q.row(query)[columns.clone()];
                let keys = span.keys.clone().map(|key| &k.row(key)[columns.clone()]);
                scores.clear();
                scores.extend(keys.map(|key| scale * dot::<FMA>(asked, key)));
                let sum = exponentials(&mut scores);
                let answer = &mut out.row_mut(query)[columns.clone()];
                for (key, score) in span.keys.clone().zip(&scores) {
                    let weight = score / sum;
                    for (total, value) in answer.iter_mut().zip(&v.row(key)[columns.clone()]) {
                        *total = multiply_add::<FMA>(weight, *value, *total);
                    }
                }
            }
        }
    }
}

/// Replaces scores by `exp(score − greatest)` and gives their sum.
fn exponentials(scores: &mut [f32]) -> f32 {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - most).exp());
    scores.iter().sum()
}
