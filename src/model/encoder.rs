//! The encoder: layers of self-attention and feed-forward, post-norm.

use super::attention::{Heads, SelfAttention};
use super::ffn::FeedForward;
use super::layers::{Loader, pause};
use crate::backend::Backend;
use crate::error::Result;
use crate::format::Architecture;
use crate::format::architecture::LayerSizes;

pub struct Encoder<B: Backend> {
    layers: Vec<EncoderLayer<B>>,
}

/// encoder.N.attention and encoder.N.ffn.
struct EncoderLayer<B: Backend> {
    attention: SelfAttention<B>,
    ffn: FeedForward<B>,
}

impl<B: Backend> Encoder<B> {
    pub fn load(loader: &mut Loader<B>, architecture: &Architecture) -> Result<Self> {
        let width = architecture.width;
        let layer = |(n, sizes): (usize, &LayerSizes)| {
            let heads = Heads { width: architecture.head_width(), count: sizes.heads };
            let attention = format!("encoder.{n}.attention");
            Ok(EncoderLayer {
                attention: SelfAttention::load(loader, &attention, width, heads)?,
                ffn: FeedForward::load(loader, &format!("encoder.{n}.ffn"), width, sizes.ffn)?,
            })
        };
        let layers = architecture.encoder().iter().enumerate().map(layer).collect::<Result<_>>()?;
        Ok(Encoder { layers })
    }

    /// Number of layers.
    #[cfg(feature = "gpu")]
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Embedded source tokens `[rows, width]` to their representations, the same shape.
    pub async fn forward(&self, backend: &B, mut x: B::Tensor, spans: &B::Spans) -> B::Tensor {
        for layer in &self.layers {
            x = layer.attention.forward(backend, &x, spans);
            pause().await;
            x = layer.ffn.forward(backend, &x);
            pause().await;
        }
        x
    }
}
