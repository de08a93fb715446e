//! The output projection over each row's candidates, and the best of them.

use std::sync::Arc;

use super::embed::{Table, Weights};
use super::int8;
use super::pool::Buffer;
use super::simd::{Level, dispatch};
use super::tensor::Tensor;
use crate::backend::host::Dense;
use crate::backend::{Candidates, lanes};
use crate::token::TokenId;

/// The candidates of each row.
#[derive(Clone, Debug)]
pub struct Choices {
    lists: Vec<Candidates>,
    /// Where each row's logits end among those of all.
    ends: Arc<[usize]>,
}

impl Choices {
    pub(super) fn new(lists: &[Candidates]) -> Self {
        let add = |end: &mut usize, list: &Candidates| {
            *end += list.len();
            Some(*end)
        };
        Choices { lists: lists.to_vec(), ends: lists.iter().scan(0, add).collect() }
    }
}

/// One number a row and candidate.
#[derive(Clone, Debug)]
pub struct Logits {
    values: Buffer<f32>,
    ends: Arc<[usize]>,
}

impl Logits {
    /// The logits of row `index`, in the order of its candidates.
    pub fn row(&self, index: usize) -> &[f32] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[start..self.ends[index]]
    }
}

/// The twin of [`Backend::logits`](crate::backend::Backend::logits).
pub fn logits(level: Level, h: &Tensor, table: &Table, bias: &[f32], choices: &Choices) -> Logits {
    let mut values = Buffer::any(choices.ends.last().copied().unwrap_or(0));
    match &table.weights {
        Weights::Int8(table) => int8::logits(level, h, table, bias, &choices.lists, &mut values),
        Weights::Float(table) => run(level, h, table, bias, &choices.lists, &mut values),
    }
    Logits { values, ends: choices.ends.clone() }
}

dispatch! {
    fn run(
        h: &Tensor,
        table: &Dense,
        bias: &[f32],
        lists: &[Candidates],
        values: &mut [f32],
    ) = body
}

#[inline(always)]
fn body(h: &Tensor, table: &Dense, bias: &[f32], lists: &[Candidates], values: &mut [f32]) {
    let mut values = values.iter_mut();
    for (row, list) in lists.iter().enumerate() {
        for (token, logit) in list.iter().zip(&mut values) {
            *logit = lanes::dot(h.row(row), table.row(token.index())) + bias[token.index()];
        }
    }
}

/// The twin of [`Backend::best`](crate::backend::Backend::best).
pub fn best(level: Level, logits: &Logits, choices: &Choices) -> Buffer<TokenId> {
    let mut tokens = Buffer::any(choices.lists.len());
    for (row, (token, list)) in tokens.iter_mut().zip(&choices.lists).enumerate() {
        let mut place = 0;
        first_greatest(level, logits.row(row), &mut place);
        *token = list[place];
    }
    tokens
}

dispatch! {
    fn first_greatest(values: &[f32], place: &mut usize) = first_greatest_body
}

#[inline(always)]
fn first_greatest_body(values: &[f32], place: &mut usize) {
    let most = lanes::greatest(values);
    *place = values.iter().position(|&value| value == most).unwrap_or(0);
}
