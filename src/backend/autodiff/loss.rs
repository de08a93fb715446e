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
    teacher: Distributions,
    targets: Vec<usize>,
    weight: f32,
    /// It falls out of the same sums: `[rows, candidates]`.
    gradient: OnceLock<Vec<f32>>,
}

impl Distillation {
    /// For the teachers' distributions at that temperature and each row's place among the candidates,
    /// `[rows]`.
    pub fn new(mixture: Mixture, teacher: Distributions, targets: Vec<usize>, weight: f32) -> Self {
        Distillation { mixture, teacher, targets, weight, gradient: OnceLock::new() }
    }

    /// The loss of one row, for which `q` is room; adds its gradient to `gradient`.
    fn row(&self, row: usize, logits: &[f32], q: &mut [f32], gradient: &mut [f32]) -> f64 {
        let Mixture { soft, temperature } = self.mixture;
        let mut loss = 0.0;
        if soft > 0.0 {
            let teacher = &self.teacher.probabilities[row * logits.len()..][..logits.len()];
            let log = softmax(logits, temperature, q);
            let slope = self.weight * soft * temperature;
            for (gradient, (q, p)) in gradient.iter_mut().zip(q.iter().zip(teacher)) {
                *gradient += slope * (q - p);
            }
            let divergence = -self.teacher.entropies[row] - log.mean(logits, teacher);
            loss += f64::from(soft * temperature * temperature * divergence);
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

/// Distributions of some rows.
#[derive(Clone, Debug, Default)]
pub struct Distributions {
    /// `[rows, candidates]`; each row's sum is 1.
    pub probabilities: Vec<f32>,
    /// `−Σ p ln p` of each row, `[rows]`.
    pub entropies: Vec<f32>,
}

impl Distributions {
    /// Those of logits `[rows, candidates]`, divided by `temperature`.
    pub fn of(logits: &[f32], candidates: usize, temperature: f32) -> Self {
        let mut probabilities = vec![0.0; logits.len()];
        let rows = logits.chunks_exact(candidates).zip(probabilities.chunks_exact_mut(candidates));
        let entropy = |(logits, out): (&[f32], &mut [f32])| {
            let log = softmax(logits, temperature, out);
            -log.mean(logits, out)
        };
        let entropies = rows.map(entropy).collect();
        Distributions { probabilities, entropies }
    }

    /// The mean of several, of the same rows and `candidates`.
    pub fn mean(all: Vec<Self>, candidates: usize) -> Self {
        let count = all.len();
        let mut all = all.into_iter();
        let mut mean = all.next().unwrap_or_default();
        if count < 2 {
            return mean;
        }
        for other in all {
            let sums = mean.probabilities.iter_mut().zip(other.probabilities);
            sums.for_each(|(sum, value)| *sum += value);
        }
        let share = 1.0 / count as f32;
        mean.probabilities.iter_mut().for_each(|value| *value *= share);
        let entropy = |row: &[f32]| -> f32 {
            // What is above zero at all is above this.
            -row.iter().map(|&p| p * p.max(f32::MIN_POSITIVE).ln()).sum::<f32>()
        };
        mean.entropies = mean.probabilities.chunks_exact(candidates).map(entropy).collect();
        mean
    }
}

/// The logarithm of a softmax.
#[derive(Clone, Copy)]
struct LogSoftmax {
    most: f32,
    inverse: f32,
    log_total: f32,
}

impl LogSoftmax {
    /// The logarithm of the probability of what has this logit.
    fn of(self, logit: f32) -> f32 {
        (logit - self.most) * self.inverse - self.log_total
    }

    /// The mean of these logarithms over a distribution.
    fn mean(self, logits: &[f32], distribution: &[f32]) -> f32 {
        self.of(lanes::dot(logits, distribution) / lanes::sum(distribution))
    }
}

/// Writes softmax(logits / temperature).
fn softmax(logits: &[f32], temperature: f32, out: &mut [f32]) -> LogSoftmax {
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
