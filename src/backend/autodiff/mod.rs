//! The network's operations on floats that know their gradients: what training computes with.
//!
//! candle keeps the graph and walks it backwards; the operations are ours, as fused as those of
//! other backends, each forward and backward in its own file. All of them compute on the thread that
//! calls, in a fixed order, so that training gives the same weights on any number of threads.
//!
//! Weights live in slots by their names. [`Autodiff::set`] puts others in their place, for which
//! gradients are wanted, as long as the shapes agree; a network is loaded once and then follows its
//! weights. Of the embedding a batch needs few rows, and gradients of all the others would be zeros
//! to carry around: [`Autodiff::set_pieces`] leaves only the rows of some pieces.

mod attention;
mod embed;
mod floats;
mod linear;
mod loss;
mod norm;
mod scan;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};

use super::reference::embed::position;
use super::{Activation, Backend, Candidates, Sequences, Span};
use crate::codec::Codec;
use crate::error::{Error, Result};
use crate::token::TokenId;

pub use candle_core::Var;
pub use loss::{Distillation, Distributions, Mixture};

/// The name of the slot of the embedding.
pub const EMBEDDING: &str = "embedding";

/// Floats with gradients, on one thread.
#[derive(Debug, Default)]
pub struct Autodiff {
    slots: RefCell<Vec<Tensor>>,
    names: RefCell<BTreeMap<String, Slot>>,
    /// The pieces whose rows the embedding has, ascending; all of them where there is nothing.
    pieces: RefCell<Option<Candidates>>,
    /// Weights of another network that stand for those of this one.
    shared: BTreeMap<String, Tensor>,
}

/// Where a weight stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(usize);

/// The logits of rows that have the same candidates: those of rows `rows`, `[rows, candidates]`.
#[derive(Clone, Debug)]
pub struct Block {
    rows: usize,
    candidates: Candidates,
    logits: Tensor,
}

impl Block {
    /// `[rows, candidates]`.
    pub fn logits(&self) -> &Tensor {
        &self.logits
    }
}

/// The operations of this module are called with shapes that loading has checked: that one fails is
/// a fault of ours.
fn sound<T>(result: candle_core::Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("an operation of the autodiff backend failed: {error}"),
    }
}

/// What candle reports, as an error of ours.
pub fn failed(error: candle_core::Error) -> Error {
    Error::invalid(format!("training: {error}"))
}

/// Calls `look` with the values of a tensor, row-major.
///
/// # Errors
/// `InvalidInput` when it is none of this backend's.
pub fn values<R>(tensor: &Tensor, look: impl FnOnce(&[f32]) -> R) -> Result<R> {
    let tensor = tensor.contiguous().map_err(failed)?;
    floats::with([&tensor], |[values]| look(values)).map_err(failed)
}

impl Autodiff {
    /// A backend for another network of the same weights, which are not copied.
    #[must_use]
    pub fn share(&self) -> Self {
        let weights = |(name, slot): (&String, &Slot)| (name.clone(), self.get(*slot));
        let shared = self.names.borrow().iter().map(weights).collect();
        Autodiff { shared, ..Autodiff::default() }
    }

    /// Puts a weight in its slot.
    ///
    /// # Errors
    /// `InvalidInput` when the network has no weight of that name.
    pub fn set(&self, name: &str, weight: Tensor) -> Result<()> {
        let slot = self.names.borrow().get(name).copied();
        let Slot(slot) = slot.ok_or_else(|| {
            Error::invalid(format!("the network has no weight of the name \"{name}\""))
        })?;
        self.slots.borrow_mut()[slot] = weight;
        Ok(())
    }

    /// From now on embedding `[pieces, d]` and output bias `[pieces]` have rows for these pieces
    /// alone, ascending; `None` stands for all. Tokens and candidates of other pieces must not occur.
    pub fn set_pieces(&self, pieces: Option<Candidates>) {
        *self.pieces.borrow_mut() = pieces;
    }

    fn insert(&self, name: &str, weight: Tensor) -> Slot {
        let mut slots = self.slots.borrow_mut();
        slots.push(weight);
        let slot = Slot(slots.len() - 1);
        if !name.is_empty() {
            self.names.borrow_mut().insert(name.to_owned(), slot);
        }
        slot
    }

    fn get(&self, slot: Slot) -> Tensor {
        self.slots.borrow()[slot.0].clone()
    }

    /// The row of the embedding that holds a piece.
    fn row(&self, token: TokenId) -> usize {
        match &*self.pieces.borrow() {
            None => token.index(),
            Some(pieces) => match pieces.binary_search(&token) {
                Ok(row) => row,
                Err(_) => panic!("piece {} is none of those that the embedding has", token.0),
            },
        }
    }

    fn embedded(&self, table: Slot, tokens: &[TokenId], positions: Vec<usize>) -> Tensor {
        let row = |&token: &TokenId| (token != TokenId::START).then(|| self.row(token));
        let rows = tokens.iter().map(row).collect();
        sound(self.get(table).apply_op1(embed::Embed { rows, positions }))
    }

    fn product(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: Option<Tensor>,
        activation: Activation,
    ) -> Tensor {
        let biased = bias.is_some();
        let none = || Tensor::zeros(1, DType::F32, &Device::Cpu);
        let bias = bias.unwrap_or_else(|| sound(none()));
        sound(x.apply_op3(weight, &bias, linear::Linear { activation, biased }))
    }
}

impl Backend for Autodiff {
    type Tensor = Tensor;
    type Matrix = Slot;
    type Table = Slot;
    type Vector = Slot;
    type Stack = Vec<(Slot, Option<Slot>)>;
    type Tokens = Vec<TokenId>;
    type Spans = Arc<[Span]>;
    type Choices = Vec<Candidates>;
    type Logits = Vec<Block>;
    type Reading = Vec<TokenId>;

    fn name(&self) -> &'static str {
        "autodiff"
    }

    fn matrix(&self, matrix: &dyn Codec) -> Result<Slot> {
        self.named_matrix("", matrix)
    }

    fn named_matrix(&self, name: &str, matrix: &dyn Codec) -> Result<Slot> {
        if let Some(shared) = self.shared.get(name) {
            return Ok(self.insert(name, shared.clone()));
        }
        let [rows, columns] = matrix.shape();
        let weight = floats::tensor(matrix.to_f32(), (rows, columns)).map_err(failed)?;
        Ok(self.insert(name, weight))
    }

    fn table(&self, matrix: &dyn Codec) -> Result<Slot> {
        self.named_matrix(EMBEDDING, matrix)
    }

    fn vector(&self, values: Vec<f32>) -> Result<Slot> {
        self.named_vector("", values)
    }

    fn named_vector(&self, name: &str, values: Vec<f32>) -> Result<Slot> {
        let length = values.len();
        let weight = floats::tensor(values, length).map_err(failed)?;
        Ok(self.insert(name, weight))
    }

    fn stack(&self, layers: Vec<(Slot, Option<Slot>)>) -> Result<Self::Stack> {
        Ok(layers)
    }

    fn matrix_bytes(&self, matrix: &Slot) -> usize {
        self.get(*matrix).elem_count() * size_of::<f32>()
    }

    fn table_bytes(&self, table: &Slot) -> usize {
        self.matrix_bytes(table)
    }

    fn tokens(&self, ids: &[TokenId]) -> Vec<TokenId> {
        ids.to_vec()
    }

    fn spans(&self, spans: &[Span]) -> Arc<[Span]> {
        spans.into()
    }

    fn choices(&self, candidates: &[Candidates]) -> Vec<Candidates> {
        candidates.to_vec()
    }

    fn embed(&self, table: &Slot, tokens: &Vec<TokenId>, spans: &Arc<[Span]>) -> Tensor {
        let positions = (0..tokens.len()).map(|row| position(spans, row)).collect();
        self.embedded(*table, tokens, positions)
    }

    fn embed_step(&self, table: &Slot, tokens: &Vec<TokenId>, step: usize) -> Tensor {
        self.embedded(*table, tokens, vec![step; tokens.len()])
    }

    fn linear(
        &self,
        x: &Tensor,
        weight: &Slot,
        bias: Option<&Slot>,
        activation: Activation,
    ) -> Tensor {
        let bias = bias.map(|bias| self.get(*bias));
        self.product(x, &self.get(*weight), bias, activation)
    }

    fn linears<const N: usize>(&self, x: &Tensor, stack: &Self::Stack) -> [Tensor; N] {
        std::array::from_fn(|layer| {
            let (weight, bias) = &stack[layer];
            self.linear(x, weight, bias.as_ref(), Activation::Identity)
        })
    }

    fn attention(
        &self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        spans: &Arc<[Span]>,
        heads: usize,
    ) -> Tensor {
        let spans = Arc::clone(spans);
        sound(q.apply_op3(k, v, attention::Attention { spans, heads }))
    }

    fn add_norm(&self, x: Tensor, residual: &Tensor, scale: &Slot, bias: &Slot) -> Tensor {
        let sum = sound(x.add(residual));
        sound(sum.apply_op3(&self.get(*scale), &self.get(*bias), norm::Norm))
    }

    fn zeros(&self, rows: usize, width: usize) -> Tensor {
        sound(Tensor::zeros((rows, width), DType::F32, &Device::Cpu))
    }

    fn recurrence(&self, forget: &Tensor, candidate: &Tensor, state: &Tensor) -> (Tensor, Tensor) {
        let step = || -> candle_core::Result<_> {
            let keep = ((forget.neg()?.exp()? + 1.0)?).recip()?;
            let next = ((&keep * state)? + (keep.affine(-1.0, 1.0)? * candidate)?)?;
            Ok((next.relu()?, next))
        };
        sound(step())
    }

    fn logits(
        &self,
        h: &Tensor,
        table: &Slot,
        bias: &Slot,
        choices: &Vec<Candidates>,
    ) -> Vec<Block> {
        let (table, bias) = (self.get(*table), self.get(*bias));
        let block = |start: usize, rows: usize, candidates: &Candidates| {
            let indices = candidates.iter().map(|&token| self.row(token) as u32).collect();
            let logits = || -> candle_core::Result<_> {
                let indices = Tensor::from_vec::<_, u32>(indices, candidates.len(), &Device::Cpu)?;
                let (table, bias) =
                    (table.index_select(&indices, 0)?, bias.index_select(&indices, 0)?);
                let h = if rows == h.dim(0)? { h.clone() } else { h.narrow(0, start, rows)? };
                Ok(self.product(&h, &table, Some(bias), Activation::Identity))
            };
            Block { rows, candidates: Arc::clone(candidates), logits: sound(logits()) }
        };
        let (mut blocks, mut start) = (Vec::new(), 0);
        for same in choices.chunk_by(Arc::ptr_eq) {
            blocks.push(block(start, same.len(), &same[0]));
            start += same.len();
        }
        blocks
    }

    fn best(
        &self,
        logits: &Vec<Block>,
        _choices: &Vec<Candidates>,
        last: &Vec<TokenId>,
        end: TokenId,
    ) -> Vec<TokenId> {
        let mut best = Vec::with_capacity(last.len());
        for Block { rows, candidates, logits } in logits {
            sound(floats::with([logits], |[logits]| {
                for row in logits.chunks_exact(logits.len() / rows) {
                    let first =
                        |best: usize, at: usize| if row[at] > row[best] { at } else { best };
                    best.push(candidates[(1..row.len()).fold(0, first)]);
                }
            }));
        }
        best.iter_mut()
            .zip(last)
            .filter(|(_, last)| **last == end)
            .for_each(|(best, _)| *best = end);
        best
    }

    fn gather(&self, x: &Tensor, rows: &[usize]) -> Tensor {
        let rows = rows.iter().map(|&row| row as u32).collect::<Vec<_>>();
        let gathered = || x.index_select(&Tensor::new(rows, &Device::Cpu)?, 0);
        sound(gathered())
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
}

impl Sequences for Autodiff {
    fn scan(&self, forget: &Tensor, candidate: &Tensor, spans: &Arc<[Span]>) -> Tensor {
        sound(forget.apply_op2(candidate, scan::Scan { spans: Arc::clone(spans) }))
    }
}
