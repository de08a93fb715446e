//! Codes that make up for each other, run after run of columns: GPTQ (see `quantize/gptq.rs`) with
//! codes that stand for several columns at once, as in van Baalen et al. 2024, section 3.
//!
//! With the factor U of the inverse Hessian, and `E` the errors `e` of a run's columns as far as
//! later columns can not make up for them, `e = E · U′` where U′ are the rows and columns of the run
//! in U, and what remains of the layer's squared error is `∣E∣²`. The code that leaves the least of
//! it is therefore the nearest once run and codes are divided by U′.

use super::nearest::Nearest;
use crate::codec::codebook::Dimension;
use crate::compress::factor::{InverseFactor, with_bias};
use crate::compress::{Gram, Weight};
use crate::error::Result;

/// Codes of the runs of a matrix, row by row, and its bias; `books` holds one book for all runs, or
/// one for each of a row's, `[codes, dimension]`.
///
/// # Errors
/// `InvalidInput` when the calibration never reached this matrix.
pub fn choose(
    weight: &Weight,
    dimension: Dimension,
    books: &[&[f32]],
    inputs: &Gram,
) -> Result<(Vec<u8>, Option<Vec<f32>>)> {
    let [rows, columns] = weight.matrix().shape();
    let factor = InverseFactor::new(inputs, weight.bias().is_some())?;
    let mut weights = with_bias(&weight.matrix().to_f32(), columns, weight.bias());
    let (width, dimension) = (factor.width(), dimension.get());
    let runs = columns.div_ceil(dimension);
    let mut codes = vec![0; rows * runs];
    for run in 0..runs {
        let (first, last) = (run * dimension, columns.min((run + 1) * dimension));
        let divided: Vec<f32> = books[run % books.len()]
            .chunks_exact(dimension)
            .flat_map(|code| divide(&code[..last - first], first, &factor))
            .collect();
        let mut nearest = Nearest::new(last - first, &divided, false);
        for (row, weights) in weights.chunks_exact_mut(width).enumerate() {
            let mut errors = divide(&weights[first..last], first, &factor);
            let code = nearest.find((&errors, None)).0;
            codes[row * runs + run] = code;
            let chosen = &divided[usize::from(code) * (last - first)..];
            errors.iter_mut().zip(chosen).for_each(|(error, code)| *error -= code);
            for (column, error) in (first..last).zip(errors) {
                let u = &factor.row(column)[last - column..];
                weights[last..].iter_mut().zip(u).for_each(|(weight, u)| *weight -= error * u);
            }
        }
    }
    let end = weights.chunks_exact(width).map(|row| row[columns]);
    Ok((codes, weight.bias().is_some().then(|| end.collect())))
}

/// E with `run = E · U′`, U′ being the square of U at column `first` as wide as the run.
fn divide(run: &[f32], first: usize, factor: &InverseFactor) -> Vec<f32> {
    let mut left = run.to_vec();
    for at in 0..left.len() {
        let u = factor.row(first + at);
        let error = left[at] / u[0];
        left[at] = error;
        left[at + 1..].iter_mut().zip(&u[1..]).for_each(|(rest, u)| *rest -= error * u);
    }
    left
}
