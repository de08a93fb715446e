//! GPTQ: Frantar et al. 2022, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
//! Transformers", sections 3.2 and 3.3. Columns are rounded one after the other, and what rounding
//! does to a row's products with the calibration's inputs is made up for by the columns that are
//! not rounded yet.

use half::f16;

use super::clip::{self, Grid};
use crate::codec::int::{Bits, GroupSize, Int};
use crate::compress::Gram;
use crate::compress::factor::InverseFactor;
use crate::error::Result;

/// Rounds a matrix `[out, in]` of floats, row-major. A group's scale is that of least squared error
/// for its weights as they are when its turn comes. Weights of `pruned` become zero.
///
/// # Errors
/// `InvalidInput` when a group needs a scale above the largest half float, or the calibration never
/// reached this matrix.
pub fn gptq(
    shape: [usize; 2],
    bits: Bits,
    group: GroupSize,
    mut weights: Vec<f32>,
    pruned: Option<&[bool]>,
    inputs: &Gram,
) -> Result<Int> {
    let columns = shape[1];
    assert_eq!(columns, inputs.width(), "inputs of another matrix");
    let factor = InverseFactor::new(inputs)?;
    let mut values = vec![0; weights.len()];
    let mut scales = Vec::with_capacity(shape[0] * group.groups(columns));
    let rows = weights.chunks_exact_mut(columns).zip(values.chunks_exact_mut(columns));
    for (row, (weights, values)) in rows.enumerate() {
        let pruned = pruned.map(|mask| &mask[row * columns..][..columns]);
        round_row(bits, group, weights, pruned, &factor, values, &mut scales)?;
    }
    Int::from_values(shape, bits, group, &values, &scales)
}

fn round_row(
    bits: Bits,
    group: GroupSize,
    weights: &mut [f32],
    pruned: Option<&[bool]>,
    factor: &InverseFactor,
    values: &mut [i8],
    scales: &mut Vec<f16>,
) -> Result<()> {
    let mut grid = Grid::new(bits, f16::ZERO);
    for column in 0..weights.len() {
        if column.is_multiple_of(group.get()) {
            let end = weights.len().min(column + group.get());
            let scale = clip::scale(bits, &weights[column..end])?;
            scales.push(scale);
            grid = Grid::new(bits, scale);
        }
        let gone = pruned.is_some_and(|pruned| pruned[column]);
        let code = if gone { 0.0 } else { grid.code(weights[column]) };
        values[column] = code as i8;
        let row = factor.row(column);
        let error = (weights[column] - grid.value(code)) / row[0];
        for (later, u) in weights[column + 1..].iter_mut().zip(&row[1..]) {
            *later -= error * u;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Codec;
    use crate::compress::quantize::clip::mse;

    const SHAPE: [usize; 2] = [24, 40];

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        (0..count)
            .map(|n| ((n as f32 + seed) * 12.9898).sin() * 43758.547)
            .map(|x| x - x.floor() - 0.5)
            .collect()
    }

    /// Inputs of which each element resembles its neighbours.
    fn inputs() -> Gram {
        let mut gram = Gram::new(SHAPE[1]);
        for row in numbers(300 * (SHAPE[1] + 3), 0.5).chunks_exact(SHAPE[1] + 3) {
            let mixed: Vec<f32> = row.windows(4).map(|w| w.iter().sum()).collect();
            gram.add(&mixed);
        }
        gram
    }

    /// Squared error of the outputs.
    fn error(weights: &[f32], ours: &[f32], gram: &Gram) -> f64 {
        let off: Vec<f32> = weights.iter().zip(ours).map(|(a, b)| a - b).collect();
        let width = gram.width();
        let pairs = (0..width * width).map(|at| (at / width, at % width));
        let row = |d: &[f32]| -> f64 {
            pairs.clone().map(|(i, j)| f64::from(d[i] * d[j] * gram.at(i, j))).sum()
        };
        off.chunks_exact(width).map(row).sum()
    }

    #[test]
    fn outputs_are_nearer_than_with_the_same_scales_and_no_making_up() {
        let (weights, gram) = (numbers(SHAPE[0] * SHAPE[1], 7.0), inputs());
        for (bits, size) in [(2, 8), (3, 16), (4, 16), (4, 40), (8, 64)] {
            let (bits, group) = (Bits::new(bits).unwrap(), GroupSize::new(size).unwrap());
            let ours = gptq(SHAPE, bits, group, weights.clone(), None, &gram).unwrap();
            let plain = mse(SHAPE, bits, group, &weights).unwrap();
            let nearest = Int::nearest(SHAPE, bits, group, &weights).unwrap();
            let [ours, plain, nearest] =
                [ours, plain, nearest].map(|int| error(&weights, &int.to_f32(), &gram));
            assert!(ours < 0.8 * plain && ours < 0.8 * nearest, "{ours} {plain} {nearest}");
        }
    }

    #[test]
    fn pruned_weights_stay_zero() {
        let weights = numbers(SHAPE[0] * SHAPE[1], 3.0);
        let mask: Vec<bool> = (0..weights.len()).map(|at| at % 3 == 0).collect();
        let (bits, group) = (Bits::new(4).unwrap(), GroupSize::new(16).unwrap());
        let ours = gptq(SHAPE, bits, group, weights, Some(&mask), &inputs()).unwrap().to_f32();
        assert!(ours.iter().zip(&mask).all(|(value, gone)| !gone || *value == 0.0));
        assert!(ours.iter().filter(|value| **value != 0.0).count() > SHAPE[0] * SHAPE[1] / 2);
    }

    /// Without correlations there is nothing to make up with.
    #[test]
    fn inputs_that_do_not_resemble_each_other_give_plain_rounding() {
        let weights = numbers(SHAPE[0] * SHAPE[1], 9.0);
        let mut gram = Gram::new(SHAPE[1]);
        for at in 0..SHAPE[1] {
            let mut x = vec![0.0; SHAPE[1]];
            x[at] = 1.0 + at as f32;
            gram.add(&x);
        }
        let (bits, group) = (Bits::new(4).unwrap(), GroupSize::new(16).unwrap());
        let ours = gptq(SHAPE, bits, group, weights.clone(), None, &gram).unwrap();
        assert_eq!(ours, mse(SHAPE, bits, group, &weights).unwrap());
    }
}
