//! The decoder's recurrence, a Simpler Simple Recurrent Unit: Kim et al. 2019, "From Research to
//! Production and Back: Ludicrously Fast Neural Machine Translation".

use super::layers::{Linear, Loader, Norm};
use crate::backend::{Activation, Backend};
use crate::error::Result;

/// NAME.candidate without a bias and NAME.forget, both `[width, width]`, then NAME.norm.
pub struct Ssru<B: Backend> {
    candidate: Linear<B>,
    forget: Linear<B>,
    norm: Norm<B>,
}

impl<B: Backend> Ssru<B> {
    pub fn load(loader: &mut Loader<B>, name: &str, width: usize) -> Result<Self> {
        let shape = [width, width];
        Ok(Ssru {
            candidate: loader.linear_without_bias(&format!("{name}.candidate"), shape)?,
            forget: loader.linear(&format!("{name}.forget"), shape)?,
            norm: loader.norm(&format!("{name}.norm"), width)?,
        })
    }

    /// One step: `norm(x + relu(state′))` and `state′`, both `[rows, width]`.
    pub fn forward(&self, backend: &B, x: &B::Tensor, state: &B::Tensor) -> (B::Tensor, B::Tensor) {
        let candidate = self.candidate.forward(backend, x, Activation::Identity);
        let forget = self.forget.forward(backend, x, Activation::Identity);
        let (output, state) = backend.ssru(&forget, &candidate, state);
        (self.norm.forward(backend, output, x), state)
    }
}
