//! Named blocks of bytes with a shape and an element type: what files hold and codecs read.

use bytes::Bytes;
use half::f16;

use crate::error::{Error, Result};

/// The element types that a package may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dtype {
    /// Unsigned bytes: packed codes, vocabularies, shortlists.
    U8,
    /// Signed bytes: 8-bit weights.
    I8,
    /// IEEE half floats.
    F16,
    /// IEEE single floats.
    F32,
    /// Unsigned 32-bit integers.
    U32,
}

impl Dtype {
    /// Bytes of one element.
    pub fn bytes(self) -> usize {
        match self {
            Dtype::U8 | Dtype::I8 => 1,
            Dtype::F16 => 2,
            Dtype::F32 | Dtype::U32 => 4,
        }
    }
}

/// A block of little-endian elements, row-major. Cloning shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    data: Bytes,
}

impl Tensor {
    /// A view of `data`, whose length must be that of `shape` elements of `dtype`.
    ///
    /// # Errors
    /// `Malformed` when the lengths disagree or the shape overflows.
    pub fn new(dtype: Dtype, shape: Vec<usize>, data: Bytes) -> Result<Self> {
        let expected = shape.iter().try_fold(dtype.bytes(), |n, &side| n.checked_mul(side));
        match expected {
            Some(expected) if expected == data.len() => Ok(Tensor { dtype, shape, data }),
            Some(expected) => Err(Error::malformed(format!(
                "shape {shape:?} of {dtype:?} needs {expected} bytes, {} are there",
                data.len()
            ))),
            None => Err(Error::malformed(format!("shape {shape:?} is absurdly large"))),
        }
    }

    /// A tensor of unsigned bytes, one dimension.
    pub fn from_bytes(data: impl Into<Bytes>) -> Self {
        let data = data.into();
        Tensor { dtype: Dtype::U8, shape: vec![data.len()], data }
    }

    /// A tensor of single floats; `values` must fill `shape`.
    ///
    /// # Panics
    /// When they do not: the caller made both.
    pub fn from_f32(shape: Vec<usize>, values: &[f32]) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "values do not fill the shape");
        let data = values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>().into();
        Tensor { dtype: Dtype::F32, shape, data }
    }

    /// A tensor of half floats; `values` must fill `shape`.
    ///
    /// # Panics
    /// When they do not: the caller made both.
    pub fn from_f16(shape: Vec<usize>, values: &[f16]) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "values do not fill the shape");
        let data = values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>().into();
        Tensor { dtype: Dtype::F16, shape, data }
    }

    /// The element type.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// The lengths of the dimensions, outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The raw little-endian bytes.
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// The elements of an F32 tensor.
    ///
    /// # Errors
    /// `Malformed` for another element type, or where a value is not finite: no trained model
    /// holds one, and one alone would spoil every translation.
    pub fn to_f32(&self) -> Result<Vec<f32>> {
        self.expect(Dtype::F32)?;
        let values: Vec<f32> =
            self.data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        match values.iter().position(|v| !v.is_finite()) {
            None => Ok(values),
            Some(at) => Err(Error::malformed(format!("element {at} is {}", values[at]))),
        }
    }

    /// The elements of an F32 or F16 tensor.
    ///
    /// # Errors
    /// As [`Tensor::to_f32`].
    pub fn floats(&self) -> Result<Vec<f32>> {
        if self.dtype != Dtype::F16 {
            return self.to_f32();
        }
        let halves = self.data.as_chunks::<2>().0.iter();
        let values: Vec<f32> = halves.map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect();
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(at) => Err(Error::malformed(format!("element {at} is {}", values[at]))),
        }
    }

    /// The same tensor in half floats, each value to the nearest.
    ///
    /// # Errors
    /// As [`Tensor::floats`], and `InvalidInput` for a value above the largest half float.
    pub fn halved(&self) -> Result<Self> {
        let values = self.floats()?;
        let halves: Vec<f16> = values.iter().map(|value| f16::from_f32(*value)).collect();
        match halves.iter().position(|half| !half.is_finite()) {
            None => Ok(Tensor::from_f16(self.shape.clone(), &halves)),
            Some(at) => Err(Error::invalid(format!(
                "element {at} is {}, above the largest half float",
                values[at]
            ))),
        }
    }

    /// The same tensor in single floats.
    ///
    /// # Errors
    /// As [`Tensor::floats`].
    pub fn widened(&self) -> Result<Self> {
        Ok(Tensor::from_f32(self.shape.clone(), &self.floats()?))
    }

    /// The one element of an F32 tensor of one element.
    ///
    /// # Errors
    /// `Malformed` for any other tensor.
    pub fn to_scalar(&self) -> Result<f32> {
        match self.to_f32()?[..] {
            [value] => Ok(value),
            ref many => Err(Error::malformed(format!("expected 1 element, found {}", many.len()))),
        }
    }

    /// # Errors
    /// `Malformed` when the element type is not `dtype`.
    pub fn expect(&self, dtype: Dtype) -> Result<()> {
        if self.dtype == dtype {
            return Ok(());
        }
        Err(Error::malformed(format!("expected {dtype:?} elements, found {:?}", self.dtype)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_checked_against_the_shape() {
        let bytes = Bytes::from_static(&[0; 12]);
        assert!(Tensor::new(Dtype::F32, vec![3], bytes.clone()).is_ok());
        assert!(Tensor::new(Dtype::F32, vec![4], bytes.clone()).is_err());
        assert!(Tensor::new(Dtype::F32, vec![usize::MAX, 2], bytes).is_err());
    }

    #[test]
    fn a_value_that_is_not_finite_is_named() {
        let error = Tensor::from_f32(vec![2], &[1.0, f32::NAN]).to_f32().unwrap_err();
        assert_eq!(error.to_string(), "element 1 is NaN");
        let halves = Tensor::from_f16(vec![2], &[f16::ONE, f16::INFINITY]);
        assert_eq!(halves.floats().unwrap_err().to_string(), "element 1 is inf");
        let large = Tensor::from_f32(vec![2], &[1.0, 65520.0]).halved().unwrap_err();
        assert!(large.to_string().contains("65520"), "{large}");
    }

    #[test]
    fn halves_are_floats_of_the_same_values() {
        let floats = Tensor::from_f32(vec![3], &[0.5, -3.0, 1.0001]);
        let halves = floats.halved().unwrap();
        assert_eq!(halves.dtype(), Dtype::F16);
        assert_eq!(halves.floats().unwrap(), [0.5, -3.0, 1.0]);
        assert_eq!(halves.halved().unwrap(), halves);
        assert_eq!(halves.widened().unwrap(), Tensor::from_f32(vec![3], &[0.5, -3.0, 1.0]));
        assert_eq!(floats.widened().unwrap(), floats);
        assert_eq!(floats.floats().unwrap(), floats.to_f32().unwrap());
    }
}
