//! The fast path in ordinary memory. Matrices of 8-bit codes are multiplied in integers, exactly
//! as wide as the machine's instructions allow; others in floats, packed for SIMD. What lies
//! between the products follows `backend/lanes.rs`, so that one model gives the same tokens
//! natively, in every browser, and from the oracle, whatever instructions there are.

mod attention;
mod embed;
mod int8;
mod linear;
mod logits;
mod norm;
mod pool;
mod screening;
mod simd;
mod ssru;
mod tensor;

pub use embed::Table;
pub use int8::Int8Matrix;
pub use linear::Packed;
pub use logits::{Choices, Logits};
pub use pool::Buffer;
pub use tensor::Tensor;

use super::host::Dense;
use super::reference::embed::position;
use super::{Activation, Backend, Candidates, Span};
use crate::codec::Codec;
use crate::error::Result;
use crate::format;
use crate::token::TokenId;

/// The CPU backend.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    level: simd::Level,
    /// Whether products are in integers where the codec has them.
    integers: bool,
}

impl Default for Cpu {
    fn default() -> Self {
        Cpu { level: simd::Level::detect(), integers: true }
    }
}

impl Cpu {
    /// One for each set of instructions that this machine has, the best first: they differ in
    /// speed only.
    pub fn all() -> Vec<Self> {
        let of = |level| Cpu { level, integers: true };
        simd::Level::all().into_iter().map(of).collect()
    }

    /// The same, with all products in floats, whatever the codecs.
    #[must_use]
    pub fn in_floats(self) -> Self {
        Cpu { integers: false, ..self }
    }

    fn table_weights(&self, matrix: &dyn Codec) -> Result<embed::Weights> {
        Ok(match matrix.integers() {
            Some(codes) if self.integers => {
                embed::Weights::Int8(Int8Matrix::new(self.level, codes)?)
            }
            _ => embed::Weights::Float(Dense::new(matrix)),
        })
    }

    /// The instructions in use.
    pub fn instructions(&self) -> &'static str {
        self.level.name()
    }
}

/// A weight matrix `[out, in]`.
#[derive(Debug)]
pub enum Matrix {
    /// In floats, packed.
    Float(Packed),
    /// In 8-bit codes, where they lie.
    Int8(Int8Matrix),
}

impl Backend for Cpu {
    type Tensor = Tensor;
    type Matrix = Matrix;
    type Table = Table;
    type Vector = Vec<f32>;
    type Stack = Vec<(Matrix, Option<Vec<f32>>)>;
    type Tokens = Buffer<TokenId>;
    type Spans = Vec<Span>;
    type Choices = Choices;
    type Logits = Logits;
    type Reading = Buffer<TokenId>;

    fn name(&self) -> &'static str {
        "cpu"
    }

    fn matrix(&self, matrix: &dyn Codec) -> Result<Matrix> {
        match matrix.integers() {
            Some(codes) if self.integers => Int8Matrix::new(self.level, codes).map(Matrix::Int8),
            _ => Ok(Matrix::Float(Packed::new(matrix))),
        }
    }

    fn table(&self, matrix: &dyn Codec) -> Result<Table> {
        Ok(Table::new(self.table_weights(matrix)?, None))
    }

    fn screened_table(
        &self,
        matrix: &dyn Codec,
        bias: &[f32],
        screening: &format::Screening,
    ) -> Result<Table> {
        let weights = self.table_weights(matrix)?;
        let screening = screening::Screening::new(self.level, &weights, bias, screening)?;
        Ok(Table::new(weights, Some(screening)))
    }

    fn vector(&self, values: Vec<f32>) -> Result<Vec<f32>> {
        Ok(values)
    }

    fn stack(&self, layers: Self::Stack) -> Result<Self::Stack> {
        Ok(layers)
    }

    fn matrix_bytes(&self, matrix: &Matrix) -> usize {
        match matrix {
            Matrix::Float(matrix) => matrix.bytes(),
            Matrix::Int8(matrix) => matrix.bytes(),
        }
    }

    fn table_bytes(&self, table: &Table) -> usize {
        table.bytes()
    }

    fn tokens(&self, ids: &[TokenId]) -> Buffer<TokenId> {
        Buffer::copy(ids)
    }

    fn spans(&self, spans: &[Span]) -> Vec<Span> {
        spans.to_vec()
    }

    fn choices(&self, candidates: &[Candidates]) -> Choices {
        Choices::new(candidates)
    }

    fn embed(&self, table: &Table, tokens: &Buffer<TokenId>, spans: &Vec<Span>) -> Tensor {
        embed::embed(self.level, table, tokens, |row| position(spans, row))
    }

    fn embed_step(&self, table: &Table, tokens: &Buffer<TokenId>, step: usize) -> Tensor {
        embed::embed(self.level, table, tokens, |_| step)
    }

    fn linear(
        &self,
        x: &Tensor,
        weight: &Matrix,
        bias: Option<&Vec<f32>>,
        activation: Activation,
    ) -> Tensor {
        let bias = bias.map(Vec::as_slice);
        match weight {
            Matrix::Float(weight) => linear::linear(self.level, x, weight, bias, activation),
            Matrix::Int8(weight) => int8::linear(self.level, x, weight, bias, activation),
        }
    }

    fn linears<const N: usize>(&self, x: &Tensor, stack: &Self::Stack) -> [Tensor; N] {
        std::array::from_fn(|layer| {
            let (weight, bias) = &stack[layer];
            self.linear(x, weight, bias.as_ref(), Activation::Identity)
        })
    }

    fn feed_forward(
        &self,
        x: &Tensor,
        inner: (&Matrix, Option<&Vec<f32>>),
        outer: (&Matrix, Option<&Vec<f32>>),
        norm: (&Vec<f32>, &Vec<f32>),
    ) -> Tensor {
        if let (Matrix::Int8(first), Matrix::Int8(second)) = (inner.0, outer.0) {
            let (inner, outer) = (inner.1.map(Vec::as_slice), outer.1.map(Vec::as_slice));
            let output = int8::feed_forward(self.level, x, (first, inner), (second, outer));
            return self.add_norm(output, x, norm.0, norm.1);
        }
        let inside = self.linear(x, inner.0, inner.1, Activation::Relu);
        self.linear_norm(&inside, outer, x, norm)
    }

    fn attention(
        &self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        spans: &Vec<Span>,
        heads: usize,
    ) -> Tensor {
        attention::attention(self.level, q, k, v, spans, heads)
    }

    fn add_norm(&self, x: Tensor, residual: &Tensor, scale: &Vec<f32>, bias: &Vec<f32>) -> Tensor {
        norm::add_norm(self.level, x, residual, scale, bias)
    }

    fn zeros(&self, rows: usize, width: usize) -> Tensor {
        Tensor::zeros(rows, width)
    }

    fn recurrence(&self, forget: &Tensor, candidate: &Tensor, state: &Tensor) -> (Tensor, Tensor) {
        ssru::recurrence(self.level, forget, candidate, state)
    }

    fn logits(&self, h: &Tensor, table: &Table, bias: &Vec<f32>, choices: &Choices) -> Logits {
        logits::logits(self.level, h, table, bias, choices)
    }

    fn best(
        &self,
        logits: &Logits,
        choices: &Choices,
        last: &Buffer<TokenId>,
        end: TokenId,
    ) -> Buffer<TokenId> {
        let mut best = logits::best(self.level, logits, choices);
        for (token, last) in best.iter_mut().zip(last.iter()) {
            if *last == end {
                *token = end;
            }
        }
        best
    }

    fn gather(&self, x: &Tensor, rows: &[usize]) -> Tensor {
        x.gather(rows)
    }

    fn select(&self, tokens: &Buffer<TokenId>, rows: &[usize]) -> Buffer<TokenId> {
        let mut out = Buffer::any(rows.len());
        out.iter_mut().zip(rows).for_each(|(token, &row)| *token = tokens[row]);
        out
    }

    fn request(&self, steps: &[Buffer<TokenId>]) -> Buffer<TokenId> {
        let mut all = Buffer::any(steps.iter().map(|tokens| tokens.len()).sum());
        let mut rest = &mut all[..];
        for tokens in steps {
            let (place, after) = rest.split_at_mut(tokens.len());
            place.copy_from_slice(tokens);
            rest = after;
        }
        all
    }

    async fn read(&self, reading: Buffer<TokenId>, out: &mut Vec<TokenId>) -> Result<()> {
        out.clear();
        out.extend_from_slice(&reading);
        Ok(())
    }
}
