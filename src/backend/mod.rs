//! What a network needs from a machine: about a dozen fused operations, not a tensor algebra.
//!
//! Activations are `[rows, width]`. A batch is *ragged*: the tokens of all its sentences stand one
//! after the other, without padding, and [`Span`]s say which rows belong together. So nothing is
//! computed for padding, nothing is masked, and a sentence gives the same result in any company.
//!
//! Operations are functions of their arguments: they return new values and change none, which is
//! what lets a recording or a differentiating backend stand behind the same trait. They cannot
//! fail; what can go wrong on a device shows when tokens are read back, the one place that waits.

#[cfg(feature = "heal")]
pub mod autodiff;
pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod host;
mod lanes;
#[cfg(feature = "compress")]
pub mod record;
pub mod reference;

use std::future::Future;
use std::ops::Range;
use std::sync::Arc;

use crate::codec;
use crate::error::Result;
use crate::format::{Architecture, Screening};
use crate::token::TokenId;

/// What follows a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// `max(x, 0)`.
    Relu,
}

/// One sentence in a ragged batch: its rows among the queries, and the rows that they attend to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Rows of the queries (and of the result).
    pub queries: Range<usize>,
    /// Rows of the keys and values.
    pub keys: Range<usize>,
}

/// The tokens that a sentence may produce, ascending. Shared, since lists outlive batches.
pub type Candidates = Arc<[TokenId]>;

/// The operations of a post-norm Transformer with an SSRU decoder, over this machine's memory.
pub trait Backend {
    /// Activations, f32 `[rows, width]`.
    type Tensor;
    /// A weight matrix `[out, in]`, as the kernels want it.
    type Matrix;
    /// An embedding `[vocabulary, d]`, which is looked up and multiplied by rows.
    type Table;
    /// A bias, or a scale or bias of a norm: f32 `[width]`.
    type Vector;
    /// Layers that multiply the same input, each a matrix with its bias.
    type Stack;
    /// The last token of each row, `[rows]`.
    type Tokens;
    /// A batch's [`Span`]s.
    type Spans;
    /// Each row's [`Candidates`].
    type Choices;
    /// One number a row and candidate, ragged.
    type Logits;
    /// Tokens on their way back from the device.
    type Reading;

    /// What people call this backend.
    fn name(&self) -> &'static str;

    /// Whether networks of these sizes can run here.
    ///
    /// # Errors
    /// `Unsupported`, with the reason.
    fn supports(&self, _architecture: &Architecture) -> Result<()> {
        Ok(())
    }

    /// How many steps to decode between two read-backs. A device that pays for each read-back
    /// wants several; what a row produces after its end is thrown away.
    fn steps_per_read(&self) -> usize {
        1
    }

    /// How many read-backs may be outstanding while further steps are recorded, so that a device
    /// need not stand still until it has been read.
    fn reads_ahead(&self) -> usize {
        0
    }

    /// Whether it pays to go on with the `alive` of `rows` rows only.
    fn compacts(&self, alive: usize, rows: usize) -> bool {
        alive < rows
    }

    /// Takes a matrix over from its codec.
    ///
    /// # Errors
    /// When the device has no room for it.
    fn matrix(&self, matrix: &dyn codec::Codec) -> Result<Self::Matrix>;

    /// The same, with the name that the network has for it, for backends that tell their matrices
    /// apart.
    ///
    /// # Errors
    /// As [`Backend::matrix`].
    fn named_matrix(&self, _name: &str, matrix: &dyn codec::Codec) -> Result<Self::Matrix> {
        self.matrix(matrix)
    }

    /// Takes an embedding over from its codec.
    ///
    /// # Errors
    /// When the device has no room for it.
    fn table(&self, matrix: &dyn codec::Codec) -> Result<Self::Table>;

    /// The same, with what finds the pieces that are worth an exact logit with `bias`
    /// `[vocabulary]`: a backend may then leave candidates out that are most unlikely to have the
    /// greatest. One that computes them all as well need not.
    ///
    /// # Errors
    /// As [`Backend::table`].
    fn screened_table(
        &self,
        matrix: &dyn codec::Codec,
        _bias: &[f32],
        _screening: &Screening,
    ) -> Result<Self::Table> {
        self.table(matrix)
    }

    /// Takes a vector over.
    ///
    /// # Errors
    /// When the device has no room for it.
    fn vector(&self, values: Vec<f32>) -> Result<Self::Vector>;

    /// The same, with the name that the network has for it, for backends that tell their vectors
    /// apart.
    ///
    /// # Errors
    /// As [`Backend::vector`].
    fn named_vector(&self, _name: &str, values: Vec<f32>) -> Result<Self::Vector> {
        self.vector(values)
    }

    /// Makes one of layers that have the same input.
    ///
    /// # Errors
    /// When the device has no room for it.
    fn stack(&self, layers: Vec<(Self::Matrix, Option<Self::Vector>)>) -> Result<Self::Stack>;

    /// Bytes that `matrix` occupies here.
    fn matrix_bytes(&self, matrix: &Self::Matrix) -> usize;

    /// Bytes that `table` occupies here.
    fn table_bytes(&self, table: &Self::Table) -> usize;

    /// Takes token ids over, `[rows]`.
    fn tokens(&self, ids: &[TokenId]) -> Self::Tokens;

    /// Takes the spans of a batch over.
    fn spans(&self, spans: &[Span]) -> Self::Spans;

    /// Takes each row's candidates over.
    fn choices(&self, candidates: &[Candidates]) -> Self::Choices;

    /// Rows of `table` `[vocabulary, d]`, times √d, plus Marian's sinusoid for the row's position
    /// (Vaswani et al. 2017, section 3.5, with all sines first). A row's position is its place in
    /// its span. [`TokenId::START`] embeds to zero.
    fn embed(
        &self,
        table: &Self::Table,
        tokens: &Self::Tokens,
        spans: &Self::Spans,
    ) -> Self::Tensor;

    /// As [`Backend::embed`], with every row at position `step`.
    fn embed_step(&self, table: &Self::Table, tokens: &Self::Tokens, step: usize) -> Self::Tensor;

    /// `activation(x · weightᵀ + bias)`: `[rows, in]` to `[rows, out]`.
    fn linear(
        &self,
        x: &Self::Tensor,
        weight: &Self::Matrix,
        bias: Option<&Self::Vector>,
        activation: Activation,
    ) -> Self::Tensor;

    /// The products of all `N` layers of a stack with `x`, without activation.
    fn linears<const N: usize>(&self, x: &Self::Tensor, stack: &Self::Stack) -> [Self::Tensor; N];

    /// `norm(residual + x · weightᵀ + bias)`, `norm` being scale and bias of [`Backend::add_norm`].
    fn linear_norm(
        &self,
        x: &Self::Tensor,
        (weight, bias): (&Self::Matrix, Option<&Self::Vector>),
        residual: &Self::Tensor,
        (scale, shift): (&Self::Vector, &Self::Vector),
    ) -> Self::Tensor {
        let product = self.linear(x, weight, bias, Activation::Identity);
        self.add_norm(product, residual, scale, shift)
    }

    /// `norm(x + outer · relu(inner · x + b) + c)`, each matrix with its bias: a feed-forward
    /// layer, for backends that need not write down what is inside.
    fn feed_forward(
        &self,
        x: &Self::Tensor,
        inner: (&Self::Matrix, Option<&Self::Vector>),
        outer: (&Self::Matrix, Option<&Self::Vector>),
        norm: (&Self::Vector, &Self::Vector),
    ) -> Self::Tensor {
        let inside = self.linear(x, inner.0, inner.1, Activation::Relu);
        self.linear_norm(&inside, outer, x, norm)
    }

    /// Multi-head scaled dot-product attention within spans: `q` `[queries, d]`, `k` and `v`
    /// `[keys, d]`, heads contiguous, to `[queries, d]`. Vaswani et al. 2017, section 3.2.
    fn attention(
        &self,
        q: &Self::Tensor,
        k: &Self::Tensor,
        v: &Self::Tensor,
        spans: &Self::Spans,
        heads: usize,
    ) -> Self::Tensor;

    /// `scale ⊙ (s − mean) / √(variance + ε) + bias` of `s = x + residual`, row by row, ε = 1e-6,
    /// biased variance. Ba et al. 2016. Takes `x` over, since nobody needs it after.
    fn add_norm(
        &self,
        x: Self::Tensor,
        residual: &Self::Tensor,
        scale: &Self::Vector,
        bias: &Self::Vector,
    ) -> Self::Tensor;

    /// The zero state of a recurrence, `[rows, width]`.
    fn zeros(&self, rows: usize, width: usize) -> Self::Tensor;

    /// The recurrence of the SSRU: with `f = σ(forget)`, the new state is `f ⊙ state + (1 − f) ⊙
    /// candidate` and the output its ReLU. Gives output and new state. Kim et al. 2019.
    fn recurrence(
        &self,
        forget: &Self::Tensor,
        candidate: &Self::Tensor,
        state: &Self::Tensor,
    ) -> (Self::Tensor, Self::Tensor);

    /// One step of an SSRU layer: [`Backend::recurrence`] of the products of `gates`, which are
    /// candidate and forget gate, then `norm(x + output)`. Gives that and the new state.
    fn ssru(
        &self,
        x: &Self::Tensor,
        gates: &Self::Stack,
        state: &Self::Tensor,
        (scale, shift): (&Self::Vector, &Self::Vector),
    ) -> (Self::Tensor, Self::Tensor) {
        let [candidate, forget] = self.linears(x, gates);
        let (output, state) = self.recurrence(&forget, &candidate, state);
        (self.add_norm(output, x, scale, shift), state)
    }

    /// `h · tableᵀ + bias` over each row's candidates only.
    fn logits(
        &self,
        h: &Self::Tensor,
        table: &Self::Table,
        bias: &Self::Vector,
        choices: &Self::Choices,
    ) -> Self::Logits;

    /// The candidate with the highest logit of each row; of equals, the one with the lowest id.
    /// A row whose `last` token is `end` has ended, and goes on ending.
    fn best(
        &self,
        logits: &Self::Logits,
        choices: &Self::Choices,
        last: &Self::Tokens,
        end: TokenId,
    ) -> Self::Tokens;

    /// The rows of `x` at `rows`, in that order.
    fn gather(&self, x: &Self::Tensor, rows: &[usize]) -> Self::Tensor;

    /// The tokens of `rows`, in that order.
    fn select(&self, tokens: &Self::Tokens, rows: &[usize]) -> Self::Tokens;

    /// Asks for the tokens of several steps; everything that was recorded before is begun.
    fn request(&self, steps: &[Self::Tokens]) -> Self::Reading;

    /// Waits for what was asked for and writes it to `out`, `[steps][rows]`, in place of what was
    /// there.
    ///
    /// # Errors
    /// `Device`, with whatever went wrong there since the last read.
    fn read(
        &self,
        reading: Self::Reading,
        out: &mut Vec<TokenId>,
    ) -> impl Future<Output = Result<()>>;
}

/// A backend that computes all positions of given translations at once, as training does: what a
/// decoder is fed does not depend on what it says then.
#[cfg(feature = "heal")]
pub trait Sequences: Backend {
    /// [`Backend::recurrence`] along each span's queries, the state before the first of them being
    /// zero: forget gates and candidates `[rows, width]` to the outputs, the same shape.
    fn scan(
        &self,
        forget: &Self::Tensor,
        candidate: &Self::Tensor,
        spans: &Self::Spans,
    ) -> Self::Tensor;
}
