//! GPTQ: Frantar et al. 2022, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
//! Transformers", sections 3.2 and 3.3. Columns are rounded one after the other, and what rounding
//! does to a row's products with the calibration's inputs is made up for by the columns that are
//! not rounded yet.

use half::f16;

use super::clip::{self, Grid};
use crate::codec::int::{Bits, GroupSize, Int};
use crate::compress::factor::{InverseFactor, with_bias};
use crate::compress::{Gram, Weight};
use crate::error::Result;

/// Rounds a matrix; gives it and its bias. A group's scale is that of least squared error for its
/// weights as they are when its turn comes. Weights that were pruned become zero.
///
/// # Errors
/// `InvalidInput` when a group needs a scale above the largest half float, or the calibration never
/// reached this matrix.
pub fn gptq(
    weight: &Weight,
    bits: Bits,
    group: GroupSize,
    inputs: &Gram,
) -> Result<(Int, Option<Vec<f32>>)> {
    let shape @ [rows, columns] = weight.matrix().shape();
    let mut scales = Vec::with_capacity(rows * group.groups(columns));
    let mut grid = Grid::new(bits, f16::ZERO);
    let next = |_, column: usize, weights: &[f32]| {
        if column.is_multiple_of(group.get()) {
            let scale = clip::scale(bits, &weights[..group.get().min(columns - column)])?;
            scales.push(scale);
            grid = Grid::new(bits, scale);
        }
        Ok(grid)
    };
    let (values, bias) = compensate(weight, inputs, next)?;
    Ok((Int::from_values(shape, bits, group, &values, &scales)?, bias))
}

/// Rounds a matrix to multiples of a step a row, `[out]`; gives these multiples, `[out, in]`, and the
/// bias. Weights that were pruned become zero.
///
/// # Errors
/// `InvalidInput` when the calibration never reached this matrix.
pub fn uniform(
    weight: &Weight,
    steps: &[f32],
    inputs: &Gram,
) -> Result<(Vec<i8>, Option<Vec<f32>>)> {
    compensate(weight, inputs, |row, _, _| Ok(Grid::uniform(steps[row])))
}

/// Rounds each weight to the grid that `grid` gives for its row, its column and the row's weights
/// from there on, and lets the columns after it make up for what that did. Gives codes, `[out, in]`,
/// and the bias.
fn compensate(
    weight: &Weight,
    inputs: &Gram,
    mut grid: impl FnMut(usize, usize, &[f32]) -> Result<Grid>,
) -> Result<(Vec<i8>, Option<Vec<f32>>)> {
    let [rows, columns] = weight.matrix().shape();
    assert_eq!(columns, inputs.width(), "inputs of another matrix");
    let factor = InverseFactor::new(inputs, weight.bias().is_some())?;
    let mut weights = with_bias(&weight.matrix().to_f32(), columns, weight.bias());
    let mut values = vec![0; rows * columns];
    let each = weights.chunks_exact_mut(factor.width()).zip(values.chunks_exact_mut(columns));
    for (row, (weights, values)) in each.enumerate() {
        let pruned = weight.pruned().map(|mask| &mask[row * columns..][..columns]);
        for column in 0..columns {
            let grid = grid(row, column, &weights[column..])?;
            let gone = pruned.is_some_and(|pruned| pruned[column]);
            let code = if gone { 0.0 } else { grid.code(weights[column]) };
            values[column] = code as i8;
            let row = factor.row(column);
            let error = (weights[column] - grid.value(code)) / row[0];
            for (later, u) in weights[column + 1..].iter_mut().zip(&row[1..]) {
                *later -= error * u;
            }
        }
    }
    let last = weights.chunks_exact(factor.width()).map(|row| row[columns]);
    let bias = weight.bias().is_some().then(|| last.collect());
    Ok((values, bias))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Codec;
    use crate::codec::float::Float32;
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

    fn weight(values: &[f32], bias: Option<Vec<f32>>) -> Weight {
        Weight::new("w", Box::new(Float32::new(SHAPE, values.to_vec())), bias)
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
            let (ours, _) = gptq(&weight(&weights, None), bits, group, &gram).unwrap();
            let plain = mse(SHAPE, bits, group, &weights).unwrap();
            let nearest = Int::nearest(SHAPE, bits, group, &weights).unwrap();
            let [ours, plain, nearest] =
                [ours, plain, nearest].map(|int| error(&weights, &int.to_f32(), &gram));
            assert!(ours < 0.8 * plain && ours < 0.8 * nearest, "{ours} {plain} {nearest}");
        }
    }

    #[test]
    fn the_bias_makes_up_for_what_happens_to_the_means() {
        let weights = numbers(SHAPE[0] * SHAPE[1], 7.0);
        let mut gram = Gram::new(SHAPE[1]);
        for x in numbers(300 * SHAPE[1], 0.5).chunks_exact(SHAPE[1]) {
            gram.add(&x.iter().map(|x| x + 1.0).collect::<Vec<_>>());
        }
        let before = numbers(SHAPE[0], 1.0);
        let (bits, group) = (Bits::new(2).unwrap(), GroupSize::new(8).unwrap());
        let weight = weight(&weights, Some(before.clone()));
        let (ours, bias) = gptq(&weight, bits, group, &gram).unwrap();
        let (ours, bias) = (ours.to_f32(), bias.unwrap());
        let means: Vec<f32> = gram.means().collect();
        let output = |row: &[f32]| row.iter().zip(&means).map(|(w, m)| w * m).sum::<f32>();
        for row in 0..SHAPE[0] {
            let place = row * SHAPE[1]..(row + 1) * SHAPE[1];
            let old = output(&weights[place.clone()]) + before[row];
            let new = output(&ours[place]) + bias[row];
            assert!((old - new).abs() < 0.05, "row {row}: mean {old} before, {new} after");
        }
    }

    #[test]
    fn pruned_weights_stay_zero() {
        let weights = numbers(SHAPE[0] * SHAPE[1], 3.0);
        let mask: Vec<bool> = (0..weights.len()).map(|at| at % 3 == 0).collect();
        let (bits, group) = (Bits::new(4).unwrap(), GroupSize::new(16).unwrap());
        let mut weight = weight(&weights, None);
        weight.prune(weights, None, mask.clone()).unwrap();
        let ours = gptq(&weight, bits, group, &inputs()).unwrap().0.to_f32();
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
        let (ours, _) = gptq(&weight(&weights, None), bits, group, &gram).unwrap();
        assert_eq!(ours, mse(SHAPE, bits, group, &weights).unwrap());
    }
}
