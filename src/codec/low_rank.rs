//! A product of two thin matrices: `weight = left · right`, where `left` is `[out, rank]` and
//! `right` `[rank, in]`, each a matrix of its own codec (`f16` or `int`) under `NAME.left` and
//! `NAME.right`. The metadata gives `rank`, `left` and `right`.
//!
//! Products are summed in the order of the rank, in single floats, so that every reader that does
//! the same finds the same weights to the bit.

use super::float16::F16;
use super::int::INT;
use super::{Codec, Entry, Matrix, Parameters, Parts, Stored, nested};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// The row of this codec in the table.
pub const LOW_RANK: Entry = Entry {
    name: "low_rank",
    parts: &[
        "left.values",
        "left.codes",
        "left.scales",
        "right.values",
        "right.codes",
        "right.scales",
    ],
    parameters: &["rank", "left", "right"],
    read,
};

/// How factors may be held. Of these no product overflows, whatever a file says.
const FACTORS: &[&Entry] = &[&F16, &INT];

/// How many times the rank a matrix may be wide and high. A matrix of rank 1 is as large as one
/// likes in a file of a few bytes; this bounds what a file can ask for.
const MOST: usize = 16;

/// The least rank that a matrix of this shape may be held with.
pub fn least_rank(shape: [usize; 2]) -> usize {
    shape[0].min(shape[1]).div_ceil(MOST).max(1)
}

/// A pair of factors.
#[derive(Debug)]
pub struct LowRank {
    /// `[out, rank]`.
    left: Matrix,
    /// `[rank, in]`.
    right: Matrix,
    /// `right`, unpacked: every row of the product needs all of it.
    unpacked: Vec<f32>,
}

impl LowRank {
    /// The product of `left`, `[out, rank]`, and `right`, `[rank, in]`, held as `f16` or `int`.
    ///
    /// # Errors
    /// `InvalidInput` when the factors do not fit each other or the rank is below
    /// [`least_rank`]; when one has another codec.
    pub fn new(left: Matrix, right: Matrix) -> Result<Self> {
        let ([out, rank], [inner, columns]) = (left.shape(), right.shape());
        if rank != inner {
            return Err(Error::invalid(format!(
                "no product: {:?} and {:?}",
                left.shape(),
                right.shape()
            )));
        }
        for factor in [&left, &right] {
            if !FACTORS.iter().any(|entry| entry.name == factor.name()) {
                return Err(Error::invalid(format!("a factor in the codec {}", factor.name())));
            }
        }
        let least = least_rank([out, columns]);
        if rank < least {
            return Err(Error::invalid(format!(
                "a matrix {:?} of rank {rank}: expected {least} at least",
                [out, columns]
            )));
        }
        let unpacked = right.to_f32();
        Ok(LowRank { left, right, unpacked })
    }
}

fn read(parts: Parts<'_>) -> Result<Matrix> {
    let [rows, columns] = parts.shape;
    let least = least_rank(parts.shape) as u64;
    let rank = parts.integer("rank", least..=u32::MAX.into())? as usize;
    let left = parts.inner("left", FACTORS)?.read([rows, rank], None)?;
    let right = parts.inner("right", FACTORS)?.read([rank, columns], None)?;
    Ok(Box::new(LowRank::new(left, right)?))
}

impl Codec for LowRank {
    fn name(&self) -> &'static str {
        LOW_RANK.name
    }

    fn shape(&self) -> [usize; 2] {
        [self.left.shape()[0], self.right.shape()[1]]
    }

    fn parameters(&self) -> Parameters {
        let rank = self.left.shape()[1];
        let factors = [("left", &*self.left), ("right", &*self.right)];
        let factors = factors.map(|(name, factor)| nested::parameter(name, factor));
        std::iter::once(("rank".to_owned(), rank.into())).chain(factors).collect()
    }

    fn row(&self, row: usize, out: &mut [f32]) {
        let mut left = vec![0.0; self.left.shape()[1]];
        self.left.row(row, &mut left);
        out.fill(0.0);
        for (factor, right) in left.iter().zip(self.unpacked.chunks_exact(out.len().max(1))) {
            out.iter_mut().zip(right).for_each(|(sum, right)| *sum += factor * right);
        }
    }

    fn stored(&self) -> Stored<'_> {
        Stored::LowRank { left: &self.left, right: &self.right }
    }

    fn parts(&self) -> Vec<(&'static str, Tensor)> {
        let mut parts = nested::parts(&LOW_RANK, "left", self.left.parts());
        parts.extend(nested::parts(&LOW_RANK, "right", self.right.parts()));
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::float::Float32;
    use crate::codec::float16::Float16;

    fn half(shape: [usize; 2], values: &[f32]) -> Matrix {
        Box::new(Float16::round(shape, values).unwrap())
    }

    #[test]
    fn weights_are_the_product_of_the_factors() {
        let left = half([3, 2], &[1.0, 2.0, 0.0, -1.0, 0.5, 0.25]);
        let right = half([2, 2], &[1.0, 2.0, 3.0, -4.0]);
        let pair = LowRank::new(left, right).unwrap();
        assert_eq!(pair.shape(), [3, 2]);
        assert_eq!(pair.to_f32(), [7.0, -6.0, -3.0, 4.0, 1.25, 0.0]);
        assert_eq!(pair.parameters()["rank"], 2);
        assert_eq!(pair.parameters()["left"]["codec"], "f16");
        let names: Vec<_> = pair.parts().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["left.values", "right.values"]);
    }

    #[test]
    fn what_is_no_pair_is_named() {
        let error = |left, right| LowRank::new(left, right).unwrap_err().to_string();
        let text = error(half([3, 2], &[1.0; 6]), half([3, 2], &[1.0; 6]));
        assert_eq!(text, "no product: [3, 2] and [3, 2]");
        let float = Box::new(Float32::new([2, 1], vec![1.0; 2]));
        let text = error(half([3, 2], &[1.0; 6]), float);
        assert_eq!(text, "a factor in the codec f32");
        let text = error(half([17, 1], &[1.0; 17]), half([1, 17], &[1.0; 17]));
        assert_eq!(text, "a matrix [17, 17] of rank 1: expected 2 at least");
        assert!(LowRank::new(half([16, 1], &[1.0; 16]), half([1, 90], &[1.0; 90])).is_ok());
    }
}
