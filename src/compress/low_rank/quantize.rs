//! Fewer bits a weight of a pair of factors.

use crate::codec::Matrix;
use crate::codec::float::Float32;
use crate::codec::low_rank::LowRank;
use crate::compress::recipe::Precision;
use crate::compress::{Gram, Weight, quantize as single};
use crate::error::Result;

/// Rounds both factors, `right` for the layer's inputs and `left` for what the rounded `right` makes
/// of them, and gives the pair and the bias of `weight`.
///
/// # Errors
/// As [`single::one`].
pub fn quantize(
    weight: &Weight,
    [left, right]: [&Matrix; 2],
    precision: Precision,
    inputs: Option<&Gram>,
) -> Result<(Matrix, Option<Vec<f32>>)> {
    let before = right.to_f32();
    let factor = |matrix: &Matrix, bias| {
        // Both are held in half floats or codes, and their floats are the same weights.
        let floats = Float32::new(matrix.shape(), matrix.to_f32());
        Weight::new(weight.name.as_str(), Box::new(floats), bias)
    };
    let (right, _) = single::one(&factor(right, None), precision, inputs)?;
    let after = right.to_f32();
    let shown = inputs.map(|inputs| inputs.through(&after));
    let bias = weight.bias().map(<[f32]>::to_vec);
    let (left, bias) = single::one(&factor(left, bias), precision, shown.as_ref())?;
    // What rounding did to the means of what `right` gives has passed through `left`.
    let bias = match (bias, inputs) {
        (Some(bias), Some(inputs)) => {
            let off: Vec<f32> =
                inputs.keep_means(&vec![0.0; after.len() / inputs.width()], &before, &after);
            let values = left.to_f32();
            let rows = values.chunks_exact(off.len());
            let through = rows.map(|row| row.iter().zip(&off).map(|(l, off)| l * off).sum::<f32>());
            Some(bias.iter().zip(through).map(|(bias, off)| bias + off).collect())
        }
        (bias, _) => bias,
    };
    Ok((Box::new(LowRank::new(left, right)?), bias))
}
