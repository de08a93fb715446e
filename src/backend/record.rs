//! A backend that lets someone look at what enters each product, and computes as the one inside.

use super::host::Activations;
use super::{Activation, Backend, Candidates, Span, cpu};
use crate::codec::Codec;
use crate::error::Result;
use crate::format::Screening;
use crate::token::TokenId;

/// Activations that can be looked at: f32 `[rows, width]`.
pub trait Rows {
    /// Elements a row.
    fn width(&self) -> usize;

    /// All values, row-major.
    fn values(&self) -> &[f32];
}

impl Rows for Activations {
    fn width(&self) -> usize {
        self.width()
    }

    fn values(&self) -> &[f32] {
        self.data()
    }
}

impl Rows for cpu::Tensor {
    fn width(&self) -> usize {
        self.width()
    }

    fn values(&self) -> &[f32] {
        self.data()
    }
}

/// Someone who looks on.
pub trait Listener {
    /// `inputs`, row-major and `width` wide, are about to be multiplied with each of `names`,
    /// matrices `[out, width]` of the network.
    fn product(&self, names: &[String], inputs: &[f32], width: usize);
}

/// The name that listeners hear for the table of a network, whose rows the last product is with.
const EMBEDDING: &str = "embedding";

/// The backend `B`, and a listener `L` to all of its products.
#[derive(Debug)]
pub struct Record<B, L> {
    inner: B,
    listener: L,
    /// The name of a network's table, as listeners hear it.
    table: [String; 1],
}

impl<B, L> Record<B, L> {
    /// Computes on `inner`, and tells `listener`.
    pub fn new(inner: B, listener: L) -> Self {
        Record { inner, listener, table: [EMBEDDING.to_owned()] }
    }

    /// Who looks on.
    pub fn listener(&self) -> &L {
        &self.listener
    }
}

/// A matrix and its name in the network.
#[derive(Debug)]
pub struct Named<M> {
    matrix: M,
    /// One name; a slice as listeners hear it.
    names: [String; 1],
}

/// Layers with the same input, and their names.
#[derive(Debug)]
pub struct NamedStack<S> {
    stack: S,
    names: Vec<String>,
}

impl<B: Backend, L: Listener> Backend for Record<B, L>
where
    B::Tensor: Rows,
{
    type Tensor = B::Tensor;
    type Matrix = Named<B::Matrix>;
    type Table = B::Table;
    type Vector = B::Vector;
    type Stack = NamedStack<B::Stack>;
    type Tokens = B::Tokens;
    type Spans = B::Spans;
    type Choices = B::Choices;
    type Logits = B::Logits;
    type Reading = B::Reading;

    fn name(&self) -> &'static str {
        "recorded"
    }

    fn steps_per_read(&self) -> usize {
        self.inner.steps_per_read()
    }

    fn reads_ahead(&self) -> usize {
        self.inner.reads_ahead()
    }

    fn compacts(&self, alive: usize, rows: usize) -> bool {
        // What a row goes on to produce after its end is nobody's input.
        alive < rows
    }

    fn supports(&self, architecture: &crate::format::Architecture) -> Result<()> {
        self.inner.supports(architecture)
    }

    fn matrix(&self, matrix: &dyn Codec) -> Result<Self::Matrix> {
        self.named_matrix("", matrix)
    }

    fn named_matrix(&self, name: &str, matrix: &dyn Codec) -> Result<Self::Matrix> {
        Ok(Named { matrix: self.inner.matrix(matrix)?, names: [name.to_owned()] })
    }

    fn table(&self, matrix: &dyn Codec) -> Result<B::Table> {
        self.inner.table(matrix)
    }

    fn screened_table(
        &self,
        matrix: &dyn Codec,
        bias: &[f32],
        screening: &Screening,
    ) -> Result<B::Table> {
        self.inner.screened_table(matrix, bias, screening)
    }

    fn vector(&self, values: Vec<f32>) -> Result<B::Vector> {
        self.inner.vector(values)
    }

    fn stack(&self, layers: Vec<(Self::Matrix, Option<B::Vector>)>) -> Result<Self::Stack> {
        let (layers, names) = layers
            .into_iter()
            .map(|(Named { matrix, names: [name] }, bias)| ((matrix, bias), name))
            .unzip();
        Ok(NamedStack { stack: self.inner.stack(layers)?, names })
    }

    fn matrix_bytes(&self, matrix: &Self::Matrix) -> usize {
        self.inner.matrix_bytes(&matrix.matrix)
    }

    fn table_bytes(&self, table: &B::Table) -> usize {
        self.inner.table_bytes(table)
    }

    fn tokens(&self, ids: &[TokenId]) -> B::Tokens {
        self.inner.tokens(ids)
    }

    fn spans(&self, spans: &[Span]) -> B::Spans {
        self.inner.spans(spans)
    }

    fn choices(&self, candidates: &[Candidates]) -> B::Choices {
        self.inner.choices(candidates)
    }

    fn embed(&self, table: &B::Table, tokens: &B::Tokens, spans: &B::Spans) -> B::Tensor {
        self.inner.embed(table, tokens, spans)
    }

    fn embed_step(&self, table: &B::Table, tokens: &B::Tokens, step: usize) -> B::Tensor {
        self.inner.embed_step(table, tokens, step)
    }

    // `linear_norm`, `feed_forward` and `ssru` stay as the trait has them: what the inner backend
    // would do in one pass has to be heard in between.
    fn linear(
        &self,
        x: &B::Tensor,
        weight: &Self::Matrix,
        bias: Option<&B::Vector>,
        activation: Activation,
    ) -> B::Tensor {
        self.listener.product(&weight.names, x.values(), x.width());
        self.inner.linear(x, &weight.matrix, bias, activation)
    }

    fn linears<const N: usize>(&self, x: &B::Tensor, stack: &Self::Stack) -> [B::Tensor; N] {
        self.listener.product(&stack.names, x.values(), x.width());
        self.inner.linears(x, &stack.stack)
    }

    fn attention(
        &self,
        q: &B::Tensor,
        k: &B::Tensor,
        v: &B::Tensor,
        spans: &B::Spans,
        heads: usize,
    ) -> B::Tensor {
        self.inner.attention(q, k, v, spans, heads)
    }

    fn add_norm(
        &self,
        x: B::Tensor,
        residual: &B::Tensor,
        scale: &B::Vector,
        bias: &B::Vector,
    ) -> B::Tensor {
        self.inner.add_norm(x, residual, scale, bias)
    }

    fn zeros(&self, rows: usize, width: usize) -> B::Tensor {
        self.inner.zeros(rows, width)
    }

    fn recurrence(
        &self,
        forget: &B::Tensor,
        candidate: &B::Tensor,
        state: &B::Tensor,
    ) -> (B::Tensor, B::Tensor) {
        self.inner.recurrence(forget, candidate, state)
    }

    fn logits(
        &self,
        h: &B::Tensor,
        table: &B::Table,
        bias: &B::Vector,
        choices: &B::Choices,
    ) -> B::Logits {
        self.listener.product(&self.table, h.values(), h.width());
        self.inner.logits(h, table, bias, choices)
    }

    fn best(
        &self,
        logits: &B::Logits,
        choices: &B::Choices,
        last: &B::Tokens,
        end: TokenId,
    ) -> B::Tokens {
        self.inner.best(logits, choices, last, end)
    }

    fn gather(&self, x: &B::Tensor, rows: &[usize]) -> B::Tensor {
        self.inner.gather(x, rows)
    }

    fn select(&self, tokens: &B::Tokens, rows: &[usize]) -> B::Tokens {
        self.inner.select(tokens, rows)
    }

    fn request(&self, steps: &[B::Tokens]) -> B::Reading {
        self.inner.request(steps)
    }

    async fn read(&self, reading: B::Reading, out: &mut Vec<TokenId>) -> Result<()> {
        self.inner.read(reading, out).await
    }
}
