//! Pairs of factors: the parameters of the left one, then those of the right one, each trained in its
//! own codec.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use super::{Latent, assert_lengths, expect_sound};
use crate::codec::Matrix;
use crate::codec::low_rank::LowRank;
use crate::error::{At, Result};

/// A pair of factors, both of which may move.
#[derive(Debug)]
struct Pair {
    /// `[out, rank]`.
    left: Box<dyn Latent>,
    /// `[rank, in]`.
    right: Box<dyn Latent>,
}

/// The product `left · right` as it is trained.
pub fn of(left: &Matrix, right: &Matrix) -> Result<Box<dyn Latent>> {
    let (left, right) = (super::of(&**left).at("`left`")?, super::of(&**right).at("`right`")?);
    Ok(Box::new(Pair { left, right }))
}

/// What the parameters of a factor stand for.
fn factor(latent: &dyn Latent, parameters: &[f32]) -> Vec<f32> {
    let mut weights = vec![0.0; latent.shape().iter().product()];
    latent.weights(parameters, &mut weights);
    weights
}

impl Latent for Pair {
    fn shape(&self) -> [usize; 2] {
        [self.left.shape()[0], self.right.shape()[1]]
    }

    fn count(&self) -> usize {
        self.left.count() + self.right.count()
    }

    fn start(&self) -> Vec<f32> {
        [self.left.start(), self.right.start()].concat()
    }

    fn weights(&self, parameters: &[f32], out: &mut [f32]) {
        assert_lengths(self, parameters, out);
        let (left, right) = parameters.split_at(self.left.count());
        let (left, right) = (factor(&*self.left, left), factor(&*self.right, right));
        product(&left, &right, self.right.shape(), out);
    }

    /// Of the left factor's weights, `gradient · rightᵀ`; of the right one's, `leftᵀ · gradient`.
    fn pull(&self, parameters: &[f32], gradient: &[f32], out: &mut [f32]) {
        assert_lengths(self, parameters, gradient);
        assert_lengths(self, out, gradient);
        let ([rows, rank], [_, columns]) = (self.left.shape(), self.right.shape());
        let (left, right) = parameters.split_at(self.left.count());
        let (left_out, right_out) = out.split_at_mut(self.left.count());
        let weights = (factor(&*self.left, left), factor(&*self.right, right));
        let gradient = MatRef::from_row_major_slice(gradient, rows, columns);

        let mut of_left = vec![0.0; rows * rank];
        let into = MatMut::from_row_major_slice_mut(&mut of_left, rows, rank);
        let other = MatRef::from_row_major_slice(&weights.1, rank, columns);
        matmul(into, Accum::Replace, gradient, other.transpose(), 1.0, Par::Seq);
        self.left.pull(left, &of_left, left_out);

        let mut of_right = vec![0.0; rank * columns];
        let into = MatMut::from_row_major_slice_mut(&mut of_right, rank, columns);
        let other = MatRef::from_row_major_slice(&weights.0, rows, rank);
        matmul(into, Accum::Replace, other.transpose(), gradient, 1.0, Par::Seq);
        self.right.pull(right, &of_right, right_out);
    }

    fn matrix(&self, parameters: &[f32]) -> Result<Matrix> {
        expect_sound(parameters, self.count())?;
        let (left, right) = parameters.split_at(self.left.count());
        let left = self.left.matrix(left).at("`left`")?;
        let right = self.right.matrix(right).at("`right`")?;
        Ok(Box::new(LowRank::new(left, right)?))
    }
}

/// Columns and rows whose sums are kept together in registers.
const LANES: usize = 8;
const ROWS: usize = 4;

/// `left · right`, where `right` is `[rank, columns]`. Each sum goes in the order of the rank, without
/// fused multiply-add, as the codec asks for; a library's products would differ in their last bits.
fn product(left: &[f32], right: &[f32], [rank, columns]: [usize; 2], out: &mut [f32]) {
    if rank == 0 || columns == 0 {
        return out.fill(0.0);
    }
    // `[⌈columns / LANES⌉, rank, LANES]`: what a tile reads stands together.
    let mut panels = vec![[0f32; LANES]; columns.div_ceil(LANES) * rank];
    for (k, row) in right.chunks_exact(columns).enumerate() {
        for (panel, values) in row.chunks(LANES).enumerate() {
            panels[panel * rank + k][..values.len()].copy_from_slice(values);
        }
    }
    for (left, out) in left.chunks(ROWS * rank).zip(out.chunks_mut(ROWS * columns)) {
        for (at, panel) in panels.chunks_exact(rank).enumerate() {
            if left.len() == ROWS * rank {
                tile::<ROWS>(left, panel, at * LANES, columns, out);
                continue;
            }
            for (left, out) in left.chunks_exact(rank).zip(out.chunks_exact_mut(columns)) {
                tile::<1>(left, panel, at * LANES, columns, out);
            }
        }
    }
}

/// The products of the rows of `left`, `[N, rank]`, with a panel, `[rank, LANES]`, which go to `out`,
/// `[N, columns]`, from column `first` on.
fn tile<const N: usize>(
    left: &[f32],
    panel: &[[f32; LANES]],
    first: usize,
    columns: usize,
    out: &mut [f32],
) {
    let rows: [&[f32]; N] = std::array::from_fn(|row| &left[row * panel.len()..][..panel.len()]);
    let mut sums = [[0f32; LANES]; N];
    for (k, right) in panel.iter().enumerate() {
        for (sums, row) in sums.iter_mut().zip(rows) {
            let factor = row[k];
            sums.iter_mut().zip(right).for_each(|(sum, right)| *sum += factor * right);
        }
    }
    let width = LANES.min(columns - first);
    for (sums, out) in sums.iter().zip(out.chunks_exact_mut(columns)) {
        out[first..][..width].copy_from_slice(&sums[..width]);
    }
}
