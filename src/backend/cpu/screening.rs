//! A package's screening on the CPU: at load every piece is mapped to a few numbers of 8 bits, and
//! each state then finds the pieces that are worth an exact logit in a pass over those.

use super::embed::Weights;
use super::int8::{self, Int8Matrix, Pieces};
use super::logits::Found;
use super::simd::Level;
use super::tensor::Tensor;
use crate::backend::host::Dense;
use crate::backend::lanes::ROUND;
use crate::backend::{Activation, Candidates};
use crate::codec::Integers;
use crate::error::Result;
use crate::format;
use crate::tensor::{Dtype, Tensor as Stored};

/// Codes a unit of what states are mapped to: that is about −1 to 1, and what is beyond is clipped.
const STATE_CODES: f32 = 127.0;
/// Candidates at most, times those that are wanted: the score that so many reach is an estimate.
const AT_MOST: usize = 4;

/// The screening of a table.
#[derive(Debug)]
pub struct Screening {
    wanted: usize,
    /// `[rank, width]`.
    state: Int8Matrix,
    pieces: Pieces,
}

impl Screening {
    /// Maps the pieces of `table`.
    pub fn new(
        level: Level,
        table: &Weights,
        bias: &[f32],
        screening: &format::Screening,
    ) -> Result<Self> {
        let maps = screening.pieces().to_f32();
        let rank = screening.rank();
        let (mapped, input_scale) = match table {
            Weights::Int8(table) => (int8::rows_times(level, &maps, table), table.input_scale()),
            Weights::Float(table) => {
                (int8::rows_times(level, &maps, &rounded(level, table)?), None)
            }
        };
        // One unit for all of them, so that scores can be compared as integers.
        let most = mapped.iter().fold(0f32, |most, value| most.max(value.abs()));
        let unit = if most > 0.0 && most.is_finite() { most / int8::LARGEST_PIECE } else { 1.0 };
        let (inverse, largest) = (1.0 / unit, int8::LARGEST_PIECE);
        let mut codes = vec![0i8; mapped.len()];
        for (dimension, values) in mapped.chunks_exact(bias.len().max(1)).enumerate() {
            for (piece, value) in values.iter().enumerate() {
                let code = (value * inverse).clamp(-largest, largest);
                codes[piece * rank + dimension] = (code + ROUND).to_bits() as i8;
            }
        }
        let biases: Vec<f32> = bias.iter().map(|bias| bias * STATE_CODES / unit).collect();
        Ok(Screening {
            wanted: screening.candidates(),
            state: Int8Matrix::new(level, screening.state().integers(input_scale))?,
            pieces: Pieces::new(level, rank, &codes, &biases),
        })
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.state.bytes() + self.pieces.bytes()
    }

    /// Whether it shortens each of these lists.
    pub fn shortens(&self, lists: &[Candidates]) -> bool {
        lists.iter().all(|list| list.len() > AT_MOST.saturating_mul(self.wanted))
    }

    /// Of each row's candidates those that may have the greatest logit.
    pub fn select(&self, level: Level, h: &Tensor, lists: &[Candidates]) -> Found {
        let states = int8::linear(level, h, &self.state, None, Activation::Identity);
        let limits = [self.wanted, AT_MOST * self.wanted];
        int8::select(level, &states, STATE_CODES, &self.pieces, limits, lists)
    }
}

/// A table in floats as 8-bit codes, each row by its largest value.
fn rounded(level: Level, table: &Dense) -> Result<Int8Matrix> {
    let (rows, columns) = (table.rows(), table.columns());
    let (mut codes, mut steps) = (Vec::with_capacity(rows * columns), Vec::with_capacity(rows));
    for row in (0..rows).map(|row| table.row(row)) {
        let most = row.iter().fold(0f32, |most, value| most.max(value.abs()));
        let multiplier = if most > 0.0 { 127.0 / most } else { 0.0 };
        codes.extend(
            row.iter().map(|value| ((value * multiplier).round_ties_even() as i8).cast_unsigned()),
        );
        steps.push(most / 127.0);
    }
    let codes = Stored::new(Dtype::I8, vec![rows, columns], codes.into())?;
    Int8Matrix::new(level, Integers { codes, steps, input_scale: None })
}
