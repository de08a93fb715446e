//! Marian's 8-bit weights, kept without loss: `NAME.codes`, I8 `[out, in]`; `NAME.scale`, F32
//! `[1]`; `NAME.input_scale`, F32 `[1]`, absent where the model fixes none.
//!
//! Both scales are Marian's *multipliers*: `weight = code / scale`, and an activation `a` enters
//! an integer product as `round(a · input_scale)`. Keeping the multiplier, rather than its
//! inverse, is what makes the import exact to the bit.

use super::{Codec, Entry, Integers, Matrix, Parts, Stored, expect_shape};
use crate::error::{At, Error, Result};
use crate::tensor::{Dtype, Tensor};

/// The row of this codec in the table.
pub const INT8: Entry =
    Entry { name: "int8", parts: &["codes", "scale", "input_scale"], parameters: &[], read };

/// A matrix of 8-bit codes with one multiplier.
#[derive(Clone, Debug, PartialEq)]
pub struct Int8 {
    /// I8 `[out, in]`.
    codes: Tensor,
    /// `weight = code / scale`; positive.
    scale: f32,
    /// The activation multiplier of products with this matrix; positive.
    input_scale: Option<f32>,
}

impl Int8 {
    /// A matrix from codes (I8 `[out, in]`) and Marian's multipliers.
    ///
    /// # Errors
    /// `Malformed` when the codes are no I8 matrix or a multiplier is not positive.
    pub fn new(codes: Tensor, scale: f32, input_scale: Option<f32>) -> Result<Self> {
        codes.expect(Dtype::I8)?;
        if codes.shape().len() != 2 {
            return Err(Error::malformed(format!("{:?} is no matrix", codes.shape())));
        }
        for multiplier in std::iter::once(scale).chain(input_scale) {
            // The inverse must stay finite too, so subnormal multipliers are refused.
            if !multiplier.is_normal() || multiplier < 0.0 {
                return Err(Error::malformed(format!("{multiplier} is no usable multiplier")));
            }
        }
        Ok(Int8 { codes, scale, input_scale })
    }

    /// The codes, I8 `[out, in]`.
    pub fn codes(&self) -> &Tensor {
        &self.codes
    }

    /// The multiplier of the weights: `weight = code / scale`.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// The fixed multiplier of the activations, where the model has one.
    pub fn input_scale(&self) -> Option<f32> {
        self.input_scale
    }
}

fn read(parts: Parts<'_>) -> Result<Matrix> {
    let codes = parts.get("codes")?;
    expect_shape(codes, &parts.shape, "codes")?;
    let scale = parts.get("scale")?.to_scalar().at("part `.scale`")?;
    let input_scale = match parts.tensors.get("input_scale") {
        Some(tensor) => Some(tensor.to_scalar().at("part `.input_scale`")?),
        None => None,
    };
    Ok(Box::new(Int8::new(codes.clone(), scale, input_scale)?))
}

impl Codec for Int8 {
    fn name(&self) -> &'static str {
        INT8.name
    }

    fn shape(&self) -> [usize; 2] {
        [self.codes.shape()[0], self.codes.shape()[1]]
    }

    fn row(&self, row: usize, out: &mut [f32]) {
        let columns = self.codes.shape()[1];
        let codes = &self.codes.data()[row * columns..][..columns];
        for (value, &code) in out.iter_mut().zip(codes) {
            *value = f32::from(code.cast_signed()) / self.scale;
        }
    }

    fn integers(&self) -> Option<Integers> {
        let steps = vec![1.0 / self.scale];
        Some(Integers { codes: self.codes.clone(), steps, input_scale: self.input_scale })
    }

    fn stored(&self) -> Stored<'_> {
        Stored::Int8 {
            codes: bytemuck::cast_slice(self.codes.data()),
            scale: self.scale,
            input_scale: self.input_scale,
        }
    }

    fn parts(&self) -> Vec<(&'static str, Tensor)> {
        let scalar = |value: f32| Tensor::from_f32(vec![1], &[value]);
        let mut parts = vec![("codes", self.codes.clone()), ("scale", scalar(self.scale))];
        parts.extend(self.input_scale.map(|value| ("input_scale", scalar(value))));
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Parameters;

    fn codes() -> Tensor {
        Tensor::new(Dtype::I8, vec![2, 3], vec![1u8, 0xff, 127, 0x80, 0, 2].into()).unwrap()
    }

    #[test]
    fn rows_are_codes_over_the_multiplier() {
        let matrix = Int8::new(codes(), 2.0, None).unwrap();
        assert_eq!(matrix.to_f32(), [0.5, -0.5, 63.5, -64.0, 0.0, 1.0]);
    }

    #[test]
    fn parts_read_back_to_the_same_matrix() {
        let matrix = Int8::new(codes(), 153.83, Some(14.5)).unwrap();
        let parts = matrix.parts();
        let find = |suffix: &str| parts.iter().find(|(s, _)| *s == suffix).map(|(_, t)| t.clone());
        let read = |shape| INT8.read(shape, &Parameters::new(), find);
        let again = read([2, 3]).unwrap();
        assert_eq!(again.to_f32(), matrix.to_f32());
        assert!(read([3, 2]).unwrap_err().to_string().contains("expected shape [3, 2]"));
        let empty = INT8.read([2, 3], &Parameters::new(), |_| None).unwrap_err();
        assert!(empty.to_string().contains("`.codes` is missing"));
    }

    #[test]
    fn unusable_multipliers_are_refused() {
        for scale in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-40] {
            assert!(Int8::new(codes(), scale, None).is_err(), "{scale}");
        }
    }
}
