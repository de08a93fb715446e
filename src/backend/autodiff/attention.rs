//! Multi-head attention within the spans of a ragged batch, and what comes back.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::floats;
use crate::backend::{Span, lanes};

/// q `[queries, d]`, k and v `[keys, d]`, heads contiguous, to `[queries, d]`.
pub struct Attention {
    pub spans: Arc<[Span]>,
    pub heads: usize,
}

/// How much each key of a span counts for a query, in one head.
struct Weights<'a> {
    width: usize,
    /// Of a row.
    total: usize,
    scale: f32,
    q: &'a [f32],
    k: &'a [f32],
}

impl<'a> Weights<'a> {
    fn new(q: &'a [f32], k: &'a [f32], total: usize, heads: usize) -> Self {
        let width = total / heads;
        Weights { width, total, scale: 1.0 / (width as f32).sqrt(), q, k }
    }

    /// A row's part for a head.
    fn part<'b>(&self, values: &'b [f32], row: usize, head: usize) -> &'b [f32] {
        &values[row * self.total + head * self.width..][..self.width]
    }

    fn part_mut<'b>(&self, values: &'b mut [f32], row: usize, head: usize) -> &'b mut [f32] {
        &mut values[row * self.total + head * self.width..][..self.width]
    }

    /// The softmax of the scaled products, one for each key of `span`.
    fn write(&self, span: &Span, query: usize, head: usize, out: &mut Vec<f32>) {
        let q = self.part(self.q, query, head);
        out.clear();
        let score = |key| self.scale * lanes::dot(q, self.part(self.k, key, head));
        out.extend(span.keys.clone().map(score));
        let most = lanes::greatest(out);
        out.iter_mut().for_each(|score| *score = lanes::exp(*score - most));
        let share = 1.0 / lanes::sum(out);
        out.iter_mut().for_each(|weight| *weight *= share);
    }
}

/// `to += factor · from`.
fn add(to: &mut [f32], factor: f32, from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

impl CustomOp3 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        q_layout: &Layout,
        k: &CpuStorage,
        k_layout: &Layout,
        v: &CpuStorage,
        v_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, total) = q_layout.shape().dims2()?;
        let q = floats::of(q, q_layout)?;
        let (k, v) = (floats::of(k, k_layout)?, floats::of(v, v_layout)?);
        let weights = Weights::new(q, k, total, self.heads);
        let (mut out, mut shares) = (vec![0.0; q.len()], Vec::new());
        for span in &*self.spans {
            for (query, head) in pairs(span, self.heads) {
                weights.write(span, query, head, &mut shares);
                let out = weights.part_mut(&mut out, query, head);
                for (key, &share) in span.keys.clone().zip(&shares) {
                    add(out, share, weights.part(v, key, head));
                }
            }
        }
        Ok((CpuStorage::F32(out), q_layout.shape().clone()))
    }

    fn bwd(
        &self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        _out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (_, total) = q.dims2()?;
        let [of_q, of_k, of_v] = floats::with([q, k, v, gradient], |[q, k, v, gradient]| {
            let weights = Weights::new(q, k, total, self.heads);
            let mut of = [vec![0.0; q.len()], vec![0.0; k.len()], vec![0.0; v.len()]];
            let [of_q, of_k, of_v] = &mut of;
            let (mut shares, mut of_shares) = (Vec::new(), Vec::new());
            for span in &*self.spans {
                for (query, head) in pairs(span, self.heads) {
                    weights.write(span, query, head, &mut shares);
                    let gradient = weights.part(gradient, query, head);
                    of_shares.clear();
                    for (key, &share) in span.keys.clone().zip(&shares) {
                        of_shares.push(lanes::dot(gradient, weights.part(v, key, head)));
                        add(weights.part_mut(of_v, key, head), share, gradient);
                    }
                    let mean = lanes::dot(&of_shares, &shares);
                    for ((key, share), of_share) in span.keys.clone().zip(&shares).zip(&of_shares) {
                        let of_score = weights.scale * share * (of_share - mean);
                        let of_q = weights.part_mut(of_q, query, head);
                        add(of_q, of_score, weights.part(k, key, head));
                        let of_k = weights.part_mut(of_k, key, head);
                        add(of_k, of_score, weights.part(q, query, head));
                    }
                }
            }
            of
        })?;
        Ok((
            Some(floats::tensor(of_q, q.dims2()?)?),
            Some(floats::tensor(of_k, k.dims2()?)?),
            Some(floats::tensor(of_v, v.dims2()?)?),
        ))
    }
}

/// Each query of a span with each head.
fn pairs(span: &Span, heads: usize) -> impl Iterator<Item = (usize, usize)> {
    span.queries.clone().flat_map(move |query| (0..heads).map(move |head| (query, head)))
}
