//! The floats behind tensors, and matrices of them.

use candle_core::{CpuStorage, Device, Layout, Result, Shape, Storage, Tensor};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// The values of a tensor that lies in one piece.
pub fn of<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let values = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => candle_core::bail!("a tensor of this backend lies in pieces"),
    }
}

/// Calls `look` with the values of some tensors.
pub fn with<const N: usize, R>(
    tensors: [&Tensor; N],
    look: impl FnOnce([&[f32]; N]) -> R,
) -> Result<R> {
    let guards = tensors.map(Tensor::storage_and_layout);
    let mut values = [&[][..]; N];
    for (values, (storage, layout)) in values.iter_mut().zip(&guards) {
        *values = match &**storage {
            Storage::Cpu(storage) => of(storage, layout)?,
            _ => candle_core::bail!("a tensor of this backend lies on a device"),
        };
    }
    Ok(look(values))
}

/// A tensor of these values.
pub fn tensor(values: Vec<f32>, shape: impl Into<Shape>) -> Result<Tensor> {
    Tensor::from_vec(values, shape.into(), &Device::Cpu)
}

/// A matrix `[rows, columns]`, row-major.
pub fn matrix(values: &[f32], columns: usize) -> MatRef<'_, f32> {
    MatRef::from_row_major_slice(values, values.len() / columns.max(1), columns)
}

/// `a · b`, row-major, on this thread alone: sums must not depend on the number of threads.
pub fn product(a: MatRef<'_, f32>, b: MatRef<'_, f32>) -> Vec<f32> {
    let (rows, columns) = (a.nrows(), b.ncols());
    let mut out = vec![0.0; rows * columns];
    let to = MatMut::from_row_major_slice_mut(&mut out, rows, columns);
    matmul(to, Accum::Replace, a, b, 1.0, Par::Seq);
    out
}
