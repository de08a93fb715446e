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

/// What a screening left of the candidates of each row, one row's after the other.
#[derive(Clone, Debug)]
pub struct Found {
    pub(super) tokens: Buffer<TokenId>,
    /// Where each row's end.
    pub(super) ends: Buffer<usize>,
}

impl Found {
    /// Moves lists together that begin `apart` from each other, with `ends` their lengths so far.
    pub(super) fn close_up(&mut self, apart: usize) {
        let mut end = 0;
        for (row, length) in self.ends.iter_mut().enumerate() {
            self.tokens.copy_within(row * apart..row * apart + *length, end);
            end += *length;
            *length = end;
        }
    }
}

/// The candidates of each row: those that were given, or those that a screening left of them.
#[derive(Clone, Copy, Debug)]
pub enum Lists<'a> {
    Given(&'a [Candidates]),
    Found(&'a Found),
}

impl Lists<'_> {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Lists::Given(lists) => lists.len(),
            Lists::Found(found) => found.ends.len(),
        }
    }

    /// Those of row `row`.
    #[inline(always)]
    pub fn row(&self, row: usize) -> &[TokenId] {
        match self {
            Lists::Given(lists) => &lists[row],
            Lists::Found(found) => {
                let start = row.checked_sub(1).map_or(0, |before| found.ends[before]);
                &found.tokens[start..found.ends[row]]
            }
        }
    }
}

/// One number a row and candidate.
#[derive(Clone, Debug)]
pub struct Logits {
    values: Buffer<f32>,
    ends: Arc<[usize]>,
    /// The candidates, where a screening chose among those that were given.
    found: Option<Found>,
}

impl Logits {
    /// The logits of row `index`, in the order of its candidates.
    pub fn row(&self, index: usize) -> &[f32] {
        let ends = self.found.as_ref().map_or(&self.ends[..], |found| &found.ends);
        let start = index.checked_sub(1).map_or(0, |before| ends[before]);
        &self.values[start..ends[index]]
    }
}

/// The twin of [`Backend::logits`](crate::backend::Backend::logits).
pub fn logits(level: Level, h: &Tensor, table: &Table, bias: &[f32], choices: &Choices) -> Logits {
    let screening = table.screening.as_ref().filter(|of| of.shortens(&choices.lists));
    let found = screening.map(|screening| screening.select(level, h, &choices.lists));
    let lists = found.as_ref().map_or(Lists::Given(&choices.lists), Lists::Found);
    let ends = found.as_ref().map_or(&choices.ends[..], |found| &found.ends);
    let mut values = Buffer::any(ends.last().copied().unwrap_or(0));
    match &table.weights {
        Weights::Int8(table) => int8::logits(level, h, table, bias, lists, &mut values),
        Weights::Float(table) => run(level, h, table, bias, lists, &mut values),
    }
    Logits { values, ends: choices.ends.clone(), found }
}

dispatch! {
    fn run(
        h: &Tensor,
        table: &Dense,
        bias: &[f32],
        lists: Lists<'_>,
        values: &mut [f32],
    ) = body
}

#[inline(always)]
fn body(h: &Tensor, table: &Dense, bias: &[f32], lists: Lists<'_>, values: &mut [f32]) {
    let mut values = values.iter_mut();
    for row in 0..lists.len() {
        for (token, logit) in lists.row(row).iter().zip(&mut values) {
            *logit = lanes::dot(h.row(row), table.row(token.index())) + bias[token.index()];
        }
    }
}

/// The twin of [`Backend::best`](crate::backend::Backend::best).
pub fn best(level: Level, logits: &Logits, choices: &Choices) -> Buffer<TokenId> {
    let mut tokens = Buffer::any(choices.lists.len());
    let lists = logits.found.as_ref().map_or(Lists::Given(&choices.lists), Lists::Found);
    for (row, token) in tokens.iter_mut().enumerate() {
        let mut place = 0;
        first_greatest(level, logits.row(row), &mut place);
        *token = lists.row(row)[place];
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
