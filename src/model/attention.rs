//! Multi-head attention: Vaswani et al. 2017, section 3.2.

use super::layers::{Linear, Loader, Norm};
use crate::backend::{Activation, Backend};
use crate::error::Result;

/// Heads of a layer.
#[derive(Clone, Copy)]
pub struct Heads {
    /// Of each.
    pub width: usize,
    /// In this layer.
    pub count: usize,
}

impl Heads {
    /// Width of all together.
    fn total(self) -> usize {
        self.width * self.count
    }
}

/// A sequence attends to itself: NAME.q, NAME.k and NAME.v `[heads, width]`, NAME.o `[width, heads]`,
/// `heads` being the width of all together, then NAME.norm.
pub struct SelfAttention<B: Backend> {
    /// q, k and v.
    inputs: B::Stack,
    rest: Rest<B>,
}

/// A sequence attends to another; the same parameters.
pub struct CrossAttention<B: Backend> {
    q: Linear<B>,
    /// k and v.
    memory: B::Stack,
    rest: Rest<B>,
}

/// What a sentence is attended by: computed once, whatever the number of queries.
pub struct KeysValues<B: Backend> {
    /// `[rows, heads]`.
    keys: B::Tensor,
    /// `[rows, heads]`.
    values: B::Tensor,
}

impl<B: Backend> SelfAttention<B> {
    pub fn load(loader: &mut Loader<B>, name: &str, width: usize, heads: Heads) -> Result<Self> {
        let names = ["q", "k", "v"].map(|part| format!("{name}.{part}"));
        let inputs = loader.stack(&names, [heads.total(), width])?;
        Ok(SelfAttention { inputs, rest: Rest::load(loader, name, width, heads)? })
    }

    /// `norm(x + attention(x, x))`: `[rows, width]` to the same.
    pub fn forward(&self, backend: &B, x: &B::Tensor, spans: &B::Spans) -> B::Tensor {
        let [q, keys, values] = backend.linears(x, &self.inputs);
        self.rest.forward(backend, x, &q, &KeysValues { keys, values }, spans)
    }
}

impl<B: Backend> CrossAttention<B> {
    pub fn load(loader: &mut Loader<B>, name: &str, width: usize, heads: Heads) -> Result<Self> {
        let shape = [heads.total(), width];
        let q = loader.linear(&format!("{name}.q"), shape)?;
        let memory = loader.stack(&["k", "v"].map(|part| format!("{name}.{part}")), shape)?;
        Ok(CrossAttention { q, memory, rest: Rest::load(loader, name, width, heads)? })
    }

    /// Keys and values of `memory` `[rows, width]`.
    pub fn keys_values(&self, backend: &B, memory: &B::Tensor) -> KeysValues<B> {
        let [keys, values] = backend.linears(memory, &self.memory);
        KeysValues { keys, values }
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
        self.rest.forward(backend, x, &q, memory, spans)
    }
}

/// What follows the input products.
struct Rest<B: Backend> {
    o: Linear<B>,
    norm: Norm<B>,
    heads: usize,
}

impl<B: Backend> Rest<B> {
    fn load(loader: &mut Loader<B>, name: &str, width: usize, heads: Heads) -> Result<Self> {
        let o = loader.linear(&format!("{name}.o"), [width, heads.total()])?;
        Ok(Rest { o, norm: loader.norm(&format!("{name}.norm"), width)?, heads: heads.count })
    }

    fn forward(
        &self,
        backend: &B,
        x: &B::Tensor,
        q: &B::Tensor,
        memory: &KeysValues<B>,
        spans: &B::Spans,
    ) -> B::Tensor {
        let mixed = backend.attention(q, &memory.keys, &memory.values, spans, self.heads);
        backend.linear_norm(&mixed, self.o.parts(), x, self.norm.parts())
    }
}
