//! The network, written once over [`Backend`]. Each part owns the names of its parameters.

mod attention;
mod decoder;
mod encoder;
mod ffn;
#[cfg(feature = "compress")]
pub mod forced;
mod greedy;
mod layers;
#[cfg(feature = "gpu")]
mod profile;
#[cfg(feature = "heal")]
mod sequence;
mod ssru;

pub use greedy::{MAX_LENGTH_FACTOR, Source};
#[cfg(feature = "gpu")]
pub use profile::{Encoding, Profile};
#[cfg(feature = "heal")]
pub use sequence::{Pair, Taught};

use crate::backend::Backend;
use crate::error::Result;
use crate::format::{Architecture, Package};

use decoder::Decoder;
use encoder::Encoder;
use layers::Loader;

/// What is added to the logits.
pub const OUTPUT_BIAS: &str = "output.bias";

/// A translation model on a backend: weights only; a batch's state lives in its own future.
pub struct Network<B: Backend> {
    backend: B,
    /// `[vocabulary, width]`: embedding of both languages and output projection in one.
    embedding: B::Table,
    /// `[vocabulary]`.
    output_bias: B::Vector,
    encoder: Encoder<B>,
    decoder: Decoder<B>,
    weight_bytes: usize,
}

impl<B: Backend> Network<B> {
    /// Builds the network that `package` describes.
    ///
    /// # Errors
    /// `Malformed`, naming the tensor, when one is missing or does not fit the architecture.
    pub fn load(backend: B, package: &Package) -> Result<Self> {
        let architecture = &package.metadata.architecture;
        let Architecture { vocabulary, width, .. } = *architecture;
        backend.supports(architecture)?;
        let mut loader = Loader::new(&backend, package);
        let embedding = loader.table("embedding", OUTPUT_BIAS, [vocabulary, width])?;
        let output_bias = loader.vector(OUTPUT_BIAS, vocabulary)?;
        let encoder = Encoder::load(&mut loader, architecture)?;
        let decoder = Decoder::load(&mut loader, architecture)?;
        let weight_bytes = loader.bytes();
        Ok(Network { backend, embedding, output_bias, encoder, decoder, weight_bytes })
    }

    /// Bytes that the weights occupy on the backend.
    pub fn weight_bytes(&self) -> usize {
        self.weight_bytes
    }

    /// The backend that it runs on.
    pub fn backend(&self) -> &B {
        &self.backend
    }
}
