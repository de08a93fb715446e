//! The oracle: plain f32 loops that follow the formulas. Slow, and meant to be obvious; every
//! other backend is tested against it.

mod attention;
pub(super) mod embed;
mod linear;
pub(super) mod logits;
pub(super) mod norm;
pub(super) mod ssru;

use super::host::{Activations, Dense, RaggedLogits};
use super::{Activation, Backend, Candidates, Span};
use crate::codec::Codec;
use crate::error::Result;
use crate::token::TokenId;

/// The reference backend.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Backend for Reference {
    type Tensor = Activations;
    type Matrix = Dense;
    type Table = Dense;
    type Vector = Vec<f32>;
    type Tokens = Vec<TokenId>;
    type Spans = Vec<Span>;
    type Choices = Vec<Candidates>;
    type Logits = RaggedLogits;

    fn name(&self) -> &'static str {
        "reference"
    }

    fn matrix(&self, matrix: &dyn Codec) -> Result<Dense> {
        Ok(Dense::new(matrix))
    }

    fn table(&self, matrix: &dyn Codec) -> Result<Dense> {
        Ok(Dense::new(matrix))
    }

    fn vector(&self, values: Vec<f32>) -> Result<Vec<f32>> {
        Ok(values)
    }

    fn matrix_bytes(&self, matrix: &Dense) -> usize {
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
        weight: &Dense,
        bias: Option<&Vec<f32>>,
        activation: Activation,
    ) -> Activations {
        linear::linear(x, weight, bias.map(Vec::as_slice), activation)
    }

    fn attention(
        &self,
        q: &Activations,
        k: &Activations,
        v: &Activations,
        spans: &Vec<Span>,
        heads: usize,
    ) -> Activations {
        attention::attention(q, k, v, spans, heads)
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
        logits::logits(h, table, bias, choices)
    }

    fn best(&self, logits: &RaggedLogits, choices: &Vec<Candidates>) -> Vec<TokenId> {
        logits::best(logits, choices)
    }

    fn gather(&self, x: &Activations, rows: &[usize]) -> Activations {
        x.gather(rows)
    }

    async fn read(&self, steps: &[Vec<TokenId>]) -> Result<Vec<Vec<TokenId>>> {
        Ok(steps.to_vec())
    }
}
