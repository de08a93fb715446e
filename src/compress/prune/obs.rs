//! Optimal Brain Surgeon, layer by layer: Hassibi & Stork 1993, in the approximation of SparseGPT,
//! Frantar & Alistarh 2023. Columns are visited in order; what a weight's loss does to the row's
//! products with the calibration's inputs is made up for by the columns after it, so that all rows
//! share one inverse Hessian, that of [`InverseFactor`].

use super::{FOUR, select};
use crate::compress::factor::{InverseFactor, with_bias};
use crate::compress::recipe::Amount;
use crate::compress::{Gram, Weight};
use crate::error::Result;

/// Columns whose weights are chosen together, of all rows: what goes is decided when the columns
/// before have been made up for. Frantar & Alistarh 2023, section 3.3.
const BLOCK: usize = 128;

/// What is left of a matrix.
pub struct Pruned {
    /// `[out, in]`.
    pub weights: Vec<f32>,
    /// `[out]`, where there was a bias.
    pub bias: Option<Vec<f32>>,
    /// `[out, in]`: weights that went.
    pub mask: Vec<bool>,
}

/// Prunes a matrix; the weights that stay, and its bias, change.
///
/// # Errors
/// `InvalidInput` when the calibration never reached this matrix.
pub fn obs(weight: &Weight, amount: Amount, inputs: &Gram) -> Result<Pruned> {
    let columns = weight.matrix().shape()[1];
    assert_eq!(columns, inputs.width(), "inputs of another matrix");
    let factor = InverseFactor::new(inputs, weight.bias().is_some())?;
    let mut weights = with_bias(&weight.matrix().to_f32(), columns, weight.bias());
    // Of the bias too, which never goes.
    let mut mask = vec![false; weights.len()];
    let block = match amount {
        Amount::Share(..) => BLOCK,
        Amount::TwoOfFour => FOUR,
    };
    let width = factor.width();
    for start in (0..columns).step_by(block) {
        let end = columns.min(start + block);
        choose(start..end, &weights, amount, &factor, &mut mask);
        let rows = weights.chunks_exact_mut(width).zip(mask.chunks_exact(width));
        rows.for_each(|(weights, mask)| settle(start..end, weights, mask, &factor));
    }
    let last = weights.chunks_exact(width).map(|row| row[width - 1]);
    let bias = weight.bias().is_some().then(|| last.collect());
    let mask = mask.chunks_exact(width).flat_map(|row| &row[..columns]).copied().collect();
    let weights = weights.chunks_exact(width).flat_map(|row| &row[..columns]).copied().collect();
    Ok(Pruned { weights, bias, mask })
}

/// Marks the weights of some columns that go: those with the least `(w / U[j][j])²`, what losing
/// them costs when all columns after them make up for it.
fn choose(
    block: std::ops::Range<usize>,
    weights: &[f32],
    amount: Amount,
    factor: &InverseFactor,
    mask: &mut [bool],
) {
    let width = block.len();
    let rows = weights.chunks_exact(factor.width());
    let costs: Vec<f32> = rows
        .flat_map(|row| block.clone().map(|column| row[column] / factor.row(column)[0]))
        .collect();
    let gone: Vec<bool> = match amount {
        Amount::Share(share, _) => select::smallest(costs.into_iter(), share),
        Amount::TwoOfFour => {
            let fours = costs.chunks_exact(width);
            fours.flat_map(|four| select::least(four.iter().copied(), width / 2)).collect()
        }
    };
    for (mask, gone) in mask.chunks_exact_mut(factor.width()).zip(gone.chunks_exact(width)) {
        mask[block.clone()].copy_from_slice(gone);
    }
}

/// Takes the marked weights of a block out of a row; the columns after each make up for it.
fn settle(
    block: std::ops::Range<usize>,
    weights: &mut [f32],
    mask: &[bool],
    factor: &InverseFactor,
) {
    for column in block.filter(|&column| mask[column]) {
        let row = factor.row(column);
        let error = weights[column] / row[0];
        for (weight, u) in weights[column..].iter_mut().zip(row) {
            *weight -= error * u;
        }
        weights[column] = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::float::Float32;
    use crate::compress::recipe::Scope;

    const SHAPE: [usize; 2] = [20, 300];

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        let wave = |n: usize| ((n as f32 + seed) * 12.9898).sin() * 4375.8547;
        (0..count).map(wave).map(|x| x - x.floor() - 0.5).collect()
    }

    fn inputs() -> Gram {
        let mut gram = Gram::new(SHAPE[1]);
        for row in numbers(600 * (SHAPE[1] + 3), 0.5).chunks_exact(SHAPE[1] + 3) {
            let mixed: Vec<f32> = row.windows(4).map(|w| w.iter().sum()).collect();
            gram.add(&mixed);
        }
        gram
    }

    fn error(before: &[f32], after: &[f32], gram: &Gram) -> f64 {
        let off: Vec<f32> = before.iter().zip(after).map(|(a, b)| a - b).collect();
        let width = gram.width();
        let row = |d: &[f32]| -> f64 {
            let pairs = (0..width * width).map(|at| (at / width, at % width));
            pairs.map(|(i, j)| f64::from(d[i] * d[j] * gram.at(i, j))).sum()
        };
        off.chunks_exact(width).map(row).sum()
    }

    #[test]
    fn the_others_make_up_for_what_goes() {
        let (before, gram) = (numbers(SHAPE[0] * SHAPE[1], 3.0), inputs());
        let amount = Amount::Share(0.4, Scope::Blind);
        let weight = Weight::new("w", Box::new(Float32::new(SHAPE, before.clone())), None);
        let Pruned { weights: after, mask, .. } = obs(&weight, amount, &gram).unwrap();
        let gone = mask.iter().filter(|gone| **gone).count();
        assert_eq!(gone, 2 * (20 * 128 * 2 / 5) + 20 * 44 * 2 / 5);
        assert!(after.iter().zip(&mask).all(|(value, gone)| !gone || *value == 0.0));
        let only_zeros: Vec<f32> = {
            let mask = select::smallest(before.iter().copied(), 0.4);
            before.iter().zip(mask).map(|(value, gone)| if gone { 0.0 } else { *value }).collect()
        };
        let (ours, magnitude) = (error(&before, &after, &gram), error(&before, &only_zeros, &gram));
        assert!(ours < 0.5 * magnitude, "{ours}, by magnitude {magnitude}");
    }
}
