//! What the second-order methods know of a layer: for its inputs X `[rows, in]` over some text, the
//! matrix XᵀX. Twice that is the Hessian of the squared error of the layer's outputs with respect to
//! any one of its rows of weights.

use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, Mat, MatRef, Par};

/// XᵀX of the inputs of a layer, each with a constant 1 at its end, which stands for the input of the
/// layer's bias.
#[derive(Clone, Debug)]
pub struct Gram {
    rows: usize,
    /// `[in + 1, in + 1]`, of which the lower triangle counts.
    products: Mat<f32>,
}

impl Gram {
    /// Of no inputs yet, each `width` wide.
    pub fn new(width: usize) -> Self {
        Gram { rows: 0, products: Mat::zeros(width + 1, width + 1) }
    }

    /// Adds inputs, `[rows, width]`, row-major.
    ///
    /// # Panics
    /// When they do not fill whole rows.
    pub fn add(&mut self, inputs: &[f32]) {
        let width = self.width();
        assert!(inputs.len().is_multiple_of(width), "inputs do not fill rows of {width}");
        let rows = inputs.len() / width;
        let mut extended = Vec::with_capacity(rows * (width + 1));
        for input in inputs.chunks_exact(width) {
            extended.extend_from_slice(input);
            extended.push(1.0);
        }
        let x = MatRef::from_row_major_slice(&extended, rows, width + 1);
        matmul(
            self.products.as_mut(),
            BlockStructure::TriangularLower,
            Accum::Add,
            x.transpose(),
            BlockStructure::Rectangular,
            x,
            BlockStructure::Rectangular,
            1.0,
            Par::Seq,
        );
        self.rows += rows;
    }

    /// That of what a matrix `[out, width]`, row-major, makes of these inputs.
    ///
    /// # Panics
    /// When the matrix does not fill whole rows.
    pub fn through(&self, matrix: &[f32]) -> Gram {
        let width = self.width();
        assert!(matrix.len().is_multiple_of(width), "the matrix does not fill rows of {width}");
        let out = matrix.len() / width;
        // The constant stays what it is.
        let extended = Mat::from_fn(out + 1, width + 1, |i, j| match (i == out, j == width) {
            (false, false) => matrix[i * width + j],
            (true, true) => 1.0,
            _ => 0.0,
        });
        let all = Mat::from_fn(width + 1, width + 1, |i, j| self.at(i, j));
        Gram { rows: self.rows, products: &extended * all * extended.transpose() }
    }

    /// Inputs so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements of an input.
    pub fn width(&self) -> usize {
        self.products.nrows() - 1
    }

    /// Σ xᵢ xⱼ over all inputs; index `width` is that of the constant.
    pub fn at(&self, i: usize, j: usize) -> f32 {
        self.products[(i.max(j), i.min(j))]
    }

    /// Σ xᵢ² over all inputs, `[width]`.
    pub fn diagonal(&self) -> impl Iterator<Item = f32> {
        (0..self.width()).map(|i| self.at(i, i))
    }

    /// The mean of xᵢ over all inputs, `[width]`; zeros when there are none.
    pub fn means(&self) -> impl Iterator<Item = f32> {
        let (width, rows) = (self.width(), self.rows.max(1) as f32);
        (0..width).map(move |i| self.at(width, i) / rows)
    }

    /// The bias `[out]` with which weights `after` give outputs of the same mean as those `before`
    /// did with `bias`; both `[out, width]`. (Nagel et al. 2019, section 4.2.)
    pub fn keep_means(&self, bias: &[f32], before: &[f32], after: &[f32]) -> Vec<f32> {
        let means: Vec<f32> = self.means().collect();
        let rows = before.chunks_exact(means.len()).zip(after.chunks_exact(means.len()));
        let off = rows.map(|(before, after)| -> f32 {
            let each = before.iter().zip(after).zip(&means);
            each.map(|((before, after), mean)| (before - after) * mean).sum()
        });
        bias.iter().zip(off).map(|(bias, off)| bias + off).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_products_of_all_blocks() {
        let mut gram = Gram::new(3);
        gram.add(&[1.0, 2.0, 0.0, 0.0, -1.0, 3.0]);
        gram.add(&[]);
        gram.add(&[2.0, 0.0, 1.0]);
        assert_eq!(gram.rows(), 3);
        let all: Vec<f32> = (0..9).map(|at| gram.at(at / 3, at % 3)).collect();
        assert_eq!(all, [5.0, 2.0, 2.0, 2.0, 5.0, -3.0, 2.0, -3.0, 10.0]);
        assert_eq!(gram.diagonal().collect::<Vec<_>>(), [5.0, 5.0, 10.0]);
        assert_eq!(gram.means().collect::<Vec<_>>(), [1.0, 1.0 / 3.0, 4.0 / 3.0]);
        assert_eq!(gram.at(3, 3), 3.0);
        assert!(Gram::new(2).means().all(|mean| mean == 0.0));
    }

    #[test]
    fn through_a_matrix_is_as_if_its_products_had_been_added() {
        let (mut before, mut after) = (Gram::new(3), Gram::new(2));
        let matrix = [1.0, 0.0, -2.0, 0.5, 3.0, 1.0];
        for x in [[1.0, 2.0, 0.0], [0.0, -1.0, 3.0], [4.0, 4.0, 1.0]] {
            let product = |row: &[f32]| row.iter().zip(&x).map(|(w, x)| w * x).sum::<f32>();
            before.add(&x);
            after.add(&[product(&matrix[..3]), product(&matrix[3..])]);
        }
        let through = before.through(&matrix);
        assert_eq!((through.width(), through.rows()), (2, 3));
        for (i, j) in (0..9).map(|at| (at / 3, at % 3)) {
            assert_eq!(through.at(i, j), after.at(i, j), "[{i}][{j}]");
        }
    }
}
