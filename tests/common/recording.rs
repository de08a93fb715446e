//! The reference backend, recorded.

use std::cell::RefCell;

use pocketglot::Result;
use pocketglot::backend::host::{Activations, Dense, RaggedLogits};
use pocketglot::backend::reference::Reference;
use pocketglot::backend::{Activation, Backend, Candidates, Span};
use pocketglot::codec::Codec;
use pocketglot::token::TokenId;

/// Candidates with their logits, the best first.
pub type Ranked = Vec<(TokenId, f32)>;

/// How many candidates of a step are kept.
const KEPT: usize = 5;

/// The reference, keeping what it computes on the way. One sentence at a time.
#[derive(Default)]
pub struct Recording {
    steps: RefCell<Vec<Ranked>>,
    norms: RefCell<Vec<Activations>>,
}

impl Recording {
    /// The best candidates of each step since the last call.
    pub fn take_steps(&self) -> Vec<Ranked> {
        self.norms.take();
        self.steps.take()
    }

    /// The output of each layer norm since the last call, in order.
    pub fn take_norms(&self) -> Vec<Activations> {
        self.norms.take()
    }
}

impl Backend for Recording {
    type Tensor = Activations;
    type Matrix = Dense;
    type Table = Dense;
    type Vector = Vec<f32>;
    type Stack = Vec<(Dense, Option<Vec<f32>>)>;
    type Tokens = Vec<TokenId>;
    type Spans = Vec<Span>;
    type Choices = Vec<Candidates>;
    type Logits = RaggedLogits;
    type Reading = Vec<TokenId>;

    fn name(&self) -> &'static str {
        "reference, recorded"
    }
    fn matrix(&self, matrix: &dyn Codec) -> Result<Dense> {
        Reference.matrix(matrix)
    }
    fn table(&self, matrix: &dyn Codec) -> Result<Dense> {
        Reference.table(matrix)
    }
    fn vector(&self, values: Vec<f32>) -> Result<Vec<f32>> {
        Reference.vector(values)
    }
    fn stack(&self, layers: Self::Stack) -> Result<Self::Stack> {
        Ok(layers)
    }
    fn linears<const N: usize>(&self, x: &Activations, stack: &Self::Stack) -> [Activations; N] {
        Reference.linears(x, stack)
    }
    fn matrix_bytes(&self, matrix: &Dense) -> usize {
        Reference.matrix_bytes(matrix)
    }
    fn table_bytes(&self, table: &Dense) -> usize {
        Reference.table_bytes(table)
    }
    fn tokens(&self, ids: &[TokenId]) -> Vec<TokenId> {
        Reference.tokens(ids)
    }
    fn spans(&self, spans: &[Span]) -> Vec<Span> {
        Reference.spans(spans)
    }
    fn choices(&self, candidates: &[Candidates]) -> Vec<Candidates> {
        Reference.choices(candidates)
    }
    fn embed(&self, table: &Dense, tokens: &Vec<TokenId>, spans: &Vec<Span>) -> Activations {
        Reference.embed(table, tokens, spans)
    }
    fn embed_step(&self, table: &Dense, tokens: &Vec<TokenId>, step: usize) -> Activations {
        Reference.embed_step(table, tokens, step)
    }
    fn linear(
        &self,
        x: &Activations,
        weight: &Dense,
        bias: Option<&Vec<f32>>,
        activation: Activation,
    ) -> Activations {
        Reference.linear(x, weight, bias, activation)
    }
    fn attention(
        &self,
        q: &Activations,
        k: &Activations,
        v: &Activations,
        spans: &Vec<Span>,
        heads: usize,
    ) -> Activations {
        Reference.attention(q, k, v, spans, heads)
    }
    fn add_norm(
        &self,
        x: Activations,
        residual: &Activations,
        scale: &Vec<f32>,
        bias: &Vec<f32>,
    ) -> Activations {
        let output = Reference.add_norm(x, residual, scale, bias);
        self.norms.borrow_mut().push(output.clone());
        output
    }
    fn zeros(&self, rows: usize, width: usize) -> Activations {
        Reference.zeros(rows, width)
    }
    fn recurrence(
        &self,
        forget: &Activations,
        candidate: &Activations,
        state: &Activations,
    ) -> (Activations, Activations) {
        Reference.recurrence(forget, candidate, state)
    }
    fn logits(
        &self,
        h: &Activations,
        table: &Dense,
        bias: &Vec<f32>,
        choices: &Vec<Candidates>,
    ) -> RaggedLogits {
        Reference.logits(h, table, bias, choices)
    }
    fn best(
        &self,
        logits: &RaggedLogits,
        choices: &Vec<Candidates>,
        last: &Vec<TokenId>,
        end: TokenId,
    ) -> Vec<TokenId> {
        assert_eq!(choices.len(), 1, "one sentence at a time");
        let mut ranked: Ranked = choices[0].iter().copied().zip(logits.row(0).to_vec()).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked.truncate(KEPT);
        self.steps.borrow_mut().push(ranked);
        Reference.best(logits, choices, last, end)
    }
    fn gather(&self, x: &Activations, rows: &[usize]) -> Activations {
        Reference.gather(x, rows)
    }
    fn select(&self, tokens: &Vec<TokenId>, rows: &[usize]) -> Vec<TokenId> {
        Reference.select(tokens, rows)
    }
    fn request(&self, steps: &[Vec<TokenId>]) -> Vec<TokenId> {
        Reference.request(steps)
    }
    async fn read(&self, reading: Vec<TokenId>, out: &mut Vec<TokenId>) -> Result<()> {
        Reference.read(reading, out).await
    }
}
