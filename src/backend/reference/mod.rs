//! The oracle: plain loops that follow the formulas. Slow, and meant to be obvious; every other
//! backend is tested against it. [`Reference`] computes in floats, [`ReferenceInt8`] as production
//! does, with products in 8-bit integers.

mod arithmetic;
mod attention;
pub(super) mod embed;
mod int8;
mod linear;
mod logits;
pub(crate) mod norm;
mod ssru;

use super::host::{Activations, Dense, RaggedLogits};
use super::{Activation, Backend, Candidates, Span};
use crate::codec::Codec;
use crate::error::Result;
use crate::token::TokenId;
use arithmetic::{LANES, PLAIN};

pub use int8::Weights;

/// Everything in floats.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

/// Products in 8-bit integers where the codec has them, and the float arithmetic between them that
/// all engines share: the backends that compute in integers must give exactly these numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReferenceInt8;

/// What the two do alike.
macro_rules! shared {
    ($arithmetic:expr) => {
        type Tensor = Activations;
        type Vector = Vec<f32>;
        type Stack = Vec<(Self::Matrix, Option<Vec<f32>>)>;
        type Tokens = Vec<TokenId>;
        type Spans = Vec<Span>;
        type Choices = Vec<Candidates>;
        type Logits = RaggedLogits;
        type Reading = Vec<TokenId>;

        fn stack(&self, layers: Self::Stack) -> Result<Self::Stack> {
            Ok(layers)
        }

        fn linears<const N: usize>(
            &self,
            x: &Activations,
            stack: &Self::Stack,
        ) -> [Activations; N] {
            std::array::from_fn(|layer| {
                let (weight, bias) = &stack[layer];
                self.linear(x, weight, bias.as_ref(), Activation::Identity)
            })
        }

        fn vector(&self, values: Vec<f32>) -> Result<Vec<f32>> {
            Ok(values)
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

        fn attention(
            &self,
            q: &Activations,
            k: &Activations,
            v: &Activations,
            spans: &Vec<Span>,
            heads: usize,
        ) -> Activations {
            attention::attention($arithmetic, q, k, v, spans, heads)
        }

        fn add_norm(
            &self,
            x: Activations,
            residual: &Activations,
            scale: &Vec<f32>,
            bias: &Vec<f32>,
        ) -> Activations {
            norm::add_norm($arithmetic, x, residual, scale, bias)
        }

        fn zeros(&self, rows: usize, width: usize) -> Activations {
            Activations::zeros(rows, width)
        }

        fn recurrence(
            &self,
            forget: &Activations,
            candidate: &Activations,
            state: &Activations,
        ) -> (Activations, Activations) {
            ssru::recurrence($arithmetic, forget, candidate, state)
        }

        fn best(
            &self,
            logits: &RaggedLogits,
            choices: &Vec<Candidates>,
            last: &Vec<TokenId>,
            end: TokenId,
        ) -> Vec<TokenId> {
            logits::best(logits, choices, last, end)
        }

        fn gather(&self, x: &Activations, rows: &[usize]) -> Activations {
            x.gather(rows)
        }

        fn select(&self, tokens: &Vec<TokenId>, rows: &[usize]) -> Vec<TokenId> {
            rows.iter().map(|&row| tokens[row]).collect()
        }

        fn request(&self, steps: &[Vec<TokenId>]) -> Vec<TokenId> {
            steps.concat()
        }

        async fn read(&self, reading: Vec<TokenId>, out: &mut Vec<TokenId>) -> Result<()> {
            *out = reading;
            Ok(())
        }
    };
}

impl Backend for Reference {
    type Matrix = Dense;
    type Table = Dense;

    shared!(PLAIN);

    fn name(&self) -> &'static str {
        "reference"
    }

    fn matrix(&self, matrix: &dyn Codec) -> Result<Dense> {
        Ok(Dense::new(matrix))
    }

    fn table(&self, matrix: &dyn Codec) -> Result<Dense> {
        Ok(Dense::new(matrix))
    }

    fn matrix_bytes(&self, matrix: &Dense) -> usize {
        matrix.bytes()
    }

    fn table_bytes(&self, table: &Dense) -> usize {
        table.bytes()
    }

    fn embed(&self, table: &Dense, tokens: &Vec<TokenId>, spans: &Vec<Span>) -> Activations {
        let row = |token: TokenId| table.row(token.index()).to_vec();
        embed::embed(row, table.columns(), tokens, |row| embed::position(spans, row))
    }

    fn embed_step(&self, table: &Dense, tokens: &Vec<TokenId>, step: usize) -> Activations {
        let row = |token: TokenId| table.row(token.index()).to_vec();
        embed::embed(row, table.columns(), tokens, |_| step)
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

    fn logits(
        &self,
        h: &Activations,
        table: &Dense,
        bias: &Vec<f32>,
        choices: &Vec<Candidates>,
    ) -> RaggedLogits {
        let product = |row: usize, token: usize| (PLAIN.dot)(h.row(row), table.row(token));
        logits::logits(product, bias, choices)
    }
}

#[cfg(feature = "heal")]
impl super::Sequences for Reference {
    fn scan(
        &self,
        forget: &Activations,
        candidate: &Activations,
        spans: &Vec<Span>,
    ) -> Activations {
        let mut out = Activations::zeros(forget.rows(), forget.width());
        for span in spans {
            let mut state = Activations::zeros(1, forget.width());
            for row in span.queries.clone() {
                let [forget, candidate] = [forget, candidate].map(|gate| gate.gather(&[row]));
                let (output, next) = ssru::recurrence(PLAIN, &forget, &candidate, &state);
                out.row_mut(row).copy_from_slice(output.row(0));
                state = next;
            }
        }
        out
    }
}

impl Backend for ReferenceInt8 {
    type Matrix = Weights;
    type Table = Weights;

    shared!(LANES);

    fn name(&self) -> &'static str {
        "reference-int8"
    }

    fn matrix(&self, matrix: &dyn Codec) -> Result<Weights> {
        Ok(Weights::new(matrix))
    }

    fn table(&self, matrix: &dyn Codec) -> Result<Weights> {
        Ok(Weights::new(matrix))
    }

    fn matrix_bytes(&self, matrix: &Weights) -> usize {
        matrix.bytes()
    }

    fn table_bytes(&self, table: &Weights) -> usize {
        table.bytes()
    }

    fn embed(&self, table: &Weights, tokens: &Vec<TokenId>, spans: &Vec<Span>) -> Activations {
        let row = |token: TokenId| table.to_f32(token.index());
        embed::embed(row, table.columns(), tokens, |row| embed::position(spans, row))
    }

    fn embed_step(&self, table: &Weights, tokens: &Vec<TokenId>, step: usize) -> Activations {
        let row = |token: TokenId| table.to_f32(token.index());
        embed::embed(row, table.columns(), tokens, |_| step)
    }

    fn linear(
        &self,
        x: &Activations,
        weight: &Weights,
        bias: Option<&Vec<f32>>,
        activation: Activation,
    ) -> Activations {
        int8::linear(x, weight, bias.map(Vec::as_slice), activation)
    }

    fn logits(
        &self,
        h: &Activations,
        table: &Weights,
        bias: &Vec<f32>,
        choices: &Vec<Candidates>,
    ) -> RaggedLogits {
        logits::logits(table.products(h), bias, choices)
    }
}
