//! The inverse of a layer's Hessian, as the methods need it that let weights make up for each other.

use faer::linalg::triangular_inverse::invert_lower_triangular;
use faer::{Mat, Par, Side};

use super::Gram;
use crate::error::{Error, Result};

/// How much is added to the diagonal, as a share of its mean: inputs that never occurred, or only
/// together, would have no inverse, and what a few thousand tokens show of 1,536 inputs is not to be
/// trusted to the last digit. Ten times the value of Frantar et al. 2022, section 3.3, who had more
/// text. Chosen on one text, where it gained half a point of chrF for OBS; on two others it gained
/// 0.4 and 0.1, which may be chance.
const DAMPING: f64 = 0.1;

/// An upper triangular U with `UᵀU = (XᵀX + λI)⁻¹`, of a layer's inputs or, where the layer has a
/// bias, of these and the constant that the bias is multiplied with. The bias is then one more weight
/// at the end of each row, which no method rounds or prunes and which can make up for any of them:
/// for what they do to the mean of an output, entirely.
///
/// Once the columns before j are fixed, the inverse Hessian of those that are left is `U′ᵀU′` with
/// U′ the rows and columns of U from j on (Frantar et al. 2022, section 3.3): an error e in column j
/// is best made up for by adding `−e · U[j][k] / U[j][j]` to each later column k, and what then is
/// left of it, squared and times the Hessian, is `(e / U[j][j])²`.
#[derive(Debug)]
pub struct InverseFactor {
    width: usize,
    /// `[width, width]`, row-major.
    values: Vec<f32>,
}

impl InverseFactor {
    /// Of the inputs that `gram` has seen, with the constant where there is a `bias`.
    ///
    /// # Errors
    /// `InvalidInput` where nothing was seen but zeros.
    pub fn new(gram: &Gram, bias: bool) -> Result<Self> {
        let mean = gram.diagonal().map(f64::from).sum::<f64>() / gram.width().max(1) as f64;
        let width = gram.width() + usize::from(bias);
        let unusable = || Error::invalid("the calibration text never reaches this layer");
        if !mean.is_normal() {
            return Err(unusable());
        }
        // With rows and columns in reverse, H = LLᵀ turns into H = RRᵀ with R upper triangular, and
        // U is its inverse: one decomposition where the textbook takes two and an inverse.
        let last = width.saturating_sub(1);
        let reversed = Mat::from_fn(width, width, |i, j| {
            let value = f64::from(gram.at(last - i, last - j));
            if i == j { value + DAMPING * mean } else { value }
        });
        let lower = reversed.llt(Side::Lower).map_err(|_| unusable())?;
        let mut inverse = Mat::<f64>::zeros(width, width);
        invert_lower_triangular(inverse.as_mut(), lower.L(), Par::Seq);
        let value = |at: usize| inverse[(last - at / width, last - at % width)] as f32;
        Ok(InverseFactor { width, values: (0..width * width).map(value).collect() })
    }

    /// Weights a row, the bias among them where there is one.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Row `j` from its diagonal on: `U[j][j..]`.
    pub fn row(&self, j: usize) -> &[f32] {
        &self.values[j * self.width..][j..self.width]
    }
}

/// Weights `[out, in]` with the bias `[out]`, where there is one, at the end of each row.
pub fn with_bias(weights: &[f32], columns: usize, bias: Option<&[f32]>) -> Vec<f32> {
    let Some(bias) = bias else { return weights.to_vec() };
    let rows = weights.chunks_exact(columns).zip(bias);
    rows.flat_map(|(row, bias)| row.iter().chain([bias]).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_gives_the_inverse() {
        let mut gram = Gram::new(4);
        let inputs: Vec<f32> = (0..4 * 9).map(|n| (n as f32 * 1.3).sin() + 0.3).collect();
        gram.add(&inputs);
        for bias in [false, true] {
            let factor = InverseFactor::new(&gram, bias).unwrap();
            let width = factor.width();
            assert_eq!(width, 4 + usize::from(bias));
            let u = |i: usize, j: usize| if j < i { 0.0 } else { f64::from(factor.row(i)[j - i]) };
            let mean = gram.diagonal().map(f64::from).sum::<f64>() / 4.0;
            let h = |i: usize, j: usize| {
                f64::from(gram.at(i, j)) + if i == j { DAMPING * mean } else { 0.0 }
            };
            let inverse = |i: usize, j: usize| (0..width).map(|k| u(k, i) * u(k, j)).sum::<f64>();
            for (i, j) in (0..width * width).map(|at| (at / width, at % width)) {
                let product: f64 = (0..width).map(|k| h(i, k) * inverse(k, j)).sum();
                assert!((product - f64::from(i == j)).abs() < 1e-4, "[{i}][{j}]: {product}");
            }
        }
    }

    #[test]
    fn inputs_that_never_occur_are_no_obstacle_but_none_at_all_are() {
        let mut gram = Gram::new(3);
        gram.add(&[1.0, 0.0, 1.0]);
        let factor = InverseFactor::new(&gram, true).unwrap();
        assert!((0..4).all(|j| factor.row(j).iter().all(|value| value.is_finite())));
        let error = InverseFactor::new(&Gram::new(3), false).unwrap_err().to_string();
        assert!(error.contains("calibration text"), "{error}");
    }
}
