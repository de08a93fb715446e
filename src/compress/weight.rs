//! A matrix on its way through a recipe.

mod take;

use crate::codec::float::Float32;
use crate::codec::float16::Float16;
use crate::codec::int::Int;
use crate::codec::int8::Int8;
use crate::codec::sparse::Sparse;
use crate::codec::{self, Matrix, Stored};
use crate::error::{Error, Result};
use crate::tensor::{Dtype, Tensor};
use half::f16;

/// A weight matrix of a model, and what earlier steps decided about it.
#[derive(Debug)]
pub struct Weight {
    /// Its name in the package.
    pub name: String,
    /// Its name in the package that the recipe began with.
    origin: String,
    /// `[out, in]`, as it is kept.
    matrix: Matrix,
    /// `[out]`: what is added to the products, where the layer has that.
    bias: Option<Vec<f32>>,
    /// `[out, in]`: weights that were pruned. Later steps leave them zero.
    pruned: Option<Vec<bool>>,
    /// `[out]`: of an embedding, the logarithm of how likely the piece of each row is.
    scores: Option<Vec<f32>>,
}

impl Weight {
    /// A matrix that nothing was done to yet, and its bias. Of one that is held sparse, the zeros
    /// were pruned before.
    ///
    /// # Panics
    /// When the bias is not as long as the matrix has rows.
    pub fn new(name: impl Into<String>, matrix: Matrix, bias: Option<Vec<f32>>) -> Self {
        assert!(bias.as_ref().is_none_or(|bias| bias.len() == matrix.shape()[0]));
        let name = name.into();
        let zeros = || matrix.to_f32().iter().map(|value| *value == 0.0).collect();
        let pruned = matches!(matrix.stored(), Stored::Sparse(_)).then(zeros);
        Weight { origin: name.clone(), name, matrix, bias, pruned, scores: None }
    }

    /// An embedding, with the logarithms of its pieces' probabilities.
    ///
    /// # Errors
    /// `Malformed` when there are not as many as the matrix has rows.
    pub fn with_scores(self, scores: Vec<f32>) -> Result<Self> {
        let rows = self.matrix.shape()[0];
        if scores.len() != rows {
            let pieces = scores.len();
            return Err(Error::malformed(format!("{pieces} pieces for {rows} rows")).at(self.name));
        }
        Ok(Weight { scores: Some(scores), ..self })
    }

    /// `[out]`: of an embedding, the logarithm of how likely the piece of each row is.
    pub fn scores(&self) -> Option<&[f32]> {
        self.scores.as_deref()
    }

    /// Its name in the package that the recipe began with: layers that go change the names of those
    /// behind them.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The bias as it is now.
    pub fn bias(&self) -> Option<&[f32]> {
        self.bias.as_deref()
    }

    /// The matrix as it is now.
    pub fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    /// Which weights were pruned, `[out, in]`; none where no step did.
    pub fn pruned(&self) -> Option<&[bool]> {
        self.pruned.as_deref()
    }

    /// For methods that give up single weights, and with them the zeros that pruning made.
    ///
    /// # Errors
    /// `InvalidInput` when there are such zeros.
    pub fn expect_whole(&self) -> Result<()> {
        match &self.pruned {
            None => Ok(()),
            Some(_) => Err(Error::invalid(
                "it was pruned, and this method would not keep the zeros: `quantize` would",
            )),
        }
    }

    /// The same once more, for trying something out.
    ///
    /// # Errors
    /// As [`codec::copy`].
    pub fn duplicate(&self) -> Result<Self> {
        Ok(Weight {
            name: self.name.clone(),
            origin: self.origin.clone(),
            matrix: codec::copy(&*self.matrix)?,
            bias: self.bias.clone(),
            pruned: self.pruned.clone(),
            scores: self.scores.clone(),
        })
    }

    /// Puts `matrix` and `bias` in place of what was there. What was held sparse still is, where the
    /// new codec has weights one by one.
    ///
    /// # Errors
    /// `InvalidInput` when that would leave nothing of a matrix that was not empty before.
    ///
    /// # Panics
    /// When shapes differ, or a weight is not finite: methods keep both.
    pub fn replace(&mut self, matrix: Matrix, bias: Option<Vec<f32>>) -> Result<()> {
        assert_eq!(matrix.shape(), self.matrix.shape(), "{}: another shape", self.name);
        self.put(matrix, bias)
    }

    /// As [`Weight::replace`], also with another shape, to which the bias must fit.
    fn put(&mut self, matrix: Matrix, bias: Option<Vec<f32>>) -> Result<()> {
        assert_eq!(bias.is_some(), self.bias.is_some(), "{}: a bias comes or goes", self.name);
        assert!(bias.as_ref().is_none_or(|bias| bias.len() == matrix.shape()[0]));
        assert!(bias.iter().flatten().all(|value| value.is_finite()), "{}: bias", self.name);
        let values = matrix.to_f32();
        assert!(values.iter().all(|value| value.is_finite()), "{}: not finite", self.name);
        let empty = |values: &[f32]| values.iter().all(|value| *value == 0.0);
        if empty(&values) && !empty(&self.matrix.to_f32()) {
            return Err(Error::invalid("this step would leave no weight but zeros"));
        }
        // Coded zeros cost next to nothing, and no codec holds such codes one by one.
        let sparse = matches!(self.matrix.stored(), Stored::Sparse(_))
            && !matches!(matrix.stored(), Stored::Other);
        (self.matrix, self.bias) =
            (if sparse { Box::new(Sparse::new(&*matrix)?) } else { matrix }, bias);
        Ok(())
    }

    /// Holds the matrix sparse from now on: the same weights, and a file that leaves the zeros out.
    ///
    /// # Errors
    /// `InvalidInput` when its codec has no weights one by one.
    pub fn hold_sparse(&mut self) -> Result<()> {
        if !matches!(self.matrix.stored(), Stored::Sparse(_)) {
            self.matrix = Box::new(Sparse::new(&*self.matrix)?);
        }
        Ok(())
    }

    /// Sets the weights of `mask` to zero and the others to `values`, both `[out, in]`, in the codec
    /// that the matrix has, and the bias; later steps leave the zeros alone.
    ///
    /// # Errors
    /// As [`Weight::replace`], and when that codec has no weights one by one.
    pub fn prune(
        &mut self,
        mut values: Vec<f32>,
        bias: Option<Vec<f32>>,
        mask: Vec<bool>,
    ) -> Result<()> {
        for (value, &gone) in values.iter_mut().zip(&mask) {
            if gone {
                *value = 0.0;
            }
        }
        self.replace(same_codec(&self.matrix, values)?, bias)?;
        self.pruned = Some(mask);
        Ok(())
    }
}

/// A matrix of these values, `[out, in]`, rounded to what the codec of `like` holds with the scales
/// that are there: values that come from it stay as they are.
fn same_codec(like: &Matrix, values: Vec<f32>) -> Result<Matrix> {
    let shape = like.shape();
    Ok(match like.stored() {
        Stored::Float16(_) => Box::new(Float16::round(shape, &values)?),
        Stored::Int8 { scale, input_scale, .. } => {
            let code = |value: &f32| (value * scale).round_ties_even().clamp(-128.0, 127.0) as i8;
            let codes: Vec<u8> = values.iter().map(|value| code(value).cast_unsigned()).collect();
            let codes = Tensor::new(Dtype::I8, shape.to_vec(), codes.into())?;
            Box::new(Int8::new(codes, scale, input_scale)?)
        }
        Stored::Int { bits, group_size, scales, .. } => {
            let scales: Vec<f16> =
                scales.as_chunks::<2>().0.iter().map(|bytes| f16::from_le_bytes(*bytes)).collect();
            let groups = group_size.groups(shape[1]);
            let (least, most) = (f32::from(-bits.offset()), f32::from(bits.offset() - 1));
            let code = |(at, value): (usize, &f32)| {
                let group = at / shape[1] * groups + at % shape[1] / group_size.get();
                match scales[group].to_f32() {
                    0.0 => 0,
                    scale => (value / scale).round_ties_even().clamp(least, most) as i8,
                }
            };
            let codes: Vec<i8> = values.iter().enumerate().map(code).collect();
            Box::new(Int::from_values(shape, bits, group_size, &codes, &scales)?)
        }
        Stored::Float32(_) => Box::new(Float32::new(shape, values)),
        Stored::Sparse(dense) => return same_codec(dense, values),
        Stored::LowRank { .. } | Stored::Other => {
            return Err(Error::invalid(format!(
                "the codec {} has no weights that could go one by one: leave this matrix out",
                like.name()
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::int::{Bits, GroupSize};
    use crate::codec::low_rank::LowRank;

    /// `[2, 3]`.
    const VALUES: [f32; 6] = [1.0, -2.0, 3.0, -3.5, 0.5, -0.5];

    fn matrices() -> [Matrix; 4] {
        let codes = VALUES.map(|value| (2.0 * value) as i8);
        let bytes = codes.map(i8::cast_unsigned).to_vec();
        let codes8 = Tensor::new(Dtype::I8, vec![2, 3], bytes.into()).unwrap();
        let (bits, group) = (Bits::new(4).unwrap(), GroupSize::new(2).unwrap());
        let scales = [0.5; 4].map(f16::from_f32);
        [
            Box::new(Float32::new([2, 3], VALUES.to_vec())),
            Box::new(Float16::round([2, 3], &VALUES).unwrap()),
            Box::new(Int8::new(codes8, 2.0, Some(7.0)).unwrap()),
            Box::new(Int::from_values([2, 3], bits, group, &codes, &scales).unwrap()),
        ]
    }

    #[test]
    fn every_codec_takes_zeros_and_keeps_the_rest() {
        let mask = [false, true, false, false, false, true];
        for matrix in matrices() {
            let name = matrix.name();
            let mut weight = Weight::new(name, matrix, Some(vec![0.0, 1.0]));
            let bias = Some(vec![2.0, 3.0]);
            weight.prune(VALUES.to_vec(), bias.clone(), mask.to_vec()).unwrap();
            assert_eq!(weight.bias(), bias.as_deref());
            assert_eq!(weight.matrix().to_f32(), [1.0, 0.0, 3.0, -3.5, 0.5, 0.0], "{name}");
            assert_eq!(weight.matrix().name(), name);
            assert_eq!(weight.pruned(), Some(&mask[..]));
        }
    }

    #[test]
    fn what_is_held_sparse_stays_so_and_its_zeros_stay_zero() {
        let mask = [false, true, false, false, false, true];
        for matrix in matrices() {
            let name = matrix.name();
            let mut weight = Weight::new(name, matrix, None);
            weight.prune(VALUES.to_vec(), None, mask.to_vec()).unwrap();
            let before = weight.matrix().to_f32();
            weight.hold_sparse().unwrap();
            assert_eq!((weight.matrix().name(), weight.matrix().to_f32()), ("sparse", before));
            assert_eq!(weight.matrix().parameters()["weights"]["codec"], name);
            // As it would be read from a file.
            let Stored::Sparse(dense) = weight.matrix().stored() else { panic!("{name}") };
            let read = Sparse::new(&**dense).unwrap();
            let mut again = Weight::new(name, Box::new(read), None);
            assert_eq!(again.pruned(), Some(&mask[..]));
            let more = [true, true, false, false, false, true];
            again.prune(again.matrix().to_f32(), None, more.to_vec()).unwrap();
            assert_eq!(again.matrix().to_f32(), [0.0, 0.0, 3.0, -3.5, 0.5, 0.0], "{name}");
            assert_eq!(again.matrix().name(), "sparse");
        }
    }

    #[test]
    fn what_has_no_weights_one_by_one_is_not_pruned_and_what_was_pruned_is_no_longer_whole() {
        let half = |shape: [usize; 2]| {
            Box::new(Float16::round(shape, &[1.0; 3][..shape[0] * shape[1]]).unwrap())
        };
        let pair = LowRank::new(half([2, 1]), half([1, 3])).unwrap();
        let mut weight = Weight::new("w", Box::new(pair), None);
        assert!(weight.expect_whole().is_ok());
        let error = weight.prune(VALUES.to_vec(), None, vec![false; 6]).unwrap_err().to_string();
        assert!(error.contains("low_rank"), "{error}");
        let [float, ..] = matrices();
        let mut weight = Weight::new("w", float, None);
        weight.prune(VALUES.to_vec(), None, vec![true, false, false, false, false, false]).unwrap();
        assert!(weight.expect_whole().unwrap_err().to_string().contains("pruned"));
    }

    #[test]
    fn nothing_may_be_left_of_no_matrix() {
        for matrix in matrices() {
            let mut weight = Weight::new("w", matrix, None);
            assert!(weight.prune(VALUES.to_vec(), None, vec![true; 6]).is_err());
            assert_eq!(weight.matrix().to_f32(), VALUES, "a step that was refused changed it");
        }
        let mut empty = Weight::new("w", Box::new(Float32::new([1, 2], vec![0.0; 2])), None);
        assert!(empty.prune(vec![0.0; 2], None, vec![true; 2]).is_ok(), "it was empty before");
    }
}
