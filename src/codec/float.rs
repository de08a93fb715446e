//! Plain 32-bit floats: `NAME.values`, F32 `[out, in]`. The yardstick for every other codec.

use super::{Codec, Entry, Matrix, Parts, Stored, expect_shape};
use crate::error::{At, Result};
use crate::tensor::Tensor;

/// The row of this codec in the table.
pub const F32: Entry = Entry { name: "f32", parts: &["values"], parameters: &[], read };

/// A matrix of plain floats.
#[derive(Clone, Debug, PartialEq)]
pub struct Float32 {
    shape: [usize; 2],
    /// `[rows, columns]`, row-major.
    values: Vec<f32>,
}

impl Float32 {
    /// A matrix `[rows, columns]` from its values, row-major.
    ///
    /// # Panics
    /// When the values do not fill the shape: the caller made both.
    pub fn new(shape: [usize; 2], values: Vec<f32>) -> Self {
        assert_eq!(shape[0] * shape[1], values.len(), "values do not fill the shape");
        Float32 { shape, values }
    }
}

fn read(parts: Parts<'_>) -> Result<Matrix> {
    let values = parts.get("values")?;
    expect_shape(values, &parts.shape, "values")?;
    Ok(Box::new(Float32 { shape: parts.shape, values: values.to_f32().at("part `.values`")? }))
}

impl Codec for Float32 {
    fn name(&self) -> &'static str {
        F32.name
    }

    fn shape(&self) -> [usize; 2] {
        self.shape
    }

    fn row(&self, row: usize, out: &mut [f32]) {
        out.copy_from_slice(&self.values[row * self.shape[1]..][..self.shape[1]]);
    }

    fn stored(&self) -> Stored<'_> {
        Stored::Float32(&self.values)
    }

    fn parts(&self) -> Vec<(&'static str, Tensor)> {
        vec![("values", Tensor::from_f32(self.shape.to_vec(), &self.values))]
    }
}
