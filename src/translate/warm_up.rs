//! Running the network before there is a model: WebAssembly is compiled in earnest only when it has
//! run for a while, which a first translation would have to wait for.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::backend::{Backend, Candidates};
use crate::codec::int8::Int8;
use crate::error::Result;
use crate::format::architecture::DecoderCell;
use crate::format::package::{FORMAT, Languages, Metadata, Provenance};
use crate::format::screening::Map;
use crate::format::{Architecture, Package, Screening};
use crate::model::{Network, Source};
use crate::tensor::{Dtype, Tensor};
use crate::token::TokenId;

const SIZES: Architecture = Architecture {
    width: 64,
    heads: 2,
    ffn: 128,
    encoder_layers: 1,
    decoder_layers: 1,
    vocabulary: 256,
    decoder_cell: DecoderCell::Ssru,
    encoder_sizes: Vec::new(),
    decoder_sizes: Vec::new(),
};
/// What it translates: about what a first batch is.
const SENTENCES: usize = 3;
const TOKENS: usize = 12;
/// Of its screening, which is to leave less than there is.
const CANDIDATES: usize = 16;
const SCREENING_RANK: usize = 48;

type Translation = dyn Future<Output = Result<Vec<Vec<TokenId>>>>;

/// A tiny network of numbers without meaning, which runs through the same code as a model does.
pub struct WarmUp<B: Backend> {
    network: Arc<Network<B>>,
    running: Option<Pin<Box<Translation>>>,
}

impl<B: Backend> std::fmt::Debug for WarmUp<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WarmUp")
    }
}

impl<B: Backend + 'static> WarmUp<B> {
    /// Takes the tiny network to a backend.
    ///
    /// # Errors
    /// What the backend reports.
    pub fn new(backend: B) -> Result<Self> {
        Ok(WarmUp { network: Arc::new(Network::load(backend, &package()?)?), running: None })
    }

    /// Does one part of a translation, of which there is no end.
    ///
    /// # Errors
    /// What the backend reports.
    pub fn step(&mut self) -> Result<()> {
        let network = &self.network;
        let running = self.running.get_or_insert_with(|| {
            let network = Arc::clone(network);
            Box::pin(async move { network.translate(&sources()).await })
        });
        if let Poll::Ready(result) = running.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            self.running = None;
            result?;
        }
        Ok(())
    }
}

fn sources() -> Vec<Source> {
    let candidates: Candidates = (0..SIZES.vocabulary as u32).map(TokenId).collect();
    let sentence = |n: usize| {
        let token = |at: usize| TokenId(((n * 31 + at * 7) % SIZES.vocabulary) as u32);
        let tokens = (0..TOKENS).map(token).collect();
        Source { tokens, candidates: Arc::clone(&candidates), end: TokenId(0) }
    };
    (0..SENTENCES).map(sentence).collect()
}

fn package() -> Result<Package> {
    let languages = Languages { source: String::new(), target: String::new() };
    let metadata = Metadata {
        format: FORMAT,
        architecture: SIZES,
        languages,
        matrices: Default::default(),
        screening: None,
        recipe: None,
        provenance: Provenance::default(),
    };
    let mut tiny = Tiny(Package { metadata, tensors: Default::default() });
    let Architecture { width, ffn, vocabulary, .. } = SIZES;
    tiny.matrix("embedding", [vocabulary, width])?;
    tiny.vector("output.bias", vocabulary)?;
    for attention in ["encoder.0.attention", "decoder.0.cross"] {
        for part in ["q", "k", "v", "o"] {
            tiny.linear(&format!("{attention}.{part}"), [width, width])?;
        }
        tiny.norm(attention)?;
    }
    for layer in ["encoder.0.ffn", "decoder.0.ffn"] {
        tiny.linear(&format!("{layer}.w1"), [ffn, width])?;
        tiny.linear(&format!("{layer}.w2"), [width, ffn])?;
        tiny.norm(layer)?;
    }
    tiny.matrix("decoder.0.ssru.candidate", [width, width])?;
    tiny.linear("decoder.0.ssru.forget", [width, width])?;
    tiny.norm("decoder.0.ssru")?;
    let map = Map::round(width, &vec![1.0 / 64.0; SCREENING_RANK * width])?;
    tiny.0.set_screening(Some(&Screening::new(CANDIDATES, map.clone(), map)?));
    Ok(tiny.0)
}

struct Tiny(Package);

impl Tiny {
    fn matrix(&mut self, name: &str, shape: [usize; 2]) -> Result<()> {
        let codes: Vec<u8> = (0..shape[0] * shape[1]).map(|at| (at * 89 % 251) as u8).collect();
        let codes = Tensor::new(Dtype::I8, shape.to_vec(), Bytes::from(codes))?;
        let matrix: crate::codec::Matrix = Box::new(Int8::new(codes, 127.0, Some(20.0))?);
        self.0.insert_matrix(name, &matrix);
        Ok(())
    }

    fn vector(&mut self, name: &str, length: usize) -> Result<()> {
        let bytes = Bytes::from(0.5f32.to_le_bytes().repeat(length));
        self.0.tensors.insert(name.to_owned(), Tensor::new(Dtype::F32, vec![length], bytes)?);
        Ok(())
    }

    fn linear(&mut self, name: &str, shape: [usize; 2]) -> Result<()> {
        self.matrix(name, shape)?;
        self.vector(&format!("{name}.bias"), shape[0])
    }

    fn norm(&mut self, name: &str) -> Result<()> {
        self.vector(&format!("{name}.norm.scale"), SIZES.width)?;
        self.vector(&format!("{name}.norm.bias"), SIZES.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::cpu::Cpu;

    #[test]
    fn it_runs_for_as_long_as_one_likes() {
        let mut warm_up = WarmUp::new(Cpu::default()).unwrap();
        let mut translations = 0;
        for _ in 0..500 {
            warm_up.step().unwrap();
            translations += usize::from(warm_up.running.is_none());
        }
        assert!(translations > 5, "{translations}");
    }
}
