//! The network on a graphics processor, over `wgpu`: natively, and in browsers through WebGPU. The
//! kernels are in `shaders/`; the file here that starts one names it in its first line.
//!
//! Nothing comes back before it is asked for: operations record commands, [`Backend::request`]
//! begins them, and [`Backend::read`] is the only one that waits. So a greedy search runs several
//! steps ahead of what this side knows.
//!
//! Launches are the cost of a model this small, so few kernels do much: a norm is left to the
//! kernel that reads its result, residuals and activations are added where products end, and
//! layers with the same input are one product. An encoder layer takes five dispatches, a step of a
//! decoder layer six.
//!
//! The tests run on Mesa's and Chromium's software adapters. The numbers below that weigh one cost
//! against another (tiles, steps a read, when to compact) are reasoned: no graphics processor was
//! there to measure.

mod attention;
mod device;
mod embed;
mod gather;
mod host;
pub mod kernels;
mod linear;
mod logits;
mod norm;
mod pool;
mod read;
mod recorder;
mod ssru;
mod tensor;
mod timing;
mod weights;

pub use linear::Stack;
pub use read::Reading;
pub use recorder::Counts;
pub use tensor::{Choices, Logits, Spans, Tensor, Tokens, Vector};
pub use timing::KernelTime;
pub use weights::{Matrix, Table};

use std::cell::RefCell;
use std::rc::Rc;

use super::{Activation, Backend, Candidates, Span};
use crate::codec::Codec;
use crate::error::{Error, Result};
use crate::format::Architecture;
use crate::token::TokenId;
use device::Device;
use embed::Places;
use linear::Layer;
use pool::{Buffer, Use};
use tensor::{BLOCK, View, blocks};

/// Steps between two read-backs: what a device works through while the last tokens come back.
const STEPS: usize = 4;

/// The GPU backend: a device that its clones share.
#[derive(Clone, Debug)]
pub struct Gpu(Rc<Device>);

impl Gpu {
    /// Opens the graphics processor that the system prefers.
    ///
    /// # Errors
    /// `Device` when there is none, or it refuses.
    pub async fn open() -> Result<Self> {
        Device::open().await.map(Gpu)
    }

    /// What people call the adapter.
    pub fn adapter(&self) -> &str {
        self.0.name()
    }

    /// An error once anything has failed on the device, which then is of no more use.
    ///
    /// # Errors
    /// `Device`, with the first failure.
    pub fn check(&self) -> Result<()> {
        self.0.check()
    }

    /// Gives the device up: whatever still runs there ends, and reads fail.
    pub fn destroy(&self) {
        self.0.destroy();
    }

    /// Bytes of all buffers on the device: weights, activations, and what waits to be used again.
    pub fn memory_bytes(&self) -> u64 {
        self.0.pool.bytes()
    }

    /// Gives back to the device what only waits to be used again, and weights that nobody uses.
    pub fn give_back(&self) {
        self.0.forget();
        self.0.give_back();
    }

    /// What has been asked of the device until now.
    pub fn counts(&self) -> Counts {
        self.0.counts()
    }

    fn upload_u32(&self, values: impl Iterator<Item = usize>) -> Rc<Buffer> {
        let values: Vec<u32> = values.map(|value| value as u32).collect();
        self.0.upload(Use::Upload, bytemuck::cast_slice(&values))
    }
}

/// A sum that is still to be normalised.
fn pending(view: View, norm: Rc<Buffer>, rows: usize, width: usize) -> Tensor {
    Tensor { pending: Some(norm), ..Tensor::of(view, rows, width) }
}

fn buffer_of(vector: Option<&Vector>) -> Option<&Buffer> {
    vector.map(|vector| &*vector.buffer)
}

impl Backend for Gpu {
    type Tensor = Tensor;
    type Matrix = Matrix;
    type Table = Table;
    type Vector = Vector;
    type Stack = Stack;
    type Tokens = Tokens;
    type Spans = Spans;
    type Choices = Choices;
    type Logits = Logits;
    type Reading = Reading;

    fn name(&self) -> &'static str {
        "gpu"
    }

    fn supports(&self, architecture: &Architecture) -> Result<()> {
        let Architecture { width, heads, .. } = *architecture;
        let head = width / heads.max(1);
        if head % BLOCK != 0 || heads > attention::MOST_HEADS {
            return Err(Error::unsupported(format!(
                "the GPU engine wants at most {} heads of a width that is a multiple of {BLOCK}; \
                 this model has {heads} of {head}",
                attention::MOST_HEADS
            )));
        }
        Ok(())
    }

    fn steps_per_read(&self) -> usize {
        STEPS
    }

    fn reads_ahead(&self) -> usize {
        1
    }

    fn compacts(&self, alive: usize, rows: usize) -> bool {
        // Fewer rows save little until whole tiles are gone, and moving them costs launches.
        alive * 4 <= rows * 3
    }

    fn matrix(&self, matrix: &dyn Codec) -> Result<Matrix> {
        Matrix::new(&self.0, matrix)
    }

    fn table(&self, matrix: &dyn Codec) -> Result<Table> {
        Table::new(&self.0, matrix)
    }

    fn vector(&self, values: Vec<f32>) -> Result<Vector> {
        let mut values = values;
        values.resize(blocks(values.len()) * BLOCK, 0.0);
        let buffer = self.0.upload(Use::Weights, bytemuck::cast_slice(&values));
        Ok(Vector { buffer, norm: RefCell::default() })
    }

    fn stack(&self, layers: Vec<(Matrix, Option<Vector>)>) -> Result<Stack> {
        let matrices: Vec<_> = layers.iter().map(|(matrix, _)| matrix).collect();
        let Some(joined) = Matrix::join(&self.0, &matrices) else {
            return Ok(Stack::Apart(layers));
        };
        let biases: Vec<_> = layers.iter().map(|(_, bias)| buffer_of(bias.as_ref())).collect();
        let bias = self.0.biases(joined.columns, &biases);
        Ok(Stack::Joined(joined, bias))
    }

    fn matrix_bytes(&self, matrix: &Matrix) -> usize {
        matrix.bytes
    }

    fn table_bytes(&self, table: &Table) -> usize {
        table.0.bytes
    }

    fn tokens(&self, ids: &[TokenId]) -> Tokens {
        let buffer = self.upload_u32(ids.iter().map(|id| id.0 as usize));
        Tokens { buffer, rows: ids.len() }
    }

    fn spans(&self, spans: &[Span]) -> Spans {
        let mut keys = Vec::new();
        let mut positions = Vec::new();
        for span in spans {
            for position in 0..span.queries.len() {
                keys.extend([span.keys.start, span.keys.len()]);
                positions.push(position);
            }
        }
        let pairs = spans.iter().map(|span| span.queries.len() * span.keys.len()).sum();
        let length = spans.iter().map(|span| span.queries.len()).max().unwrap_or(0);
        let positions = self.upload_u32(positions.into_iter());
        Spans { keys: self.upload_u32(keys.into_iter()), positions, pairs, length }
    }

    fn choices(&self, candidates: &[Candidates]) -> Choices {
        let mut total = 0;
        let mut offsets = vec![0];
        for list in candidates {
            total += list.len();
            offsets.push(total);
        }
        let ids = candidates.iter().flat_map(|list| list.iter().map(|id| id.0 as usize));
        Choices {
            rows: candidates.len(),
            offsets: self.upload_u32(offsets.into_iter()),
            candidates: self.upload_u32(ids),
            total,
            most: candidates.iter().map(|list| list.len()).max().unwrap_or(0),
        }
    }

    fn embed(&self, table: &Table, tokens: &Tokens, spans: &Spans) -> Tensor {
        self.0.embed(table, tokens, &Places::Own(&spans.positions, spans.length))
    }

    fn embed_step(&self, table: &Table, tokens: &Tokens, step: usize) -> Tensor {
        self.0.embed(table, tokens, &Places::Step(step))
    }

    fn linear(
        &self,
        x: &Tensor,
        weight: &Matrix,
        bias: Option<&Vector>,
        activation: Activation,
    ) -> Tensor {
        let layer = Layer { weight, bias: buffer_of(bias), activation, residual: None };
        Tensor::of(self.0.product(x, &layer), x.rows, weight.columns)
    }

    fn linears<const N: usize>(&self, x: &Tensor, stack: &Stack) -> [Tensor; N] {
        match stack {
            Stack::Joined(weight, bias) => {
                let activation = Activation::Identity;
                let layer = Layer { weight, bias: Some(bias), activation, residual: None };
                let whole = self.0.product(x, &layer);
                std::array::from_fn(|part| self.0.part(&whole, part, x.rows, weight.columns))
            }
            Stack::Apart(layers) => std::array::from_fn(|layer| {
                let (weight, bias) = &layers[layer];
                self.linear(x, weight, bias.as_ref(), Activation::Identity)
            }),
        }
    }

    fn linear_norm(
        &self,
        x: &Tensor,
        (weight, bias): (&Matrix, Option<&Vector>),
        residual: &Tensor,
        (scale, shift): (&Vector, &Vector),
    ) -> Tensor {
        let residual = self.0.plain(residual);
        let (bias, activation) = (buffer_of(bias), Activation::Identity);
        let layer = Layer { weight, bias, activation, residual: Some(&residual) };
        let sum = self.0.product(x, &layer);
        pending(sum, self.0.norm(scale, shift), x.rows, weight.columns)
    }

    fn attention(&self, q: &Tensor, k: &Tensor, v: &Tensor, spans: &Spans, heads: usize) -> Tensor {
        let memory = [&self.0.plain(k), &self.0.plain(v)];
        Tensor::of(self.0.attention(q, memory, spans, heads), q.rows, q.width)
    }

    fn add_norm(&self, x: Tensor, residual: &Tensor, scale: &Vector, bias: &Vector) -> Tensor {
        let (x, residual) = (Tensor::of(self.0.plain(&x), x.rows, x.width), self.0.plain(residual));
        let norm = self.0.norm(scale, bias);
        Tensor::of(self.0.normalise(&x, Some(&residual), &norm), x.rows, x.width)
    }

    fn zeros(&self, rows: usize, width: usize) -> Tensor {
        let zeros = Tensor::new(&self.0, rows, width);
        self.0.clear(&zeros.view.buffer);
        zeros
    }

    fn recurrence(&self, forget: &Tensor, candidate: &Tensor, state: &Tensor) -> (Tensor, Tensor) {
        let state = &Tensor::of(self.0.plain(state), state.rows, state.width);
        let gates = (self.0.plain(forget), self.0.plain(candidate));
        let (out, next) = self.0.recurrence(&gates.0, &gates.1, state);
        let of = |view| Tensor::of(view, state.rows, state.width);
        (of(out), of(next))
    }

    fn ssru(
        &self,
        x: &Tensor,
        gates: &Stack,
        state: &Tensor,
        (scale, shift): (&Vector, &Vector),
    ) -> (Tensor, Tensor) {
        let Stack::Joined(weight, bias) = gates else {
            let [candidate, forget] = self.linears(x, gates);
            let (output, state) = self.recurrence(&forget, &candidate, state);
            return (self.add_norm(output, x, scale, shift), state);
        };
        let (sum, next) = self.0.ssru(x, (weight, bias), &self.0.plain(state));
        let output = pending(sum, self.0.norm(scale, shift), x.rows, x.width);
        (output, Tensor::of(next, x.rows, x.width))
    }

    fn logits(&self, h: &Tensor, table: &Table, bias: &Vector, choices: &Choices) -> Logits {
        self.0.logits(h, table, bias, choices)
    }

    fn best(&self, logits: &Logits, choices: &Choices, last: &Tokens, end: TokenId) -> Tokens {
        self.0.best(logits, choices, last, end)
    }

    fn gather(&self, x: &Tensor, rows: &[usize]) -> Tensor {
        let which = self.upload_u32(rows.iter().copied());
        Tensor::of(self.0.gather(&self.0.plain(x), &which, rows.len()), rows.len(), x.width)
    }

    fn select(&self, tokens: &Tokens, rows: &[usize]) -> Tokens {
        let which = self.upload_u32(rows.iter().copied());
        self.0.select(tokens, &which, rows.len())
    }

    fn request(&self, steps: &[Tokens]) -> Reading {
        let parts: Vec<_> = steps.iter().map(|tokens| (&*tokens.buffer, 4 * tokens.rows)).collect();
        self.0.request(&parts)
    }

    async fn read(&self, reading: Reading, out: &mut Vec<TokenId>) -> Result<()> {
        let bytes = self.0.read(reading).await?;
        let ids = bytes.as_chunks::<4>().0.iter();
        out.clear();
        out.extend(ids.map(|bytes| TokenId(u32::from_le_bytes(*bytes))));
        Ok(())
    }
}
