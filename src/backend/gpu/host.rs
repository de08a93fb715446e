//! Values of this side on the device, and back: for tests, and for whoever looks into a network.

use super::Gpu;
use super::pool::Use;
use super::tensor::{BLOCK, Logits, Tensor, View, blocks};
use crate::backend::host::Activations;
use crate::error::Result;

impl Gpu {
    /// Activations from this side.
    pub fn tensor(&self, values: &Activations) -> Tensor {
        let stride = blocks(values.width()) * BLOCK;
        let mut padded = vec![0f32; values.rows() * stride];
        for (row, out) in padded.chunks_exact_mut(stride.max(1)).enumerate() {
            out[..values.width()].copy_from_slice(values.row(row));
        }
        let buffer = self.0.upload(Use::Upload, bytemuck::cast_slice(&padded));
        let view = View { buffer, offset: 0, stride: blocks(values.width()) };
        Tensor::of(view, values.rows(), values.width())
    }

    /// Activations back on this side.
    ///
    /// # Errors
    /// `Device`, with whatever went wrong there.
    pub async fn values(&self, x: &Tensor) -> Result<Activations> {
        let view = self.0.plain(x);
        // As far as its last row goes, from the buffer's start.
        let end = match x.rows {
            0 => 0,
            rows => (view.offset + (rows - 1) * view.stride + blocks(x.width)) * BLOCK,
        };
        let reading = self.0.request(&[(&view.buffer, end * size_of::<f32>())]);
        let bytes = self.0.read(reading).await?;
        let values: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
        let mut out = Activations::zeros(x.rows, x.width);
        for row in 0..x.rows {
            let start = (view.offset + row * view.stride) * BLOCK;
            out.row_mut(row).copy_from_slice(&values[start..start + x.width]);
        }
        Ok(out)
    }

    /// Logits back on this side, all rows' one after the other.
    ///
    /// # Errors
    /// `Device`, with whatever went wrong there.
    pub async fn logit_values(&self, logits: &Logits) -> Result<Vec<f32>> {
        let reading = self.0.request(&[(&logits.buffer, logits.total * size_of::<f32>())]);
        Ok(bytemuck::pod_collect_to_vec(&self.0.read(reading).await?))
    }
}
