//! IEEE half floats: `NAME.values`, F16 `[out, in]`. Half the bytes of plain floats, and 11 bits of
//! precision, which a trained model does not miss.

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::{Codec, Entry, Matrix, Parts, Stored, expect_elements, expect_shape};
use crate::error::{At, Error, Result};
use crate::tensor::{Dtype, Tensor};

/// The row of this codec in the table.
pub const F16: Entry = Entry { name: "f16", parts: &["values"], parameters: &[], read };

/// A matrix of half floats, as its file holds them.
#[derive(Clone, Debug, PartialEq)]
pub struct Float16 {
    /// F16 `[out, in]`, all finite.
    values: Tensor,
}

impl Float16 {
    /// A matrix from its values, F16 `[out, in]`.
    ///
    /// # Errors
    /// `Malformed` when the values are no F16 matrix or one is not finite.
    pub fn new(values: Tensor) -> Result<Self> {
        expect_finite(&values)?;
        if values.shape().len() != 2 {
            return Err(Error::malformed(format!("{:?} is no matrix", values.shape())));
        }
        Ok(Float16 { values })
    }

    /// A matrix `[rows, columns]` of floats, row-major, each rounded to the nearest half float, of
    /// two equally near to the even one.
    ///
    /// # Errors
    /// `InvalidInput` when the floats do not fill the shape, or when one is not finite or rounds to
    /// more than the largest half float, 65504.
    pub fn round(shape: [usize; 2], weights: &[f32]) -> Result<Self> {
        expect_elements(shape, weights.len())?;
        let values: Vec<f16> = weights.iter().copied().map(f16::from_f32).collect();
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::invalid(format!(
                "element [{}, {}] is {}: half floats end at {}",
                at / shape[1],
                at % shape[1],
                weights[at],
                f16::MAX
            )));
        }
        Ok(Float16 { values: Tensor::from_f16(shape.to_vec(), &values) })
    }
}

fn read(parts: Parts<'_>) -> Result<Matrix> {
    let values = parts.get("values")?;
    expect_shape(values, &parts.shape, "values")?;
    Ok(Box::new(Float16::new(values.clone()).at("part `.values`")?))
}

impl Codec for Float16 {
    fn name(&self) -> &'static str {
        F16.name
    }

    fn shape(&self) -> [usize; 2] {
        [self.values.shape()[0], self.values.shape()[1]]
    }

    fn row(&self, row: usize, out: &mut [f32]) {
        let columns = self.values.shape()[1];
        widen(&self.values.data()[2 * row * columns..][..2 * columns], out);
    }

    fn stored(&self) -> Stored<'_> {
        Stored::Float16(self.values.data())
    }

    fn parts(&self) -> Vec<(&'static str, Tensor)> {
        vec![("values", self.values.clone())]
    }
}

/// `Malformed` unless the elements are half floats and finite, as [`Tensor::to_f32`] asks of floats.
pub(super) fn expect_finite(tensor: &Tensor) -> Result<()> {
    tensor.expect(Dtype::F16)?;
    let values = tensor.data().as_chunks::<2>().0.iter().map(|bytes| f16::from_le_bytes(*bytes));
    match values.enumerate().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some((at, value)) => Err(Error::malformed(format!("element {at} is {value}"))),
    }
}

/// Half floats that are converted together, for which processors have instructions.
const BLOCK: usize = 64;

/// Little-endian half floats to as many floats, exactly.
fn widen(halves: &[u8], out: &mut [f32]) {
    // Files align nothing, so the halves are copied to where they are aligned.
    let mut aligned = [f16::ZERO; BLOCK];
    for (bytes, out) in halves.chunks(2 * BLOCK).zip(out.chunks_mut(BLOCK)) {
        let aligned = &mut aligned[..out.len()];
        for (value, bytes) in aligned.iter_mut().zip(bytes.as_chunks::<2>().0) {
            *value = f16::from_le_bytes(*bytes);
        }
        aligned.convert_to_f32_slice(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_the_nearest_and_of_two_to_the_even() {
        let step = f32::powi(2.0, -10);
        let weights = [1.0, 1.0 + step / 2.0, 1.0 + 1.5 * step, 65519.0, -1e-9, 3e-8];
        let matrix = Float16::round([2, 3], &weights).unwrap();
        let smallest = f32::powi(2.0, -24);
        assert_eq!(matrix.to_f32(), [1.0, 1.0, 1.0 + 2.0 * step, 65504.0, -0.0, smallest]);
        assert!(matrix.to_f32()[4].is_sign_negative());
    }

    #[test]
    fn every_half_float_comes_back() {
        let halves: Vec<f16> =
            (0..=u16::MAX).map(f16::from_bits).filter(|value| value.is_finite()).collect();
        // Rows of no round length, with an end that fills no block.
        let shape = [halves.len() / 124, 124];
        let matrix = Float16::new(Tensor::from_f16(shape.to_vec(), &halves)).unwrap();
        let floats: Vec<f32> = halves.iter().map(|value| value.to_f32()).collect();
        let same =
            |a: &[f32], b: &[f32]| a.iter().map(|v| v.to_bits()).eq(b.iter().map(|v| v.to_bits()));
        assert!(same(&matrix.to_f32(), &floats));
        assert_eq!(Float16::round(shape, &floats).unwrap(), matrix);
    }

    #[test]
    fn what_no_half_float_holds_is_named() {
        for (weight, words) in [
            (65520.0, "element [1, 2] is 65520: half floats end at 65504"),
            (f32::NEG_INFINITY, "element [1, 2] is -inf"),
            (f32::NAN, "element [1, 2] is NaN"),
        ] {
            let error = Float16::round([2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, weight]).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
        assert!(Float16::round([2, 3], &[0.0; 5]).is_err());
    }
}
