//! The SSRU's recurrence (Kim et al. 2019) over whole sequences, and what comes back.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::floats;
use crate::backend::{Span, lanes};

/// For forget gates and candidates `[rows, width]`, the ReLU of the states, `[rows, width]`; the
/// state before the first row of each span's queries is zero.
pub struct Scan {
    pub spans: Arc<[Span]>,
}

impl Scan {
    /// The states, and the gates' σ.
    fn states(&self, forget: &[f32], candidate: &[f32], width: usize) -> (Vec<f32>, Vec<f32>) {
        let keep: Vec<f32> = forget.iter().map(|&value| lanes::sigmoid(value)).collect();
        let mut states = vec![0.0; candidate.len()];
        for span in &*self.spans {
            for row in span.queries.clone() {
                for at in row * width..(row + 1) * width {
                    let before = if row == span.queries.start { 0.0 } else { states[at - width] };
                    states[at] = keep[at] * before + (1.0 - keep[at]) * candidate[at];
                }
            }
        }
        (states, keep)
    }
}

impl CustomOp2 for Scan {
    fn name(&self) -> &'static str {
        "scan"
    }

    fn cpu_fwd(
        &self,
        forget: &CpuStorage,
        forget_layout: &Layout,
        candidate: &CpuStorage,
        candidate_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, width) = forget_layout.shape().dims2()?;
        let forget = floats::of(forget, forget_layout)?;
        let candidate = floats::of(candidate, candidate_layout)?;
        let (mut states, _) = self.states(forget, candidate, width);
        states.iter_mut().for_each(|state| *state = state.max(0.0));
        Ok((CpuStorage::F32(states), forget_layout.shape().clone()))
    }

    fn bwd(
        &self,
        forget: &Tensor,
        candidate: &Tensor,
        _out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (_, width) = forget.dims2()?;
        let tensors = [forget, candidate, gradient];
        let (of_forget, of_candidate) = floats::with(tensors, |[forget, candidate, gradient]| {
            let (states, keep) = self.states(forget, candidate, width);
            let (mut of_forget, mut of_candidate) =
                (vec![0.0; forget.len()], vec![0.0; forget.len()]);
            let mut later = vec![0.0; width];
            for span in &*self.spans {
                later.fill(0.0);
                for row in span.queries.clone().rev() {
                    for (later, at) in later.iter_mut().zip(row * width..) {
                        let first = row == span.queries.start;
                        let before = if first { 0.0 } else { states[at - width] };
                        let own = if states[at] > 0.0 { gradient[at] } else { 0.0 };
                        let (of_state, keep) = (own + *later, keep[at]);
                        let slope = keep * (1.0 - keep);
                        of_forget[at] = of_state * (before - candidate[at]) * slope;
                        of_candidate[at] = of_state * (1.0 - keep);
                        *later = of_state * keep;
                    }
                }
            }
            (of_forget, of_candidate)
        })?;
        let shape = forget.dims2()?;
        Ok((Some(floats::tensor(of_forget, shape)?), Some(floats::tensor(of_candidate, shape)?)))
    }
}
