//! Embedding rows with Marian's sinusoidal positions, which are computed once.

use std::sync::OnceLock;

use super::int8::Int8Matrix;
use super::screening::Screening;
use super::simd::{Level, dispatch};
use super::tensor::Tensor;
use crate::backend::host::Dense;
use crate::backend::reference::embed::sinusoids;
use crate::token::TokenId;

/// An embedding `[vocabulary, d]`, to be looked up and multiplied by rows.
#[derive(Debug)]
pub struct Table {
    pub(super) weights: Weights,
    pub(super) screening: Option<Screening>,
    positions: Positions,
}

#[derive(Debug)]
pub(super) enum Weights {
    Float(Dense),
    Int8(Int8Matrix),
}

impl Table {
    pub(super) fn new(weights: Weights, screening: Option<Screening>) -> Self {
        let width = match &weights {
            Weights::Float(table) => table.columns(),
            Weights::Int8(table) => table.columns(),
        };
        Table { weights, screening, positions: Positions::new(width) }
    }

    /// Bytes in memory, without the positions.
    pub(super) fn bytes(&self) -> usize {
        let weights = match &self.weights {
            Weights::Float(table) => table.bytes(),
            Weights::Int8(table) => table.bytes(),
        };
        weights + self.screening.as_ref().map_or(0, Screening::bytes)
    }
}

/// Positions a block, and blocks that are kept: enough for any sentence that the models are given.
const BLOCK: usize = 32;
const BLOCKS: usize = 16;

/// Sinusoids `[position, d]`, computed a block at a time when they are first needed.
#[derive(Debug)]
struct Positions {
    width: usize,
    blocks: [OnceLock<Box<[f32]>>; BLOCKS],
}

impl Positions {
    fn new(width: usize) -> Self {
        Positions { width, blocks: [const { OnceLock::new() }; BLOCKS] }
    }

    /// Calls `add` with the sinusoids of a position.
    fn with(&self, position: usize, add: impl FnOnce(&[f32])) {
        let Some(block) = self.blocks.get(position / BLOCK) else {
            let mut values = vec![0.0; self.width];
            sinusoids(position, &mut values);
            return add(&values);
        };
        let block = block.get_or_init(|| {
            let mut values = vec![0.0; BLOCK * self.width];
            let first = position / BLOCK * BLOCK;
            for (at, values) in values.chunks_exact_mut(self.width).enumerate() {
                sinusoids(first + at, values);
            }
            values.into()
        });
        add(&block[position % BLOCK * self.width..][..self.width]);
    }
}

/// The twin of [`Backend::embed`](crate::backend::Backend::embed): `position(row)` gives each
/// row's place.
pub fn embed(
    level: Level,
    table: &Table,
    tokens: &[TokenId],
    position: impl Fn(usize) -> usize,
) -> Tensor {
    let width = table.positions.width;
    let scale = (width as f32).sqrt();
    let mut out = Tensor::any(tokens.len(), width);
    for (row, (&token, out)) in
        tokens.iter().zip(out.data_mut().chunks_exact_mut(width)).enumerate()
    {
        table.positions.with(position(row), |place| match &table.weights {
            _ if token == TokenId::START => out.copy_from_slice(place),
            Weights::Float(table) => floats(level, table.row(token.index()), scale, place, out),
            Weights::Int8(table) => {
                let step = table.steps()[token.index()];
                codes(level, table.original_row(token.index()), [step, scale], place, out);
            }
        });
    }
    out
}

dispatch! {
    fn floats(values: &[f32], scale: f32, place: &[f32], out: &mut [f32]) = floats_body
}

dispatch! {
    fn codes(codes: &[i8], scales: [f32; 2], place: &[f32], out: &mut [f32]) = codes_body
}

#[inline(always)]
fn floats_body(values: &[f32], scale: f32, place: &[f32], out: &mut [f32]) {
    for ((out, value), place) in out.iter_mut().zip(values).zip(place) {
        *out = value * scale + place;
    }
}

#[inline(always)]
fn codes_body(codes: &[i8], [step, scale]: [f32; 2], place: &[f32], out: &mut [f32]) {
    for ((out, &code), place) in out.iter_mut().zip(codes).zip(place) {
        *out = f32::from(code) * step * scale + place;
    }
}
