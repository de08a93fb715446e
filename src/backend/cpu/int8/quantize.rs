//! Activations to 8 bits: `code = round(a · multiplier)`, ties to even, clipped to ±127.

use super::isa::STEP;
use crate::backend::cpu::pool::Buffer;
use crate::backend::cpu::simd::{Level, dispatch};
use crate::backend::lanes::ROUND;

/// The largest code; −128 is not used.
const LARGEST: f32 = 127.0;

/// The 8-bit codes of some rows of activations.
#[derive(Clone, Debug)]
pub struct Codes {
    /// `[rows, stride]`; where a level takes unsigned bytes, with the highest bit turned.
    codes: Buffer<i8>,
    stride: usize,
    /// One for all rows, or `[rows]`: the value of one unit.
    steps: Buffer<f32>,
    input_scale: Option<f32>,
}

impl Codes {
    /// Rounds `values` `[rows, width]` by the multiplier `input_scale`; without one, each row by
    /// the largest that clips nothing.
    pub fn of(level: Level, values: &[f32], width: usize, input_scale: Option<f32>) -> Self {
        let rows = values.len().checked_div(width).unwrap_or(0);
        let stride = width.next_multiple_of(STEP);
        let mut codes = Buffer::any(rows * stride);
        let mut steps = match input_scale {
            Some(scale) => Buffer::filled(1, 1.0 / scale),
            None => Buffer::any(rows),
        };
        let flip = if level.takes_unsigned() { 0x80 } else { 0 };
        if width > 0 {
            run(level, values, [width, stride], input_scale, flip, &mut codes, &mut steps);
        }
        Codes { codes, stride, steps, input_scale }
    }

    /// The multiplier that the model fixes.
    pub fn input_scale(&self) -> Option<f32> {
        self.input_scale
    }

    /// The codes of row `row`, padded.
    #[inline(always)]
    pub fn row(&self, row: usize) -> &[i8] {
        &self.codes[row * self.stride..][..self.stride]
    }

    /// The value of one unit of row `row`'s codes.
    #[inline(always)]
    pub fn step(&self, row: usize) -> f32 {
        if self.input_scale.is_some() { self.steps[0] } else { self.steps[row] }
    }

    /// Bytes of a row with its padding.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.codes.len() / self.stride.max(1)
    }
}

dispatch! {
    fn run(
        values: &[f32],
        shape: [usize; 2],
        input_scale: Option<f32>,
        flip: u8,
        codes: &mut [i8],
        steps: &mut [f32],
    ) = body
}

#[inline(always)]
fn body(
    values: &[f32],
    shape: [usize; 2],
    input_scale: Option<f32>,
    flip: u8,
    codes: &mut [i8],
    steps: &mut [f32],
) {
    let [width, stride] = shape;
    let rows = values.chunks_exact(width).zip(codes.chunks_exact_mut(stride));
    for (row, (values, codes)) in rows.enumerate() {
        let multiplier = input_scale.unwrap_or_else(|| {
            let (multiplier, step) = own_scale(values);
            steps[row] = step;
            multiplier
        });
        let (codes, padding) = codes.split_at_mut(width);
        for (code, &value) in codes.iter_mut().zip(values) {
            *code = (round(value, multiplier) ^ flip).cast_signed();
        }
        padding.fill(0);
    }
}

/// The two's complement of the rounded product.
#[inline(always)]
fn round(value: f32, multiplier: f32) -> u8 {
    let scaled = value * multiplier;
    let scaled = if scaled < -LARGEST { -LARGEST } else { scaled };
    let scaled = if scaled > LARGEST { LARGEST } else { scaled };
    (scaled + ROUND).to_bits() as u8
}

/// The multiplier that takes a row's largest value to the largest code, and its inverse.
#[inline(always)]
fn own_scale(values: &[f32]) -> (f32, f32) {
    let most = values.iter().fold(0f32, |most, v| if v.abs() > most { v.abs() } else { most });
    // A row of zeros; or of values so small that the multiplier would not be finite.
    if most < 1e-30 { (0.0, 0.0) } else { (LARGEST / most, most / LARGEST) }
}
