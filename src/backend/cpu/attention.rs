//! Multi-head attention within the spans of a ragged batch, head by head where the rows lie.

use super::pool::Buffer;
use super::simd::{Level, dispatch};
use super::tensor::Tensor;
use crate::backend::Span;
use crate::backend::lanes::{self, Floats, LANES};

/// The twin of [`Backend::attention`](crate::backend::Backend::attention).
pub fn attention(
    level: Level,
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    spans: &[Span],
    heads: usize,
) -> Tensor {
    let mut out = Tensor::any(q.rows(), q.width());
    run(level, q, k, v, spans, heads, out.data_mut());
    out
}

dispatch! {
    fn run(q: &Tensor, k: &Tensor, v: &Tensor, spans: &[Span], heads: usize, out: &mut [f32]) = body
}

#[inline(always)]
fn body(q: &Tensor, k: &Tensor, v: &Tensor, spans: &[Span], heads: usize, out: &mut [f32]) {
    // Heads of the usual widths stay in registers.
    match q.width() / heads {
        32 => fixed::<4>(q, k, v, spans, heads, out),
        64 => fixed::<8>(q, k, v, spans, heads, out),
        _ => any(q, k, v, spans, heads, out),
    }
}

/// Heads of `WIDTH` times eight columns.
#[inline(always)]
fn fixed<const WIDTH: usize>(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    spans: &[Span],
    heads: usize,
    out: &mut [f32],
) {
    let scale = 1.0 / ((WIDTH * LANES) as f32).sqrt();
    let width = q.width() / LANES;
    let chunks = |tensor: &'_ Tensor| -> *const [f32; LANES] { tensor.data().as_ptr().cast() };
    let (keys, values) = (chunks(k), chunks(v));
    let mut scores = Scores::new(spans);
    for span in spans {
        assert!(span.keys.end <= k.rows().min(v.rows()));
        assert!(k.width() == q.width() && v.width() == q.width());
        let scores = scores.of(span);
        for query in span.queries.clone() {
            let out = &mut out[query * q.width()..][..q.width()];
            for head in 0..heads {
                let asked = &q.row(query).as_chunks::<LANES>().0[head * WIDTH..][..WIDTH];
                let asked: [_; WIDTH] = std::array::from_fn(|at| Floats::load(&asked[at]));
                // SAFETY: the head's part of a row of keys and values, which are as wide as `q`
                // and have at least `span.keys.end` rows.
                let part = |from: *const [f32; LANES], row: usize| unsafe {
                    &*from.add(row * width + head * WIDTH).cast::<[[f32; LANES]; WIDTH]>()
                };
                for (score, key) in scores.iter_mut().zip(span.keys.clone()) {
                    let key = part(keys, key);
                    let mut sums = Floats::splat(0.0);
                    for at in 0..WIDTH {
                        sums = sums.add_product(asked[at], Floats::load(&key[at]));
                    }
                    *score = scale * sums.total();
                }
                let share = softmax(scores, span.keys.len());
                let mut answer = [Floats::splat(0.0); WIDTH];
                for (score, key) in scores.iter().zip(span.keys.clone()) {
                    let value = part(values, key);
                    let weight = Floats::splat(score * share);
                    for at in 0..WIDTH {
                        answer[at] = answer[at].add_product(weight, Floats::load(&value[at]));
                    }
                }
                let out = &mut out.as_chunks_mut::<LANES>().0[head * WIDTH..][..WIDTH];
                for (out, answer) in out.iter_mut().zip(answer) {
                    answer.store(out);
                }
            }
        }
    }
}

#[inline(always)]
fn any(q: &Tensor, k: &Tensor, v: &Tensor, spans: &[Span], heads: usize, out: &mut [f32]) {
    let width = q.width() / heads;
    let scale = 1.0 / (width as f32).sqrt();
    let mut scores = Scores::new(spans);
    for span in spans {
        let scores = scores.of(span);
        for query in span.queries.clone() {
            for head in 0..heads {
                let columns = head * width..(head + 1) * width;
                let asked = &q.row(query)[columns.clone()];
                for (score, key) in scores.iter_mut().zip(span.keys.clone()) {
                    *score = scale * lanes::dot(asked, &k.row(key)[columns.clone()]);
                }
                let share = softmax(scores, span.keys.len());
                let answer = &mut out[query * q.width()..][columns.clone()];
                answer.fill(0.0);
                for (score, key) in scores.iter().zip(span.keys.clone()) {
                    let weight = score * share;
                    for (total, value) in answer.iter_mut().zip(&v.row(key)[columns.clone()]) {
                        *total += weight * value;
                    }
                }
            }
        }
    }
}

/// Room for the scores of a query, filled up to whole lanes.
struct Scores(Buffer<f32>);

impl Scores {
    fn new(spans: &[Span]) -> Self {
        let most = spans.iter().map(|span| span.keys.len()).max().unwrap_or(0);
        Scores(Buffer::any(most.next_multiple_of(LANES)))
    }

    fn of(&mut self, span: &Span) -> &mut [f32] {
        &mut self.0[..span.keys.len().next_multiple_of(LANES)]
    }
}

/// Replaces the first `count` scores by `exp(score − greatest)` and gives the inverse of their
/// sum: what makes weights of them.
#[inline(always)]
fn softmax(scores: &mut [f32], count: usize) -> f32 {
    // Whole vectors all the way: what fills the last one up counts for nothing.
    scores[count..].fill(f32::NEG_INFINITY);
    let most = lanes::greatest(scores);
    scores.iter_mut().for_each(|score| *score = lanes::exp(*score - most));
    scores[count..].fill(0.0);
    1.0 / lanes::sum(scores)
}
