//! The decoder's recurrence, a Simpler Simple Recurrent Unit: Kim et al. 2019, "From Research to
//! Production and Back: Ludicrously Fast Neural Machine Translation".

use super::layers::{Loader, Norm};
use crate::backend::Backend;
use crate::error::Result;

/// NAME.candidate without a bias and NAME.forget, both `[width, width]`, then NAME.norm.
pub struct Ssru<B: Backend> {
    /// Candidate and forget gate.
    gates: B::Stack,
    norm: Norm<B>,
}

impl<B: Backend> Ssru<B> {
    pub fn load(loader: &mut Loader<B>, name: &str, width: usize) -> Result<Self> {
        let shape = [width, width];
        let candidate = loader.linear_without_bias(&format!("{name}.candidate"), shape)?;
        let forget = loader.linear(&format!("{name}.forget"), shape)?;
        let gates = loader.stack_of(vec![candidate, forget])?;
        Ok(Ssru { gates, norm: loader.norm(&format!("{name}.norm"), width)? })
    }

    /// One step: `norm(x + relu(state′))` and `state′`, both `[rows, width]`.
    pub fn forward(&self, backend: &B, x: &B::Tensor, state: &B::Tensor) -> (B::Tensor, B::Tensor) {
        backend.ssru(x, &self.gates, state, self.norm.parts())
    }
}

#[cfg(feature = "heal")]
impl<B: crate::backend::Sequences> Ssru<B> {
    /// All steps of each span's queries: `norm(x + relu(state))`, `[rows, width]` to the same.
    pub fn all(&self, backend: &B, x: B::Tensor, spans: &B::Spans) -> B::Tensor {
        let [candidate, forget] = backend.linears(&x, &self.gates);
        let output = backend.scan(&forget, &candidate, spans);
        let (scale, shift) = self.norm.parts();
        backend.add_norm(output, &x, scale, shift)
    }
}
