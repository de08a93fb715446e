//! Activations of this backend: floats, and the 8-bit codes of them that products have asked for.

use std::cell::OnceCell;

use super::int8::Codes;
use super::pool::Buffer;
use crate::backend::host::Activations;

/// f32 `[rows, width]`, row-major.
#[derive(Clone, Debug)]
pub struct Tensor {
    rows: usize,
    width: usize,
    data: Buffer<f32>,
    /// Made by the first product in integers, and shared by all that follow.
    codes: OnceCell<Codes>,
}

impl Tensor {
    /// Values that are still to be written: whatever the memory holds.
    pub(super) fn any(rows: usize, width: usize) -> Self {
        Tensor { rows, width, data: Buffer::any(rows * width), codes: OnceCell::new() }
    }

    /// All zero.
    pub(super) fn zeros(rows: usize, width: usize) -> Self {
        let data = Buffer::filled(rows * width, 0.0);
        Tensor { rows, width, data, codes: OnceCell::new() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Row `index`.
    #[inline]
    pub fn row(&self, index: usize) -> &[f32] {
        &self.data[index * self.width..][..self.width]
    }

    /// All values, row-major.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// Row `index`, to write.
    #[inline]
    pub(super) fn row_mut(&mut self, index: usize) -> &mut [f32] {
        let width = self.width;
        &mut self.data_mut()[index * width..][..width]
    }

    /// All values, row-major, to write.
    #[inline]
    pub(super) fn data_mut(&mut self) -> &mut [f32] {
        self.codes.take();
        &mut self.data
    }

    /// The codes of the values, made by `make` if they are not there yet.
    pub(super) fn codes(&self, make: impl FnOnce() -> Codes) -> &Codes {
        self.codes.get_or_init(make)
    }

    /// The rows at `rows`, in that order.
    pub(super) fn gather(&self, rows: &[usize]) -> Self {
        let mut out = Tensor::any(rows.len(), self.width);
        for (to, &from) in rows.iter().enumerate() {
            out.row_mut(to).copy_from_slice(self.row(from));
        }
        out
    }
}

impl From<&Activations> for Tensor {
    fn from(values: &Activations) -> Self {
        let data = Buffer::copy(values.data());
        Tensor { rows: values.rows(), width: values.width(), data, codes: OnceCell::new() }
    }
}
