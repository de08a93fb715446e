//! Weights as 8-bit codes, where they lie.

use bytes::Bytes;

use super::isa::STEP;
use super::kernel;
use super::saturation::Corrections;
use crate::backend::cpu::simd::Level;
use crate::codec::Integers;
use crate::error::{Error, Result};
use crate::tensor::Dtype;

/// A weight matrix `[out, in]` for products in integers.
#[derive(Clone, Debug)]
pub struct Int8Matrix {
    rows: usize,
    columns: usize,
    /// I8 `[out, stride]`: the file's own bytes, or a copy with zeros to a whole [`STEP`].
    codes: Bytes,
    stride: usize,
    /// `[out]`: what a level that shifts its activations must take off each sum; empty for others.
    offsets: Vec<i32>,
    /// `[out]`: the value of one unit of a row's codes.
    steps: Vec<f32>,
    input_scale: Option<f32>,
    /// Where a level saturates.
    corrections: Corrections,
}

impl Int8Matrix {
    /// Takes codes over for the kernels of `level`, without copying them if it can.
    ///
    /// # Errors
    /// `Malformed` when the parts do not fit each other.
    pub fn new(level: Level, integers: Integers) -> Result<Self> {
        let Integers { codes, mut steps, input_scale } = integers;
        codes.expect(Dtype::I8)?;
        let &[rows, columns] = codes.shape() else {
            return Err(Error::malformed(format!("{:?} is no matrix", codes.shape())));
        };
        if let [step] = steps[..] {
            steps.resize(rows, step);
        }
        if steps.len() != rows {
            return Err(Error::malformed(format!("{} scales for {rows} rows", steps.len())));
        }
        let stride = columns.next_multiple_of(STEP);
        let codes = if stride == columns {
            codes.data().clone()
        } else {
            let mut padded = vec![0; rows * stride];
            if columns > 0 {
                for (to, from) in padded.chunks_mut(stride).zip(codes.data().chunks(columns)) {
                    to[..columns].copy_from_slice(from);
                }
            }
            padded.into()
        };
        let mut matrix = Int8Matrix {
            rows,
            columns,
            codes,
            stride,
            offsets: Vec::new(),
            steps,
            input_scale,
            corrections: Corrections::default(),
        };
        if level.saturates() {
            matrix.corrections = Corrections::of(&matrix);
        }
        matrix.offsets = kernel::offsets(level, &matrix);
        Ok(matrix)
    }

    /// Number of rows, that is outputs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements a row, that is inputs.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The codes of row `row`, padded.
    #[inline(always)]
    pub fn original_row(&self, row: usize) -> &[i8] {
        bytemuck::cast_slice(&self.codes[row * self.stride..][..self.stride])
    }

    /// The codes of row `row` for products, padded: not all of it, where [`Self::corrections`] has
    /// the rest.
    #[inline(always)]
    pub fn row(&self, row: usize) -> &[i8] {
        self.corrections.row(row, self.stride).unwrap_or_else(|| self.original_row(row))
    }

    /// What products lack; of nothing, where the level does not saturate.
    pub fn corrections(&self) -> &Corrections {
        &self.corrections
    }

    /// What must be taken off the sums of row `row`.
    #[inline(always)]
    pub fn offset(&self, row: usize) -> i32 {
        self.offsets.get(row).copied().unwrap_or(0)
    }

    /// `[out]`: what must be taken off each row's sums; empty where nothing must.
    pub fn offsets(&self) -> &[i32] {
        &self.offsets
    }

    /// `[out]`: the value of one unit of each row's codes.
    pub fn steps(&self) -> &[f32] {
        &self.steps
    }

    /// The multiplier of the activations, where the model fixes one.
    pub fn input_scale(&self) -> Option<f32> {
        self.input_scale
    }

    /// Bytes of a row with its padding.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Bytes in memory, those shared with the file among them.
    pub fn bytes(&self) -> usize {
        self.codes.len()
            + size_of_val(&self.offsets[..])
            + size_of_val(&self.steps[..])
            + self.corrections.bytes()
    }
}
