//! The CPU backend with a hook: called whenever tokens are read, on the thread that reads.

use std::future::{Future, ready};
use std::pin::Pin;

use pocketglot::Result;
use pocketglot::backend::cpu::Cpu;
use pocketglot::backend::{Activation, Backend, Candidates, Span};
use pocketglot::codec::Codec;
use pocketglot::format::Screening;
use pocketglot::token::TokenId;

/// What happens at each read: nothing, an error, a panic, a pause, a wait.
type Hook = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<()>>>> + Send + Sync>;

pub struct Hooked {
    cpu: Cpu,
    hook: Hook,
}

impl Hooked {
    pub fn new(hook: impl Fn() -> Result<()> + Send + Sync + 'static) -> Self {
        Self::answering(move || ready(hook()))
    }

    /// Reads go on when the hook's future is ready, as on a device that answers later.
    pub fn answering<F>(hook: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + 'static,
    {
        Hooked { cpu: Cpu::default(), hook: Box::new(move || Box::pin(hook())) }
    }
}

type Tensor = <Cpu as Backend>::Tensor;
type Matrix = <Cpu as Backend>::Matrix;
type Table = <Cpu as Backend>::Table;
type Vector = <Cpu as Backend>::Vector;
type Tokens = <Cpu as Backend>::Tokens;
type Spans = <Cpu as Backend>::Spans;
type Choices = <Cpu as Backend>::Choices;
type Logits = <Cpu as Backend>::Logits;
type Stack = <Cpu as Backend>::Stack;
type Reading = <Cpu as Backend>::Reading;

impl Backend for Hooked {
    type Tensor = Tensor;
    type Matrix = Matrix;
    type Table = Table;
    type Vector = Vector;
    type Tokens = Tokens;
    type Spans = Spans;
    type Choices = Choices;
    type Logits = Logits;
    type Stack = Stack;
    type Reading = Reading;

    fn name(&self) -> &'static str {
        "cpu, with a hook"
    }
    fn matrix(&self, matrix: &dyn Codec) -> Result<Matrix> {
        self.cpu.matrix(matrix)
    }
    fn table(&self, matrix: &dyn Codec) -> Result<Table> {
        self.cpu.table(matrix)
    }
    fn screened_table(
        &self,
        matrix: &dyn Codec,
        bias: &[f32],
        screening: &Screening,
    ) -> Result<Table> {
        self.cpu.screened_table(matrix, bias, screening)
    }
    fn vector(&self, values: Vec<f32>) -> Result<Vector> {
        self.cpu.vector(values)
    }
    fn stack(&self, layers: Stack) -> Result<Stack> {
        self.cpu.stack(layers)
    }
    fn linears<const N: usize>(&self, x: &Tensor, stack: &Stack) -> [Tensor; N] {
        self.cpu.linears(x, stack)
    }
    fn matrix_bytes(&self, matrix: &Matrix) -> usize {
        self.cpu.matrix_bytes(matrix)
    }
    fn table_bytes(&self, table: &Table) -> usize {
        self.cpu.table_bytes(table)
    }
    fn tokens(&self, ids: &[TokenId]) -> Tokens {
        self.cpu.tokens(ids)
    }
    fn spans(&self, spans: &[Span]) -> Spans {
        self.cpu.spans(spans)
    }
    fn choices(&self, candidates: &[Candidates]) -> Choices {
        self.cpu.choices(candidates)
    }
    fn embed(&self, table: &Table, tokens: &Tokens, spans: &Spans) -> Tensor {
        self.cpu.embed(table, tokens, spans)
    }
    fn embed_step(&self, table: &Table, tokens: &Tokens, step: usize) -> Tensor {
        self.cpu.embed_step(table, tokens, step)
    }
    fn linear(
        &self,
        x: &Tensor,
        weight: &Matrix,
        bias: Option<&Vector>,
        activation: Activation,
    ) -> Tensor {
        self.cpu.linear(x, weight, bias, activation)
    }
    fn attention(&self, q: &Tensor, k: &Tensor, v: &Tensor, spans: &Spans, heads: usize) -> Tensor {
        self.cpu.attention(q, k, v, spans, heads)
    }
    fn feed_forward(
        &self,
        x: &Tensor,
        inner: (&Matrix, Option<&Vector>),
        outer: (&Matrix, Option<&Vector>),
        norm: (&Vector, &Vector),
    ) -> Tensor {
        self.cpu.feed_forward(x, inner, outer, norm)
    }
    fn add_norm(&self, x: Tensor, residual: &Tensor, scale: &Vector, bias: &Vector) -> Tensor {
        self.cpu.add_norm(x, residual, scale, bias)
    }
    fn zeros(&self, rows: usize, width: usize) -> Tensor {
        self.cpu.zeros(rows, width)
    }
    fn recurrence(&self, forget: &Tensor, candidate: &Tensor, state: &Tensor) -> (Tensor, Tensor) {
        self.cpu.recurrence(forget, candidate, state)
    }
    fn logits(&self, h: &Tensor, table: &Table, bias: &Vector, choices: &Choices) -> Logits {
        self.cpu.logits(h, table, bias, choices)
    }
    fn best(&self, logits: &Logits, choices: &Choices, last: &Tokens, end: TokenId) -> Tokens {
        self.cpu.best(logits, choices, last, end)
    }
    fn gather(&self, x: &Tensor, rows: &[usize]) -> Tensor {
        self.cpu.gather(x, rows)
    }
    fn select(&self, tokens: &Tokens, rows: &[usize]) -> Tokens {
        self.cpu.select(tokens, rows)
    }
    fn request(&self, steps: &[Tokens]) -> Reading {
        self.cpu.request(steps)
    }
    async fn read(&self, reading: Reading, out: &mut Vec<TokenId>) -> Result<()> {
        (self.hook)().await?;
        self.cpu.read(reading, out).await
    }
}
