//! Two thin matrices for one: `W ≈ left · right`, of a rank below what its sides allow.
//!
//! Plain, it is the truncated singular value decomposition, which leaves the least squared error of
//! the weights (Denil et al. 2013, "Predicting Parameters in Deep Learning"; Xue et al. 2013,
//! "Restructuring of Deep Neural Network Acoustic Models with Singular Value Decomposition").
//! Whitened, it leaves the least squared error of the layer's outputs for the inputs of the
//! calibration (Wang et al. 2024, "SVD-LLM", section 3.1): with the inputs' covariance C = LLᵀ, the
//! decomposition is that of W · L. Where the layer has a bias, C is that of the inputs without their
//! means, since the bias makes up for whatever happens to these.
//!
//! With the first columns U of the left singular vectors of either, the pair is U and Uᵀ · W, which
//! for W · L equals U · Σ · Vᵀ · L⁻¹ without the inverse. That U has columns of length one also
//! suits rounding: all weights of `left` are about as large, and in `right` each row, with scales of
//! its own, carries the size of its singular value.

mod quantize;

pub use quantize::quantize;

use faer::{Mat, Side};

use super::recipe::Rank;
use super::{Gram, Weight};
use crate::codec::float16::Float16;
use crate::codec::low_rank::{LowRank, least_rank};
use crate::codec::{Codec, Matrix};
use crate::error::{Error, Result};

/// How much is added to the diagonal of the covariance, as a share of its mean.
const DAMPING: f64 = 0.01;

/// Half floats.
const BYTES: usize = 2;

/// The pair in place of a matrix, in half floats, and the bias. Without `inputs`, which the
/// embedding does not have, it is the plain one.
///
/// # Errors
/// `InvalidInput` when no such rank is possible, the matrix was pruned, the calibration never
/// reached it, or a factor has a weight above the largest half float.
pub fn low_rank(
    weight: &Weight,
    rank: Rank,
    inputs: Option<&Gram>,
) -> Result<(Matrix, Option<Vec<f32>>)> {
    weight.expect_whole()?;
    let shape @ [rows, columns] = weight.matrix().shape();
    let values = weight.matrix().to_f32();
    let matrix = Mat::from_fn(rows, columns, |i, j| f64::from(values[i * columns + j]));
    let shown = match inputs {
        None => matrix.clone(),
        Some(inputs) => &matrix * root(inputs, weight.bias().is_some())?,
    };
    let singular = shown.thin_svd().map_err(|_| Error::invalid("no singular values were found"))?;
    let energies: Vec<f64> =
        singular.S().column_vector().iter().map(|value| value * value).collect();
    let rank = choose(rank, shape, weight.matrix(), &energies)?;
    let left = singular.U().subcols(0, rank);
    let right = left.transpose() * &matrix;
    let left = (0..rows * rank).map(|at| left[(at / rank, at % rank)] as f32).collect::<Vec<_>>();
    let right = (0..rank * columns).map(|at| right[(at / columns, at % columns)] as f32);
    let left = Float16::round([rows, rank], &left)?;
    let right = Float16::round([rank, columns], &right.collect::<Vec<_>>())?;
    let pair = LowRank::new(Box::new(left), Box::new(right))?;
    let bias = weight.bias().map(|bias| match inputs {
        None => bias.to_vec(),
        Some(inputs) => inputs.keep_means(bias, &values, &pair.to_f32()),
    });
    Ok((Box::new(pair), bias))
}

/// L with `LLᵀ = C + λI` of the inputs' covariance C or, where no bias makes up for their means, of
/// their second moments.
fn root(inputs: &Gram, bias: bool) -> Result<Mat<f64>> {
    let width = inputs.width();
    let count = inputs.rows().max(1) as f64;
    let means: Vec<f64> = inputs.means().map(|mean| if bias { mean.into() } else { 0.0 }).collect();
    let at = |i: usize, j: usize| f64::from(inputs.at(i, j)) / count - means[i] * means[j];
    let mean = (0..width).map(|i| at(i, i)).sum::<f64>() / width.max(1) as f64;
    let unusable = || Error::invalid("the calibration text never reaches this layer");
    if !mean.is_normal() || mean < 0.0 {
        return Err(unusable());
    }
    let damped = |i, j| if i == j { at(i, j) + DAMPING * mean } else { at(i, j) };
    let covariance = Mat::from_fn(width, width, damped);
    Ok(covariance.llt(Side::Lower).map_err(|_| unusable())?.L().to_owned())
}

/// The rank that was asked for. `energies` are the squared singular values, falling.
fn choose(rank: Rank, shape: [usize; 2], matrix: &Matrix, energies: &[f64]) -> Result<usize> {
    let [rows, columns] = shape;
    let (least, most) = (least_rank(shape), rows.min(columns));
    let rank = match rank {
        Rank::Fixed(rank) => rank,
        Rank::Energy(share) => {
            let mut left = share * energies.iter().sum::<f64>();
            let enough = energies.iter().position(|energy| {
                left -= energy;
                left <= 0.0
            });
            enough.map_or(most, |at| at + 1).max(least)
        }
        Rank::Size(share) => {
            let bytes: usize = matrix.parts().iter().map(|(_, part)| part.data().len()).sum();
            let rank = (share * bytes as f64) as usize / (BYTES * (rows + columns));
            rank.min(most)
        }
    };
    if (least..=most).contains(&rank) {
        return Ok(rank);
    }
    Err(Error::invalid(format!("rank {rank}: a matrix {shape:?} may have {least} to {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::float::Float32;
    use crate::codec::int::{Bits, GroupSize};
    use crate::compress::recipe::{Group, Precision, Rounding};

    const SHAPE: [usize; 2] = [20, 30];

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        let wave = |n: usize| ((n as f32 + seed) * 12.9898).sin() * 4375.8547;
        (0..count).map(wave).map(|x| x - x.floor() - 0.5).collect()
    }

    fn weight(bias: bool) -> Weight {
        let values = numbers(SHAPE[0] * SHAPE[1], 3.0);
        let bias = bias.then(|| numbers(SHAPE[0], 8.0));
        Weight::new("w", Box::new(Float32::new(SHAPE, values)), bias)
    }

    /// Of different sizes, each resembling its neighbours, with a mean.
    fn inputs() -> Gram {
        let mut gram = Gram::new(SHAPE[1]);
        for row in numbers(400 * (SHAPE[1] + 3), 0.5).chunks_exact(SHAPE[1] + 3) {
            let mixed = row.windows(4).enumerate();
            let mixed = mixed.map(|(n, x)| 0.7 + x.iter().sum::<f32>() * (1 + n % 6) as f32);
            gram.add(&mixed.collect::<Vec<_>>());
        }
        gram
    }

    /// Squared error of the outputs over all inputs, the bias counted.
    fn error(weight: &Weight, matrix: &Matrix, bias: Option<&[f32]>, inputs: &Gram) -> f64 {
        let (before, after) = (weight.matrix().to_f32(), matrix.to_f32());
        let width = inputs.width();
        (0..SHAPE[0])
            .map(|row| {
                let mut off: Vec<f64> = (0..width)
                    .map(|j| f64::from(before[row * width + j] - after[row * width + j]))
                    .collect();
                let biases = weight.bias().zip(bias);
                off.push(biases.map_or(0.0, |(old, new)| f64::from(old[row] - new[row])));
                let pairs = (0..off.len() * off.len()).map(|at| (at / off.len(), at % off.len()));
                pairs.map(|(i, j)| off[i] * off[j] * f64::from(inputs.at(i, j))).sum::<f64>()
            })
            .sum()
    }

    fn squared(weight: &Weight, matrix: &Matrix) -> f64 {
        let both = weight.matrix().to_f32().into_iter().zip(matrix.to_f32());
        both.map(|(a, b)| f64::from(a - b).powi(2)).sum()
    }

    #[test]
    fn plain_leaves_the_singular_values_that_were_cut_and_whitened_the_better_outputs() {
        for bias in [false, true] {
            let (weight, inputs) = (weight(bias), inputs());
            let (plain, same) = low_rank(&weight, Rank::Fixed(8), None).unwrap();
            assert_eq!(same.as_deref(), weight.bias());
            let values = weight.matrix().to_f32();
            let matrix =
                Mat::from_fn(SHAPE[0], SHAPE[1], |i, j| f64::from(values[i * SHAPE[1] + j]));
            let singular = matrix.singular_values().unwrap();
            let cut: f64 = singular.iter().skip(8).map(|value| value * value).sum();
            let left = squared(&weight, &plain);
            assert!((left - cut).abs() < 0.01 * cut, "{left} left, {cut} cut");
            let (whitened, moved) = low_rank(&weight, Rank::Fixed(8), Some(&inputs)).unwrap();
            let ours = error(&weight, &whitened, moved.as_deref(), &inputs);
            let theirs = error(&weight, &plain, same.as_deref(), &inputs);
            assert!(ours < 0.7 * theirs, "{ours}, plain {theirs}");
        }
    }

    #[test]
    fn all_of_the_rank_is_all_of_the_matrix_and_a_second_time_changes_little() {
        let weight = weight(true);
        for inputs in [None, Some(&inputs())] {
            let (whole, bias) = low_rank(&weight, Rank::Fixed(20), inputs).unwrap();
            let all = squared(&weight, &(Box::new(Float32::new(SHAPE, vec![0.0; 600])) as Matrix));
            assert!(squared(&weight, &whole) < 1e-6 * all);
            let moved = bias.unwrap();
            let near = |(a, b): (&f32, &f32)| (a - b).abs() < 0.01;
            assert!(moved.iter().zip(weight.bias().unwrap()).all(near));
            let (once, bias) = low_rank(&weight, Rank::Fixed(8), inputs).unwrap();
            let again = Weight::new("w", once, bias);
            let (twice, _) = low_rank(&again, Rank::Fixed(8), inputs).unwrap();
            assert!(squared(&again, &twice) < 1e-6 * all);
        }
    }

    #[test]
    fn energy_and_size_choose_the_rank() {
        let weight = weight(false);
        let rank = |rank| {
            let pair = low_rank(&weight, rank, None).unwrap().0;
            pair.parameters()["rank"].as_u64().unwrap()
        };
        let energies: Vec<u64> = [0.3, 0.6, 0.9, 1.0].map(|share| rank(Rank::Energy(share))).into();
        assert!(energies.is_sorted() && energies[0] >= 2 && energies[2] < 20, "{energies:?}");
        assert_eq!(energies[3], 20);
        // 2,400 bytes of floats; a rank takes 100.
        assert_eq!([0.25, 0.5, 0.999].map(|share| rank(Rank::Size(share))), [6, 12, 20]);
        for (wrong, found) in [(Rank::Fixed(1), 1), (Rank::Fixed(21), 21), (Rank::Size(0.04), 0)] {
            let error = low_rank(&weight, wrong, None).unwrap_err().to_string();
            assert_eq!(error, format!("rank {found}: a matrix [20, 30] may have 2 to 20"));
        }
    }

    #[test]
    fn rounded_factors_are_a_pair_and_calibration_makes_it_better() {
        let (weight, inputs) = (weight(true), inputs());
        let (pair, bias) = low_rank(&weight, Rank::Fixed(12), Some(&inputs)).unwrap();
        let pair = Weight::new("w", pair, bias);
        let crate::codec::Stored::LowRank { left, right } = pair.matrix().stored() else {
            panic!()
        };
        let bits = Bits::new(3).unwrap();
        let group = Group::Columns(GroupSize::new(16).unwrap());
        let errors = [Rounding::Nearest, Rounding::Gptq].map(|rounding| {
            let precision = Precision::Codes { bits, group, rounding };
            let (matrix, bias) = quantize(&pair, [left, right], precision, Some(&inputs)).unwrap();
            let parameters = matrix.parameters();
            for factor in ["left", "right"] {
                assert_eq!(parameters[factor]["codec"], "int");
                assert_eq!(parameters[factor]["bits"], 3);
            }
            error(&pair, &matrix, bias.as_deref(), &inputs)
        });
        assert!(errors[1] < 0.8 * errors[0], "{errors:?}");
    }

    #[test]
    fn inputs_that_never_occur_and_zeros_that_must_stay_are_named() {
        let mut weight = weight(false);
        let error = low_rank(&weight, Rank::Fixed(8), Some(&Gram::new(30))).unwrap_err();
        assert!(error.to_string().contains("never reaches"), "{error}");
        let mask: Vec<bool> = (0..600).map(|at| at % 3 == 0).collect();
        weight.prune(weight.matrix().to_f32(), None, mask).unwrap();
        let error = low_rank(&weight, Rank::Fixed(8), None).unwrap_err();
        assert!(error.to_string().contains("pruned"), "{error}");
    }
}
