//! Fewer bits a weight. Half floats and rounding to nearest: Aji & Heafield 2020, "Compressing
//! Neural Machine Translation Models with 4-bit Precision"; `quantize/clip.rs`: scales of least squared error;
//! `quantize/gptq.rs`: Frantar et al. 2022.

mod clip;
mod gptq;

use super::recipe::{Precision, Rounding};
use super::target::EMBEDDING;
use super::{Gram, Weight};
use crate::codec::Matrix;
use crate::codec::float16::Float16;
use crate::codec::int::Int;
use crate::error::{Error, Result};

/// The matrix of `weight` in fewer bits, and its bias. Zeros that were pruned stay zero.
///
/// The embedding is looked up by rows, so that no inputs say which of its columns matter; with
/// [`Rounding::Gptq`] it is rounded as with [`Rounding::Mse`].
///
/// # Errors
/// `InvalidInput` when `inputs` are needed and missing, or when no scale fits the weights.
pub fn quantize(
    weight: &Weight,
    precision: Precision,
    inputs: Option<&Gram>,
) -> Result<(Matrix, Option<Vec<f32>>)> {
    let shape = weight.matrix().shape();
    let values = weight.matrix().to_f32();
    let bias = weight.bias().map(<[f32]>::to_vec);
    let Precision::Codes { bits, group, rounding } = precision else {
        return Ok((Box::new(Float16::round(shape, &values)?), bias));
    };
    let group = group.size(shape[1])?;
    let matrix = match (rounding, inputs) {
        (Rounding::Nearest, _) => Int::nearest(shape, bits, group, &values)?,
        (Rounding::Gptq, Some(inputs)) => {
            let (matrix, bias) = gptq::gptq(weight, bits, group, inputs)?;
            return Ok((Box::new(matrix), bias));
        }
        (Rounding::Gptq, None) if weight.name != EMBEDDING => {
            return Err(Error::invalid("GPTQ needs calibration, and it did not reach this matrix"));
        }
        (Rounding::Mse | Rounding::Gptq, _) => clip::mse(shape, bits, group, &values)?,
    };
    Ok((Box::new(matrix), bias))
}
