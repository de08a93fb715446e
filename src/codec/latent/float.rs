//! Plain floats, which are what they are, and half floats, to which parameters are rounded.

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::part;
use super::single::Rows;
use crate::codec::float::Float32;
use crate::codec::float16::Float16;
use crate::codec::{Codec, Matrix};
use crate::error::Result;
use crate::tensor::Tensor;

/// Single floats.
#[derive(Debug)]
pub struct Plain {
    shape: [usize; 2],
    /// `[out, in]`.
    start: Vec<f32>,
}

impl Plain {
    pub fn new(shape: [usize; 2], values: &[f32]) -> Self {
        Plain { shape, start: values.to_vec() }
    }
}

impl Rows for Plain {
    fn shape(&self) -> [usize; 2] {
        self.shape
    }

    fn start(&self) -> Vec<f32> {
        self.start.clone()
    }

    fn weights(&self, _row: usize, parameters: &[f32], out: &mut [f32]) {
        out.copy_from_slice(parameters);
    }

    fn pull(&self, _row: usize, _parameters: &[f32], gradient: &[f32], out: &mut [f32]) {
        out.copy_from_slice(gradient);
    }

    fn matrix(&self, parameters: &[f32]) -> Result<Matrix> {
        Ok(Box::new(Float32::new(self.shape, parameters.to_vec())))
    }
}

/// Half floats. No gradient is held back at the largest of them: weights do not go there.
#[derive(Debug)]
pub struct Halves {
    start: Float16,
}

impl Halves {
    pub fn new(matrix: &dyn Codec) -> Result<Self> {
        Ok(Halves { start: Float16::new(part(matrix, "values")?)? })
    }
}

impl Rows for Halves {
    fn shape(&self) -> [usize; 2] {
        self.start.shape()
    }

    fn start(&self) -> Vec<f32> {
        self.start.to_f32()
    }

    fn weights(&self, _row: usize, parameters: &[f32], out: &mut [f32]) {
        halve(parameters, out);
    }

    fn pull(&self, _row: usize, _parameters: &[f32], gradient: &[f32], out: &mut [f32]) {
        out.copy_from_slice(gradient);
    }

    fn matrix(&self, parameters: &[f32]) -> Result<Matrix> {
        Ok(Box::new(Float16::round(self.shape(), parameters)?))
    }
}

/// Half floats that are converted together, for which processors have instructions.
const BLOCK: usize = 64;

/// Each value as the nearest half float, of two equally near as the even one.
pub fn halve(values: &[f32], out: &mut [f32]) {
    let mut halves = [f16::ZERO; BLOCK];
    for (values, out) in values.chunks(BLOCK).zip(out.chunks_mut(BLOCK)) {
        let halves = &mut halves[..out.len()];
        halves.convert_from_f32_slice(values);
        halves.convert_to_f32_slice(out);
    }
}

/// The values as half floats `shape`, as [`halve`] rounds them.
///
/// # Errors
/// `InvalidInput` for a value above the largest half float.
pub fn halved(shape: &[usize], values: &[f32]) -> Result<Tensor> {
    Tensor::from_f32(shape.to_vec(), values).halved()
}
