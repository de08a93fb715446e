//! Codecs with one float a weight: as many parameters, in the same order, of which a mask may hold
//! some at zero.

use std::fmt::Debug;

use super::float::{Halves, Plain};
use super::grid::Grid;
use super::{Latent, assert_lengths, expect_sound};
use crate::codec::entropy::ENTROPY;
use crate::codec::sparse::Sparse;
use crate::codec::{Codec, Matrix, Stored};
use crate::error::{Error, Result};

/// A codec, row by row.
pub trait Rows: Debug + Send + Sync {
    /// `[out, in]`.
    fn shape(&self) -> [usize; 2];
    /// The weights `[out, in]` at the start.
    fn start(&self) -> Vec<f32>;
    /// What else they may be at the start of row `row`, as near as may be to `goal`; all `[in]`.
    fn start_near(&self, row: usize, goal: &[f32], parameters: &mut [f32]) {
        let _ = (row, goal, parameters);
    }
    /// What the parameters of row `row` stand for; all `[in]`.
    fn weights(&self, row: usize, parameters: &[f32], out: &mut [f32]);
    /// The gradient of the parameters of row `row`; all `[in]`.
    fn pull(&self, row: usize, parameters: &[f32], gradient: &[f32], out: &mut [f32]);
    /// The matrix of finite parameters, `[out, in]`.
    fn matrix(&self, parameters: &[f32]) -> Result<Matrix>;
}

/// What becomes of weights that are zero at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zeros {
    /// They are weights as others are.
    Free,
    /// They stay zero.
    Kept,
    /// They stay zero, and the matrix is held sparse.
    Sparse,
}

/// A matrix with a parameter for each weight.
#[derive(Debug)]
struct Single<R> {
    rows: R,
    /// `[out, in]`: the weights that may move; all where there is nothing.
    kept: Option<Vec<bool>>,
    sparse: bool,
}

/// A matrix as it is trained, parameter by weight.
pub fn of(matrix: &dyn Codec, zeros: Zeros) -> Result<Box<dyn Latent>> {
    match matrix.stored() {
        Stored::Float32(values) => Ok(single(Plain::new(matrix.shape(), values), zeros)),
        Stored::Float16(_) => Ok(single(Halves::new(matrix)?, zeros)),
        Stored::Int8 { scale, input_scale, .. } => {
            Ok(single(Grid::int8(matrix, scale, input_scale)?, zeros))
        }
        Stored::Int { bits, group_size, codes, scales } => {
            Ok(single(Grid::int(matrix.shape(), bits, group_size, codes, scales)?, zeros))
        }
        _ if matrix.name() == ENTROPY.name => Ok(single(Grid::entropy(matrix)?, zeros)),
        _ => Err(Error::invalid("its weights are not held one by one")),
    }
}

fn single(rows: impl Rows + 'static, zeros: Zeros) -> Box<dyn Latent> {
    let kept = || rows.start().iter().map(|weight| *weight != 0.0).collect();
    let kept = (zeros != Zeros::Free).then(kept);
    Box::new(Single { rows, kept, sparse: zeros == Zeros::Sparse })
}

/// The values whose weights may move, and zeros.
fn mask(values: &[f32], kept: &[bool], out: &mut [f32]) {
    for ((out, &value), &kept) in out.iter_mut().zip(values).zip(kept) {
        *out = if kept { value } else { 0.0 };
    }
}

impl<R: Rows> Latent for Single<R> {
    fn shape(&self) -> [usize; 2] {
        self.rows.shape()
    }

    fn count(&self) -> usize {
        self.shape().iter().product()
    }

    fn start(&self) -> Vec<f32> {
        self.rows.start()
    }

    fn start_near(&self, goal: &[f32]) -> Vec<f32> {
        let mut parameters = self.start();
        let columns = self.shape()[1].max(1);
        let rows = parameters.chunks_exact_mut(columns).zip(goal.chunks_exact(columns));
        for (row, (parameters, goal)) in rows.enumerate() {
            self.rows.start_near(row, goal, parameters);
        }
        // What stays zero is told by its parameter, too.
        if let Some(kept) = &self.kept {
            let gone = parameters.iter_mut().zip(kept).filter(|(_, kept)| !**kept);
            gone.for_each(|(parameter, _)| *parameter = 0.0);
        }
        parameters
    }

    fn weights(&self, parameters: &[f32], out: &mut [f32]) {
        assert_lengths(self, parameters, out);
        // The matrix has no weights where a row has none.
        let columns = self.shape()[1].max(1);
        let mut row = vec![0.0; columns];
        let rows = parameters.chunks_exact(columns).zip(out.chunks_exact_mut(columns));
        for (at, (parameters, out)) in rows.enumerate() {
            let Some(kept) = &self.kept else {
                self.rows.weights(at, parameters, out);
                continue;
            };
            mask(parameters, &kept[at * columns..], &mut row);
            self.rows.weights(at, &row, out);
        }
    }

    fn pull(&self, parameters: &[f32], gradient: &[f32], out: &mut [f32]) {
        assert_lengths(self, parameters, gradient);
        assert_lengths(self, out, gradient);
        let columns = self.shape()[1].max(1);
        let mut row = vec![0.0; columns];
        let rows = parameters.chunks_exact(columns).zip(gradient.chunks_exact(columns));
        for (at, ((parameters, gradient), out)) in
            rows.zip(out.chunks_exact_mut(columns)).enumerate()
        {
            let Some(kept) = &self.kept else {
                self.rows.pull(at, parameters, gradient, out);
                continue;
            };
            self.rows.pull(at, parameters, gradient, &mut row);
            mask(&row, &kept[at * columns..], out);
        }
    }

    fn matrix(&self, parameters: &[f32]) -> Result<Matrix> {
        expect_sound(parameters, self.count())?;
        let matrix = match &self.kept {
            None => self.rows.matrix(parameters)?,
            Some(kept) => {
                let mut values = vec![0.0; parameters.len()];
                mask(parameters, kept, &mut values);
                self.rows.matrix(&values)?
            }
        };
        Ok(if self.sparse { Box::new(Sparse::new(&*matrix)?) } else { matrix })
    }
}
