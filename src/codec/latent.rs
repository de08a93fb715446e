//! Matrices in training. What an optimiser moves are floats; what is kept is a matrix in its codec.
//! A [`Latent`] goes from one to the other and brings gradients back, so that what is trained is what
//! is kept: scales, masks and codes stay, weights are rounded at every step as a file would have them.
//!
//! Rounding has no slope. Gradients pass it as if it were not there (the straight-through estimator:
//! Bengio et al. 2013, "Estimating or Propagating Gradients Through Stochastic Neurons for
//! Conditional Computation"), but for what would push a code past the end of its range: there, moving
//! the parameter further moves no weight, and it would take as many steps to come back.

mod codebook;
mod float;
mod grid;
mod low_rank;
mod single;
#[cfg(test)]
mod tests;

use std::fmt::Debug;

use self::single::Zeros;
use super::codebook::CODEBOOK;
use super::{Codec, Matrix, Stored};
use crate::error::{At, Error, Result};
use crate::tensor::Tensor;

/// A matrix under training: the floats that an optimiser may move, and what they stand for in the
/// codec.
pub trait Latent: Debug + Send + Sync {
    /// `[out, in]`.
    fn shape(&self) -> [usize; 2];

    /// How many floats may be moved: one a weight where weights are held one by one, the values of
    /// the codes `[books, codes, dimension]` of a codebook, those of the left and then of the right
    /// factor of a pair.
    fn count(&self) -> usize;

    /// The floats from which this matrix starts, [`Latent::count`] of them: [`Latent::weights`] of
    /// these is exactly the matrix that this was made of, but that a zero may lose its sign.
    fn start(&self) -> Vec<f32>;

    /// The same, or where floats of a whole range stand for a weight, those that are nearest to
    /// `goal`, weights `[out, in]`, by a margin that a few steps cross.
    fn start_near(&self, goal: &[f32]) -> Vec<f32> {
        let _ = goal;
        self.start()
    }

    /// Writes the weights `[out, in]` that these parameters stand for: exactly
    /// `self.matrix(parameters)?.to_f32()`. Where that is an error, some weights are not finite, or
    /// the matrix would be too monotonous for its codec.
    ///
    /// # Panics
    /// When there are more or fewer parameters or weights: the caller made both.
    fn weights(&self, parameters: &[f32], out: &mut [f32]);

    /// Writes the gradient of the parameters, made of that of the weights, `[out, in]`. Parameters
    /// are taken to move against it: of a code at the end of its range, what would push it further
    /// out is zero.
    ///
    /// # Panics
    /// As [`Latent::weights`].
    fn pull(&self, parameters: &[f32], gradient: &[f32], out: &mut [f32]);

    /// The matrix in its codec.
    ///
    /// # Errors
    /// `InvalidInput` when there are more or fewer parameters, when one is not finite or above the
    /// largest half float where it is held as such, or when hardly any code of an entropy-coded
    /// matrix differs from the others.
    fn matrix(&self, parameters: &[f32]) -> Result<Matrix>;
}

/// A matrix as it is trained in its codec. Of one that is held sparse, zeros stay zero, and all
/// others may come back after they have been rounded to zero.
///
/// # Errors
/// `InvalidInput` when its steps are so large that a code would stand for no finite weight, and for
/// a codec that is not in the table.
pub fn of(matrix: &dyn Codec) -> Result<Box<dyn Latent>> {
    let latent = match matrix.stored() {
        Stored::Sparse(dense) => single::of(&**dense, Zeros::Sparse),
        Stored::LowRank { left, right } => low_rank::of(left, right),
        _ if matrix.name() == CODEBOOK.name => codebook::of(matrix),
        _ => single::of(matrix, Zeros::Free),
    };
    latent.at(format!("codec {}", matrix.name()))
}

/// As [`of`], and every weight that is zero stays zero, as is asked of a matrix that was pruned and
/// is not held sparse.
///
/// # Errors
/// As [`of`], and `InvalidInput` for codebooks and pairs of factors, whose weights are not held one
/// by one.
pub fn masked(matrix: &dyn Codec) -> Result<Box<dyn Latent>> {
    let latent = match matrix.stored() {
        Stored::Sparse(dense) => single::of(&**dense, Zeros::Sparse),
        _ => single::of(matrix, Zeros::Kept),
    };
    latent.at(format!("codec {}", matrix.name()))
}

/// The part of that suffix.
fn part(matrix: &dyn Codec, suffix: &str) -> Result<Tensor> {
    let part = matrix.parts().into_iter().find(|(name, _)| *name == suffix);
    let part = part.ok_or_else(|| Error::invalid(format!("the part `.{suffix}` is missing")))?;
    Ok(part.1)
}

/// `InvalidInput` unless there are `count` parameters, all finite.
fn expect_sound(parameters: &[f32], count: usize) -> Result<()> {
    if parameters.len() != count {
        let found = parameters.len();
        return Err(Error::invalid(format!("expected {count} parameters, found {found}")));
    }
    match parameters.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => Err(Error::invalid(format!("parameter {at} is {}", parameters[at]))),
    }
}

/// For what has no error to give.
///
/// # Panics
/// When there are more or fewer parameters or weights than `latent` has.
fn assert_lengths(latent: &dyn Latent, parameters: &[f32], weights: &[f32]) {
    let [rows, columns] = latent.shape();
    assert_eq!(parameters.len(), latent.count(), "parameters of a matrix [{rows}, {columns}]");
    assert_eq!(weights.len(), rows * columns, "weights of a matrix [{rows}, {columns}]");
}
