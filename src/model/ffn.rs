//! The position-wise feed-forward network: Vaswani et al. 2017, section 3.3.

use super::layers::{Linear, Loader, Norm};
use crate::backend::Backend;
use crate::error::Result;

/// NAME.w1 `[ffn, width]`, NAME.w2 `[width, ffn]`, then NAME.norm.
pub struct FeedForward<B: Backend> {
    w1: Linear<B>,
    w2: Linear<B>,
    norm: Norm<B>,
}

impl<B: Backend> FeedForward<B> {
    pub fn load(loader: &mut Loader<B>, name: &str, width: usize, ffn: usize) -> Result<Self> {
        Ok(FeedForward {
            w1: loader.linear(&format!("{name}.w1"), [ffn, width])?,
            w2: loader.linear(&format!("{name}.w2"), [width, ffn])?,
            norm: loader.norm(&format!("{name}.norm"), width)?,
        })
    }

    /// `norm(x + w2 · relu(w1 · x))`: `[rows, width]` to the same.
    pub fn forward(&self, backend: &B, x: &B::Tensor) -> B::Tensor {
        backend.feed_forward(x, self.w1.parts(), self.w2.parts(), self.norm.parts())
    }
}
