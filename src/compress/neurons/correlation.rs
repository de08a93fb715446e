//! Neurons that say the same in other words: NoiseOut, Babaeizadeh et al. 2016, "NoiseOut: A Simple
//! Way to Prune Neural Networks". Of the two neurons whose outputs over some text are correlated
//! most, one goes and is expressed by the other as `α · h + β` (section 3.1): α times its outgoing
//! weights go to those of the other, β times them to the bias. The noise outputs of the paper, which
//! make neurons correlate, need training and have no place here.

use super::pairs::Pairs;
use super::{Layer, Rest, outgoing, square};
use crate::compress::Gram;
use crate::compress::refit::Affine;

/// Less of its mean square than this is no variance but rounding.
const NO_VARIANCE: f64 = 1e-6;

/// What is known of the neurons' outputs.
struct Moments<'a> {
    outputs: &'a Gram,
    means: Vec<f64>,
    /// 0 for those that always say the same.
    variances: Vec<f64>,
}

/// Expresses so many neurons by others.
pub fn merge(layer: &Layer, bias: Option<&[f32]>, gone: usize, outputs: &Gram) -> Rest {
    let moments = Moments::new(outputs);
    // Apart by what one can't say of the other: 1 − ρ².
    let mut pairs = Pairs::new(layer.count, |i, j| moments.unexplained(i, j) as f32);
    let mut bias = bias.map(<[f32]>::to_vec);
    let mut second = layer.second.clone();
    let width = second.len() / layer.count;
    // Correlation is all that counts, so pairs are compared without weights.
    let even = vec![1.0; layer.count];
    for _ in 0..gone {
        let Some((one, other)) = pairs.cheapest(&even) else { break };
        // What is lost of a neuron counts as much as what it varies and is listened to.
        let weight =
            |n: usize| moments.variances[n] * f64::from(square(&second[n * width..][..width]));
        let (goes, twin) = if weight(one) <= weight(other) { (one, other) } else { (other, one) };
        // Without a bias to take β, the best multiple.
        let (slope, constant) = match bias {
            Some(_) => moments.by(goes, twin),
            None => (moments.multiple(goes, twin), 0.0),
        };
        for at in 0..width {
            let given = second[goes * width + at];
            second[twin * width + at] += slope as f32 * given;
            if let Some(bias) = &mut bias {
                bias[at] += constant as f32 * given;
            }
        }
        pairs.remove(goes);
    }
    let kept = pairs.left();
    Rest { merged: Some(Affine { weights: outgoing(&second, width, &kept), bias }), kept }
}

impl<'a> Moments<'a> {
    fn new(outputs: &'a Gram) -> Self {
        let rows = outputs.rows().max(1) as f64;
        let means: Vec<f64> = outputs.means().map(f64::from).collect();
        let squares = outputs.diagonal().map(|sum| f64::from(sum) / rows);
        let variance = |(square, mean): (f64, &f64)| {
            let variance = square - mean * mean;
            if variance > NO_VARIANCE * square { variance } else { 0.0 }
        };
        let variances = squares.zip(&means).map(variance).collect();
        Moments { outputs, means, variances }
    }

    /// The mean of `hᵢ hⱼ`.
    fn product(&self, i: usize, j: usize) -> f64 {
        f64::from(self.outputs.at(i, j)) / self.outputs.rows().max(1) as f64
    }

    fn covariance(&self, i: usize, j: usize) -> f64 {
        self.product(i, j) - self.means[i] * self.means[j]
    }

    /// `1 − ρ²`; 0 where one always says the same, which the bias can say as well.
    fn unexplained(&self, i: usize, j: usize) -> f64 {
        let (a, b) = (self.variances[i], self.variances[j]);
        if a == 0.0 || b == 0.0 {
            return 0.0;
        }
        (1.0 - self.covariance(i, j).powi(2) / (a * b)).max(0.0)
    }

    /// α and β with which `α · h_twin + β` comes nearest to `h_goes`.
    fn by(&self, goes: usize, twin: usize) -> (f64, f64) {
        let variance = self.variances[twin];
        let slope = if variance > 0.0 { self.covariance(goes, twin) / variance } else { 0.0 };
        (slope, self.means[goes] - slope * self.means[twin])
    }

    /// α with which `α · h_twin` does.
    fn multiple(&self, goes: usize, twin: usize) -> f64 {
        let square = self.product(twin, twin);
        if square > 0.0 { self.product(goes, twin) / square } else { 0.0 }
    }
}
