//! What a student is trained by: how far its predictions are from a teacher's.

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::floats;
use crate::backend::lanes;

/// How a student is compared with its teachers and with the tokens that it should produce.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixture {
    /// The share of the teachers' distributions, from 0 to 1; the rest is that of the tokens. Between
    /// the two, word-level and sequence-level distillation are interpolated (Kim & Rush 2016).
    pub soft: f32,
    /// By which logits are divided before both distributions are compared; above 1, what the
    /// teacher thinks of less likely tokens counts more (Hinton et al. 2015). Positive.
    pub temperature: f32,
}

/// Of logits `[rows, candidates]`, a scalar: over all rows, `weight` times the sum of
///
/// `soft · T² · KL(teacher ‖ softmax(logits / T)) − (1 − soft) · ln softmax(logits)[target]`.
#[derive(Debug)]
pub struct Distillation {
    mixture: Mixture,
    teacher: Vec<f32>,
    targets: Vec<usize>,
    weight: f32,
    /// It falls out of the same sums: `[rows, candidates]`.
    gradient: OnceLock<Vec<f32>>,
}

impl Distillation {
    /// For the teachers' probabilities at that temperature, `[rows, candidates]`, and each row's place
    /// among the candidates, `[rows]`.
    pub fn new(mixture: Mixture, teacher: Vec<f32>, targets: Vec<usize>, weight: f32) -> Self {
        Distillation { mixture, teacher, targets, weight, gradient: OnceLock::new() }
    }

    /// The loss of one row, for which `q` is room; adds its gradient to `gradient`.
    fn row(&self, row: usize, logits: &[f32], q: &mut [f32], gradient: &mut [f32]) -> f64 {
        let Mixture { soft, temperature } = self.mixture;
        let mut loss = 0.0;
        if soft > 0.0 {
            let teacher = &self.teacher[row * logits.len()..][..logits.len()];
            let log = softmax(logits, temperature, q);
            let mut divergence = 0.0;
            for ((&p, logit), (q, gradient)) in
                teacher.iter().zip(logits).zip(q.iter().zip(&mut *gradient))
            {
                divergence -= f64::from(p * log.of(*logit));
                if p > UNLIKELY {
                    divergence += f64::from(p * p.ln());
                }
                *gradient += self.weight * soft * temperature * (q - p);
            }
            loss += f64::from(soft * temperature * temperature) * divergence;
        }
        if soft < 1.0 {
            let log = softmax(logits, 1.0, q);
            let (hard, target) = (1.0 - soft, self.targets[row]);
            for (&q, gradient) in q.iter().zip(&mut *gradient) {
                *gradient += self.weight * hard * q;
            }
            gradient[target] -= self.weight * hard;
            loss -= f64::from(hard * log.of(logits[target]));
        }
        f64::from(self.weight) * loss
    }
}

/// A probability below this adds less to an entropy than a float can hold of it.
const UNLIKELY: f32 = 1e-10;

/// The logarithm of a softmax.
#[derive(Clone, Copy)]
pub struct LogSoftmax {
    most: f32,
    inverse: f32,
    log_total: f32,
}

impl LogSoftmax {
    /// The logarithm of the probability of what has this logit.
    fn of(self, logit: f32) -> f32 {
        (logit - self.most) * self.inverse - self.log_total
    }
}

/// Writes softmax(logits / temperature).
pub fn softmax(logits: &[f32], temperature: f32, out: &mut [f32]) -> LogSoftmax {
    let (most, inverse) = (lanes::greatest(logits), 1.0 / temperature);
    for (out, logit) in out.iter_mut().zip(logits) {
        *out = lanes::exp((logit - most) * inverse);
    }
    let total = lanes::sum(out);
    let share = 1.0 / total;
    out.iter_mut().for_each(|value| *value *= share);
    LogSoftmax { most, inverse, log_total: total.ln() }
}

impl CustomOp1 for Distillation {
    fn name(&self) -> &'static str {
        "distillation"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, candidates) = layout.shape().dims2()?;
        let logits = floats::of(logits, layout)?;
        let (mut gradient, mut q) = (vec![0.0; logits.len()], vec![0.0; candidates]);
        let rows = logits.chunks_exact(candidates).zip(gradient.chunks_exact_mut(candidates));
        let losses = rows.enumerate();
        let loss: f64 = losses.map(|(row, (l, g))| self.row(row, l, &mut q, g)).sum();
        // Forward comes once for each operation.
        let _ = self.gradient.set(gradient);
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    fn bwd(&self, logits: &Tensor, _loss: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let Some(own) = self.gradient.get() else {
            candle_core::bail!("a loss was not computed before its gradient");
        };
        let factor = gradient.to_scalar::<f32>()?;
        let values = own.iter().map(|value| value * factor).collect();
        Ok(Some(floats::tensor(values, logits.dims2()?)?))
    }
}
