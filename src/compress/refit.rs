//! What is left of a layer's inputs makes up for those that went: least squares over what entered
//! the layer while the model translated some text.

use faer::linalg::solvers::{Llt, Solve};
use faer::{Mat, Side};

use super::Gram;
use crate::error::{Error, Result};

/// What is added to the diagonal, as a share of its mean: it holds the weights near those that they
/// start from, where the text says little. Of 0.001, 0.01, 0.1 and 0.5 this value left the least error
/// in the outputs of feed-forward layers on text that was not fitted.
const DAMPING: f64 = 0.1;

/// A layer `y = W x + b`, with `W` `[out, in]` row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Affine {
    /// `[out, in]`.
    pub weights: Vec<f32>,
    /// `[out]`.
    pub bias: Option<Vec<f32>>,
}

/// The layer over the inputs `kept` whose outputs are nearest to those of `whole` over all inputs
/// that `inputs` has seen: `min Σ‖whole(x) − fitted(x_kept)‖² + λ‖fitted − start‖²`, where `start`,
/// over the same inputs, is what is known without them.
///
/// # Errors
/// `InvalidInput` when nothing was seen but zeros.
pub fn refit(whole: &Affine, start: &Affine, kept: &[usize], inputs: &Gram) -> Result<Affine> {
    let (width, count) = (inputs.width(), kept.len());
    let rows = whole.weights.len() / width.max(1);
    // The last input is the constant, where there is a bias to multiply it with.
    let constant = usize::from(whole.bias.is_some());
    let index = |at: usize| kept.get(at).copied().unwrap_or(width);
    // What `start` gets wrong: an affine map of all inputs, `[in + constant, out]`.
    let mut wrong = Mat::from_fn(width + constant, rows, |input, row| match &whole.bias {
        Some(bias) if input == width => f64::from(bias[row]),
        _ => f64::from(whole.weights[row * width + input]),
    });
    for row in 0..rows {
        for (at, &input) in kept.iter().enumerate() {
            wrong[(input, row)] -= f64::from(start.weights[row * count + at]);
        }
        if let Some(bias) = &start.bias {
            wrong[(width, row)] -= f64::from(bias[row]);
        }
    }
    let cross =
        Mat::from_fn(count + constant, width + constant, |i, j| f64::from(inputs.at(index(i), j)));
    let change = factor(kept, whole.bias.is_some(), inputs)?.solve(&cross * &wrong);
    let mut fitted = start.clone();
    for row in 0..rows {
        for (at, value) in fitted.weights[row * count..][..count].iter_mut().enumerate() {
            *value += change[(at, row)] as f32;
        }
        if let Some(bias) = &mut fitted.bias {
            bias[row] += change[(count, row)] as f32;
        }
    }
    Ok(fitted)
}

/// The Cholesky factor of the damped Gram matrix of the inputs `kept`, with the constant that a bias
/// is multiplied with at the end, where there is a `bias`; the constant is not damped.
///
/// # Errors
/// `InvalidInput` when nothing was seen but zeros.
pub fn factor(kept: &[usize], bias: bool, inputs: &Gram) -> Result<Llt<f64>> {
    let (width, count) = (inputs.width(), kept.len());
    let mean = kept.iter().map(|&i| f64::from(inputs.at(i, i))).sum::<f64>() / count.max(1) as f64;
    let unusable = || Error::invalid("the calibration text never reaches this layer");
    if !mean.is_normal() {
        return Err(unusable());
    }
    let index = |at: usize| kept.get(at).copied().unwrap_or(width);
    let size = count + usize::from(bias);
    let gram = Mat::from_fn(size, size, |i, j| {
        let value = f64::from(inputs.at(index(i), index(j)));
        if i == j && i < count { value + DAMPING * mean } else { value }
    });
    gram.llt(Side::Lower).map_err(|_| unusable())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inputs of which the third is always `2 · first − second + 1`.
    fn dependent() -> (Vec<f32>, Gram) {
        let numbers = |n: usize| [(n as f32 * 1.3).sin(), (n as f32 * 0.7).cos()];
        let row = |[a, b]: [f32; 2]| [a, b, 2.0 * a - b + 1.0];
        let inputs: Vec<f32> = (0..200).map(numbers).flat_map(row).collect();
        let mut gram = Gram::new(3);
        gram.add(&inputs);
        (inputs, gram)
    }

    fn outputs(layer: &Affine, inputs: &[f32]) -> Vec<f32> {
        let columns = inputs.len();
        let sum = |row: &[f32]| row.iter().zip(inputs).map(|(w, x)| w * x).sum::<f32>();
        let sums = layer.weights.chunks_exact(columns).map(sum);
        match &layer.bias {
            Some(bias) => sums.zip(bias).map(|(sum, bias)| sum + bias).collect(),
            None => sums.collect(),
        }
    }

    #[test]
    fn a_linear_dependence_is_found() {
        let (inputs, gram) = dependent();
        let whole =
            Affine { weights: vec![1.0, 2.0, 3.0, -1.0, 0.5, 2.0], bias: Some(vec![0.1, 0.2]) };
        // Nothing of the third to start from, so that it all has to be found.
        let start = Affine { weights: vec![1.0, 2.0, -1.0, 0.5], bias: Some(vec![0.1, 0.2]) };
        let fitted = refit(&whole, &start, &[0, 1], &gram).unwrap();
        let error = |layer: &Affine| -> f32 {
            let each = inputs.chunks_exact(3).map(|x| {
                let pairs = outputs(&whole, x).into_iter().zip(outputs(layer, &x[..2]));
                pairs.map(|(a, b)| (a - b).powi(2)).sum::<f32>()
            });
            each.sum::<f32>() / 200.0
        };
        // What is left is the damping's.
        assert!(
            error(&fitted) < 0.05 * error(&start),
            "{}, then {}",
            error(&start),
            error(&fitted)
        );
        assert!((fitted.bias.unwrap()[0] - 3.1).abs() < 0.3, "the constant is the bias's");
    }

    #[test]
    fn what_is_right_already_stays() {
        let (_, gram) = dependent();
        let whole = Affine { weights: vec![1.0, 0.0, 3.0], bias: None };
        let start = Affine { weights: vec![1.0, 3.0], bias: None };
        assert_eq!(refit(&whole, &start, &[0, 2], &gram).unwrap(), start);
    }

    #[test]
    fn without_inputs_nothing_can_be_fitted() {
        let layer = Affine { weights: vec![1.0; 3], bias: None };
        let error = refit(&layer, &layer, &[0, 1, 2], &Gram::new(3)).unwrap_err().to_string();
        assert!(error.contains("calibration text"), "{error}");
    }
}
