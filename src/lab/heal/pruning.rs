//! Gradual pruning: the least important weights become zero bit by bit while the others learn to do
//! without them (See et al. 2016 prune and retrain; Zhu & Gupta 2017, "To prune, or not to prune", in
//! many small rounds, most of it early).
//!
//! | criterion | importance of a weight w |
//! | --- | --- |
//! | magnitude | `∣w∣` |
//! | gradients | `w² (h + h̄)`, h being the mean of the squares of its gradients |
//!
//! The second is Optimal Brain Damage (LeCun et al. 1990) with the gradients of the loss itself: near
//! a minimum the mean of their squares stands for the second derivatives (the empirical Fisher
//! information: Theis et al. 2018), and the optimiser keeps it anyway. Those of a piece that has not
//! occurred are zero, which says nothing of it: h̄, the mean over the matrix, is added.
//!
//! All matrices are compared with each other. Whatever is exactly zero stays that, so that the weights
//! themselves say what went, in a checkpoint, too.

use std::str::FromStr;

use super::weights::Weights;
use crate::compress::prune::select::least;
use crate::error::{Error, Result};

/// What is pruned, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pruning {
    /// The share of all weights of matrices that is zero in the end.
    pub sparsity: f64,
    /// The share of the training by the end of which it is: the rest goes to learning.
    pub until: f64,
    /// Steps from a round to the next one.
    pub every: u64,
    /// Which weights go.
    pub criterion: Criterion,
}

/// How important a weight is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// By how large it is.
    Magnitude,
    /// By what the loss would rise without it.
    Gradients,
}

impl FromStr for Criterion {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "magnitude" => Ok(Criterion::Magnitude),
            "gradients" => Ok(Criterion::Gradients),
            _ => Err("expected `magnitude` or `gradients`".to_owned()),
        }
    }
}

impl Default for Pruning {
    fn default() -> Self {
        Pruning { sparsity: 0.4, until: 0.5, every: 10, criterion: Criterion::Magnitude }
    }
}

impl Pruning {
    /// # Errors
    /// `InvalidInput`, naming what is out of range; `first` is the share that is zero already.
    pub fn validate(&self, first: f64) -> Result<()> {
        let Pruning { sparsity, until, every, .. } = *self;
        if !(sparsity > 0.0 && sparsity < 1.0) {
            return Err(Error::invalid(format!(
                "sparsity {sparsity}: expected a share between 0 and 1"
            )));
        }
        if sparsity < first {
            return Err(Error::invalid(format!(
                "sparsity {sparsity}: {first:.3} of the weights are zero already"
            )));
        }
        if !(until > 0.0 && until <= 1.0) {
            return Err(Error::invalid(format!(
                "pruning until {until}: expected a share of the training, above 0 and at most 1"
            )));
        }
        match every {
            0 => Err(Error::invalid("rounds of pruning every 0 steps")),
            _ => Ok(()),
        }
    }

    /// The share that is zero when the share `done` of the training is done, from 0 to 1, if the
    /// share `first` was before it.
    pub fn share(&self, first: f64, done: f64) -> f64 {
        let left = 1.0 - (done / self.until).clamp(0.0, 1.0);
        self.sparsity + (first - self.sparsity) * left.powi(3)
    }

    /// Makes the share `share` of all weights of matrices zero, those that are that among them.
    pub fn prune(&self, weights: &mut Weights, share: f64) {
        let matrices = || weights.iter().filter(|weight| weight.is_matrix());
        let mut importance = Vec::with_capacity(matrices().map(|m| m.parameters.len()).sum());
        for weight in matrices() {
            let parameters = weight.parameters.iter();
            match self.criterion {
                Criterion::Magnitude => importance.extend(parameters),
                Criterion::Gradients => {
                    let squares = &weight.moments.square;
                    let sum: f64 = squares.iter().copied().map(f64::from).sum();
                    let mean = (sum / squares.len().max(1) as f64) as f32;
                    // The root of it, whose order is the same: squares of small numbers vanish.
                    let root = |(w, h): (&f32, &f32)| w.abs() * (h + mean).sqrt();
                    importance.extend(parameters.zip(squares).map(root));
                }
            }
        }
        let count = (importance.len() as f64 * share).round() as usize;
        let mut gone = least(importance.into_iter(), count).into_iter();
        for weight in weights.iter_mut().filter(|weight| weight.is_matrix()) {
            let parameters = weight.parameters.iter_mut();
            parameters.zip(&mut gone).filter(|(_, gone)| *gone).for_each(|(w, _)| *w = 0.0);
        }
    }
}

/// The share of the weights of matrices that is zero.
pub fn sparsity(weights: &Weights) -> f64 {
    let (mut zeros, mut all) = (0usize, 0usize);
    for weight in weights.iter().filter(|weight| weight.is_matrix()) {
        zeros += weight.parameters.iter().filter(|w| **w == 0.0).count();
        all += weight.parameters.len();
    }
    zeros as f64 / all.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_goes_early_and_all_of_it_in_time() {
        let pruning = Pruning { sparsity: 0.8, until: 0.5, ..Pruning::default() };
        let shares: Vec<f64> = (0..=10).map(|n| pruning.share(0.1, f64::from(n) / 10.0)).collect();
        assert!((shares[0] - 0.1).abs() < 1e-12, "{shares:?}");
        assert!(shares[5..].iter().all(|share| *share == 0.8), "{shares:?}");
        let steps: Vec<f64> = shares[..6].windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.windows(2).all(|pair| pair[1] < pair[0] && pair[1] > 0.0), "{steps:?}");
        // Half-way an eighth of it is left.
        assert!((pruning.share(0.0, 0.25) - 0.7).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let pruning = Pruning::default();
        assert!(pruning.validate(0.02).is_ok());
        for (pruning, words) in [
            (Pruning { sparsity: 0.0, ..pruning }, "sparsity 0"),
            (Pruning { sparsity: 1.0, ..pruning }, "sparsity 1"),
            (Pruning { sparsity: f64::NAN, ..pruning }, "sparsity NaN"),
            (Pruning { sparsity: 0.01, ..pruning }, "0.020 of the weights are zero already"),
            (Pruning { until: 0.0, ..pruning }, "until 0"),
            (Pruning { until: 1.5, ..pruning }, "until 1.5"),
            (Pruning { every: 0, ..pruning }, "every 0 steps"),
        ] {
            let error = pruning.validate(0.02).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
