//! The fast path in ordinary memory: the reference's operations, with the products packed for
//! SIMD. Small operations, which cost nothing next to the products, are the reference's own.

mod attention;
mod linear;
mod logits;
mod simd;

pub use linear::Packed;

use super::host::{Activations, Dense, RaggedLogits};
use super::reference::logits::best;
use super::reference::{embed, norm, ssru};
use super::{Activation, Backend, Candidates, Span};
use crate::codec::Codec;
use crate::error::Result;
use crate::token::TokenId;

/// The CPU backend: f32, with whatever SIMD the machine has.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    level: simd::Level,
}

impl Default for Cpu {
    fn default() -> Self {
        Cpu { level: simd::Level::detect() }
    }
}

impl Cpu {
    /// Without the instructions that only some machines have.
    pub fn portable() -> Self {
        Cpu { level: simd::Level::Portable }
    }
}

impl Backend for Cpu {
    type Tensor = Activations;
    type Matrix = Packed;
    type Table = Dense;
    type Vector = Vec<f32>;
    type Tokens = Vec<TokenId>;
    type Spans = Vec<Span>;
    type Choices = Vec<Candidates>;
    type Logits = RaggedLogits;

    fn name(&self) -> &'static str {
        "cpu"
    }

    fn matrix(&self, matrix: &dyn Codec) -> Result<Packed> {
        Ok(Packed::new(matrix))
    }

    fn table(&self, matrix: &dyn Codec) -> Result<Dense> {
        Ok(Dense::new(matrix))
    }

    fn vector(&self, values: Vec<f32>) -> Result<Vec<f32>> {
        Ok(values)
    }

    fn matrix_bytes(&self, matrix: &Packed) -> usize {
        matrix.bytes()
    }

    fn table_bytes(&self, table: &Dense) -> usize {
        table.bytes()
    }

    fn tokens(&self, ids: &[TokenId]) -> Vec<TokenId> {
        ids.to_vec()
    }

    fn spans(&self, spans: &[Span]) -> Vec<Span> {
        spans.to_vec()
    }

    fn choices(&self, candidates: &[Candidates]) -> Vec<Candidates> {
        candidates.to_vec()
    }

    fn embed(&self, table: &Dense, tokens: &Vec<TokenId>, spans: &Vec<Span>) -> Activations {
        embed::embed(table, tokens, |row| embed::position(spans, row))
    }

    fn embed_step(&self, table: &Dense, tokens: &Vec<TokenId>, step: usize) -> Activations {
        embed::embed(table, tokens, |_| step)
    }

    fn linear(
        &self,
        x: &Activations,
        weight: &Packed,
        bias: Option<&Vec<f32>>,
        activation: Activation,
    ) -> Activations {
        linear::linear(self.level, x, weight, bias.map(Vec::as_slice), activation)
    }

    fn attention(
        &self,
        q: &Activations,
        k: &Activations,
        v: &Activations,
        spans: &Vec<Span>,
        heads: usize,
    ) -> Activations {
        attention::attention(self.level, q, k, v, spans, heads)
    }

    fn add_norm(
        &self,
        x: &Activations,
        residual: &Activations,
        scale: &Vec<f32>,
        bias: &Vec<f32>,
    ) -> Activations {
        norm::add_norm(x, residual, scale, bias)
    }

    fn zeros(&self, rows: usize, width: usize) -> Activations {
        Activations::zeros(rows, width)
    }

    fn ssru(
        &self,
        forget: &Activations,
        candidate: &Activations,
        state: &Activations,
    ) -> (Activations, Activations) {
        ssru::ssru(forget, candidate, state)
    }

    fn logits(
        &self,
        h: &Activations,
        table: &Dense,
        bias: &Vec<f32>,
        choices: &Vec<Candidates>,
    ) -> RaggedLogits {
        logits::logits(self.level, h, table, bias, choices)
    }

    fn best(&self, logits: &RaggedLogits, choices: &Vec<Candidates>) -> Vec<TokenId> {
        best(logits, choices)
    }

    fn gather(&self, x: &Activations, rows: &[usize]) -> Activations {
        x.gather(rows)
    }

    async fn read(&self, steps: &[Vec<TokenId>]) -> Result<Vec<Vec<TokenId>>> {
        Ok(steps.to_vec())
    }
}
