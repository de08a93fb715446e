//! The decoder: layers of SSRU, attention to the source, and feed-forward, post-norm.

use super::attention::{CrossAttention, Heads, KeysValues};
use super::ffn::FeedForward;
use super::layers::{Loader, pause};
use super::ssru::Ssru;
use crate::backend::Backend;
#[cfg(feature = "heal")]
use crate::backend::Sequences;
use crate::error::Result;
use crate::format::Architecture;
use crate::format::architecture::LayerSizes;

pub struct Decoder<B: Backend> {
    layers: Vec<DecoderLayer<B>>,
    width: usize,
}

/// decoder.N.ssru, decoder.N.cross and decoder.N.ffn.
struct DecoderLayer<B: Backend> {
    ssru: Ssru<B>,
    cross: CrossAttention<B>,
    ffn: FeedForward<B>,
}

/// What a batch carries from step to step.
pub struct State<B: Backend> {
    /// A layer: `[rows, width]`, the SSRU's memory.
    cells: Vec<B::Tensor>,
    /// A layer: keys and values of all source tokens, computed once. Rows that end leave them in
    /// place; the spans say who attends to what.
    memory: Vec<KeysValues<B>>,
}

impl<B: Backend> Decoder<B> {
    pub fn load(loader: &mut Loader<B>, architecture: &Architecture) -> Result<Self> {
        let width = architecture.width;
        let layer = |(n, sizes): (usize, &LayerSizes)| {
            let heads = Heads { width: architecture.head_width(), count: sizes.heads };
            let cross = format!("decoder.{n}.cross");
            Ok(DecoderLayer {
                ssru: Ssru::load(loader, &format!("decoder.{n}.ssru"), width)?,
                cross: CrossAttention::load(loader, &cross, width, heads)?,
                ffn: FeedForward::load(loader, &format!("decoder.{n}.ffn"), width, sizes.ffn)?,
            })
        };
        let layers = architecture.decoder().iter().enumerate().map(layer).collect::<Result<_>>()?;
        Ok(Decoder { layers, width })
    }

    /// The state before the first step, for `rows` sentences whose encoded source is `memory`.
    pub async fn start(&self, backend: &B, memory: &B::Tensor, rows: usize) -> State<B> {
        let mut state = State { cells: Vec::new(), memory: Vec::new() };
        for layer in &self.layers {
            state.cells.push(backend.zeros(rows, self.width));
            state.memory.push(layer.cross.keys_values(backend, memory));
            pause().await;
        }
        state
    }

    /// One step: the embedded last token of each row, `[rows, width]`, to the representation that
    /// the next one is read from, the same shape.
    pub fn step(
        &self,
        backend: &B,
        mut x: B::Tensor,
        state: &mut State<B>,
        spans: &B::Spans,
    ) -> B::Tensor {
        let State { cells, memory } = state;
        for (layer, (cell, memory)) in self.layers.iter().zip(cells.iter_mut().zip(memory)) {
            let (output, next) = layer.ssru.forward(backend, &x, cell);
            *cell = next;
            x = layer.cross.forward(backend, &output, memory, spans);
            x = layer.ffn.forward(backend, &x);
        }
        x
    }
}

#[cfg(feature = "heal")]
impl<B: Sequences> Decoder<B> {
    /// All steps of given translations: the embedded tokens before each, `[rows, width]`, to the
    /// representations that the tokens are read from, the same shape. `own` says which rows belong
    /// to one translation, `cross` to which rows of `memory` those attend.
    pub async fn all(
        &self,
        backend: &B,
        mut x: B::Tensor,
        memory: &B::Tensor,
        own: &B::Spans,
        cross: &B::Spans,
    ) -> B::Tensor {
        for layer in &self.layers {
            let memory = layer.cross.keys_values(backend, memory);
            x = layer.ssru.all(backend, x, own);
            x = layer.cross.forward(backend, &x, &memory, cross);
            x = layer.ffn.forward(backend, &x);
            pause().await;
        }
        x
    }
}

impl<B: Backend> State<B> {
    /// Keeps only `rows`, in that order.
    pub fn keep(&mut self, backend: &B, rows: &[usize]) {
        for cell in &mut self.cells {
            *cell = backend.gather(cell, rows);
        }
    }
}
