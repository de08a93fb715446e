//! Multi-head attention: Vaswani et al. 2017, section 3.2.

use super::layers::{Linear, Loader, Norm};
use crate::backend::{Activation, Backend};
use crate::error::Result;

/// NAME.q, NAME.k, NAME.v and NAME.o, each `[width, width]`, then NAME.norm.
pub struct Attention<B: Backend> {
    q: Linear<B>,
    k: Linear<B>,
    v: Linear<B>,
    o: Linear<B>,
    norm: Norm<B>,
    heads: usize,
}

/// What a sentence is attended by: computed once, whatever the number of queries.
pub struct KeysValues<B: Backend> {
    /// `[rows, width]`.
    keys: B::Tensor,
    /// `[rows, width]`.
    values: B::Tensor,
}

impl<B: Backend> Attention<B> {
    pub fn load(loader: &mut Loader<B>, name: &str, width: usize, heads: usize) -> Result<Self> {
        let mut linear = |part| loader.linear(&format!("{name}.{part}"), [width, width]);
        let (q, k, v, o) = (linear("q")?, linear("k")?, linear("v")?, linear("o")?);
        Ok(Attention { q, k, v, o, norm: loader.norm(&format!("{name}.norm"), width)?, heads })
    }

    /// Keys and values of `memory` `[rows, width]`.
    pub fn keys_values(&self, backend: &B, memory: &B::Tensor) -> KeysValues<B> {
        KeysValues {
            keys: self.k.forward(backend, memory, Activation::Identity),
            values: self.v.forward(backend, memory, Activation::Identity),
        }
    }

    /// `norm(x + attention(x, memory))`: `[queries, width]` to the same.
    pub fn forward(
        &self,
        backend: &B,
        x: &B::Tensor,
        memory: &KeysValues<B>,
        spans: &B::Spans,
    ) -> B::Tensor {
        let q = self.q.forward(backend, x, Activation::Identity);
        let mixed = backend.attention(&q, &memory.keys, &memory.values, spans, self.heads);
        let output = self.o.forward(backend, &mixed, Activation::Identity);
        self.norm.forward(backend, output, x)
    }
}
