//! The loops of products in integers, written once over an instruction set.
//!
//! A tile of a few rows of activations and a few rows of weights meets along the inner dimension:
//! each vector that is loaded serves several products, and the sums stay in registers.

use std::ops::Range;

use super::isa::{Isa, STEP};
use super::matrix::Int8Matrix;
use super::quantize::Codes;
#[cfg(not(target_arch = "wasm32"))]
use super::scalar::Scalar;
#[cfg(target_arch = "wasm32")]
use super::wasm;
#[cfg(target_arch = "x86_64")]
use super::x86;
use crate::backend::cpu::logits::Lists;
use crate::backend::cpu::simd::Level;

/// Outputs whose sums are added up together.
const QUAD: usize = 4;
/// Rows of activations that meet a quad of weights.
const ROWS: usize = 2;
/// Bytes of activations that are gone through once for each quad: they stay in the first cache.
const BLOCK_BYTES: usize = 24 << 10;

/// Defines `fn name(level, …)`, which runs `body::<I>(…)` compiled for the level's instructions.
macro_rules! dispatch {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) = $body:ident) => {
        $(#[$doc])*
        pub fn $name(level: Level, $($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2($($arg: $type),*) {
                $body::<x86::Avx2>($($arg),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,avxvnni")]
            unsafe fn avx_vnni($($arg: $type),*) {
                $body::<x86::AvxVnni>($($arg),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,avx512vnni,avx512vl")]
            unsafe fn avx512_vnni($($arg: $type),*) {
                $body::<x86::Avx512Vnni>($($arg),*);
            }
            match level {
                #[cfg(not(target_arch = "wasm32"))]
                Level::Portable => $body::<Scalar>($($arg),*),
                #[cfg(target_arch = "wasm32")]
                Level::Portable => $body::<wasm::Simd128>($($arg),*),
                // SAFETY: `Level::all` gives these levels only where the instructions exist.
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => unsafe { avx2($($arg),*) },
                #[cfg(target_arch = "x86_64")]
                Level::AvxVnni => unsafe { avx_vnni($($arg),*) },
                #[cfg(target_arch = "x86_64")]
                Level::Avx512Vnni => unsafe { avx512_vnni($($arg),*) },
                #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
                Level::RelaxedUnsigned => $body::<wasm::relaxed::Unsigned>($($arg),*),
                #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
                Level::RelaxedSaturating => $body::<wasm::relaxed::Saturating>($($arg),*),
                #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
                Level::RelaxedSigned => $body::<wasm::relaxed::Signed>($($arg),*),
            }
        }
    };
}

pub(super) use dispatch;

/// A product with its bias and activation.
#[derive(Clone, Copy)]
pub struct Layer<'a> {
    pub weight: &'a Int8Matrix,
    pub bias: Option<&'a [f32]>,
    pub relu: bool,
}

dispatch! {
    /// `activation(x · weightᵀ + bias)` for the rows `rows` of `x`, to `out` `[rows, out]`.
    fn linear(x: &Codes, rows: Range<usize>, layer: Layer<'_>, out: &mut [f32]) = linear_body
}

dispatch! {
    /// `x · tableᵀ + bias` over each row's candidates, one row's after the other in `out`.
    fn logits(
        x: &Codes,
        table: &Int8Matrix,
        bias: &[f32],
        lists: Lists<'_>,
        out: &mut [f32],
    ) = logits_body
}

dispatch! {
    fn add_codes(matrix: &Int8Matrix, sums: &mut [i32]) = add_codes_body
}

/// What the shift of a level's activations adds to each row's sums: nothing where it shifts none.
pub fn offsets(level: Level, matrix: &Int8Matrix) -> Vec<i32> {
    if !level.takes_unsigned() {
        return Vec::new();
    }
    let mut sums = vec![0; matrix.rows()];
    add_codes(level, matrix, &mut sums);
    sums
}

/// The sums of `R` rows of activations with `C` rows of weights, over `length` bytes.
///
/// # Safety
/// The machine has the instructions, and all rows are at least `length` bytes long.
#[inline(always)]
unsafe fn tile<I: Isa, const R: usize, const C: usize>(
    x: [*const i8; R],
    w: [*const i8; C],
    length: usize,
) -> [[I::Sums; C]; R] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut sums = [[I::zero(); C]; R];
        let mut at = 0;
        while at < length {
            for part in 0..STEP / I::WIDTH {
                let at = at + part * I::WIDTH;
                let x: [I::Input; R] = std::array::from_fn(|r| I::input(x[r].add(at)));
                for c in 0..C {
                    let w = I::weights(w[c].add(at));
                    for r in 0..R {
                        sums[r][c] = I::multiply_add(sums[r][c], w, x[r]);
                    }
                }
            }
            at += STEP;
        }
        sums
    }
}

#[inline(always)]
fn linear_body<I: Isa>(x: &Codes, rows: Range<usize>, layer: Layer<'_>, out: &mut [f32]) {
    let weight = layer.weight;
    let (width, stride) = (weight.rows(), weight.stride());
    assert!(x.stride() == stride && rows.end <= x.rows() && out.len() == rows.len() * width);
    assert!(layer.bias.is_none_or(|bias| bias.len() == width));
    if width == 0 {
        return;
    }
    let block = (BLOCK_BYTES / stride.max(1)).max(ROWS) / ROWS * ROWS;
    let blocks = rows.clone().step_by(block).zip(out.chunks_mut(block * width));
    for (first, out) in blocks {
        let count = out.len() / width;
        let mut column = 0;
        while column < width {
            // Beyond the last output the last one is taken again, and not written.
            let w = |c: usize| weight.row((column + c).min(width - 1)).as_ptr();
            // SAFETY: `dispatch` runs this where the instructions exist; all rows are `stride` long.
            unsafe {
                if count == 1 {
                    let w: [_; 2 * QUAD] = std::array::from_fn(w);
                    let [sums] = tile::<I, 1, { 2 * QUAD }>([x.row(first).as_ptr()], w, stride);
                    for sums in sums.as_chunks::<QUAD>().0 {
                        if column < width {
                            let finish = Finish::new(layer, column);
                            finish.write::<I>(I::totals(*sums), x, first, &mut out[column..]);
                            column += QUAD;
                        }
                    }
                    continue;
                }
                let w: [_; QUAD] = std::array::from_fn(w);
                let finish = Finish::new(layer, column);
                let mut pairs = out.chunks_exact_mut(ROWS * width);
                for (pair, out) in pairs.by_ref().enumerate() {
                    let row = first + pair * ROWS;
                    let rows: [_; ROWS] = std::array::from_fn(|r| x.row(row + r).as_ptr());
                    let sums = tile::<I, ROWS, QUAD>(rows, w, stride);
                    for r in 0..ROWS {
                        let out = &mut out[r * width + column..];
                        finish.write::<I>(I::totals(sums[r]), x, row + r, out);
                    }
                }
                let rest = pairs.into_remainder();
                if !rest.is_empty() {
                    let row = first + count - 1;
                    let [sums] = tile::<I, 1, QUAD>([x.row(row).as_ptr()], w, stride);
                    finish.write::<I>(I::totals(sums), x, row, &mut rest[column..]);
                }
            }
            column += QUAD;
        }
    }
}

/// From integer sums to outputs, for four neighbours: scales, bias and activation.
#[derive(Clone, Copy)]
struct Finish<'a> {
    layer: Layer<'a>,
    column: usize,
    /// How many of the four there are.
    count: usize,
    steps: [f32; QUAD],
    offsets: [i32; QUAD],
    bias: [f32; QUAD],
    /// Whether the sums of any lack something.
    corrected: bool,
}

impl<'a> Finish<'a> {
    #[inline(always)]
    fn new(layer: Layer<'a>, column: usize) -> Self {
        let count = QUAD.min(layer.weight.rows() - column);
        let columns = column..column + count;
        let (mut steps, mut offsets, mut bias) = ([0.0; QUAD], [0; QUAD], [0.0; QUAD]);
        steps[..count].copy_from_slice(&layer.weight.steps()[columns.clone()]);
        if let Some(of) = layer.weight.offsets().get(columns.clone()) {
            offsets[..count].copy_from_slice(of);
        }
        if let Some(of) = layer.bias {
            bias[..count].copy_from_slice(&of[columns.clone()]);
        }
        let corrected = layer.weight.corrections().concern(columns);
        Finish { layer, column, count, steps, offsets, bias, corrected }
    }

    /// Writes a row's outputs to the front of `out`.
    #[inline(always)]
    fn write<I: Isa>(&self, mut totals: [i32; QUAD], x: &Codes, row: usize, out: &mut [f32]) {
        if I::SATURATES && self.corrected {
            let corrections = self.layer.weight.corrections();
            for (c, total) in totals.iter_mut().enumerate().take(self.count) {
                *total = total.wrapping_add(corrections.missing(self.column + c, x.row(row)));
            }
        }
        let step = x.step(row);
        let mut values = [0.0; QUAD];
        for c in 0..QUAD {
            let total =
                if I::OFFSET == 0 { totals[c] } else { totals[c].wrapping_sub(self.offsets[c]) };
            values[c] = total as f32 * step * self.steps[c] + self.bias[c];
        }
        if self.layer.relu {
            for value in &mut values {
                *value = if *value > 0.0 { *value } else { 0.0 };
            }
        }
        match out.first_chunk_mut::<QUAD>() {
            Some(out) if self.count == QUAD => *out = values,
            _ => out[..self.count].copy_from_slice(&values[..self.count]),
        }
    }
}

#[inline(always)]
fn logits_body<I: Isa>(
    x: &Codes,
    table: &Int8Matrix,
    bias: &[f32],
    lists: Lists<'_>,
    out: &mut [f32],
) {
    const TOGETHER: usize = 2 * QUAD;
    let stride = table.stride();
    assert!(x.stride() == stride && x.rows() == lists.len() && bias.len() == table.rows());
    let mut rest = out;
    for row in 0..lists.len() {
        let list = lists.row(row);
        let (out, after) = rest.split_at_mut(list.len());
        rest = after;
        let (input, step) = (x.row(row), x.step(row));
        for (tokens, out) in list.chunks(TOGETHER).zip(out.chunks_mut(TOGETHER)) {
            // Beyond the last candidate the last one is taken again, and not written.
            let token = |c: usize| tokens[c.min(tokens.len() - 1)].index();
            let w: [_; TOGETHER] = std::array::from_fn(|c| table.row(token(c)).as_ptr());
            // SAFETY: `dispatch` runs this where the instructions exist; all rows are `stride` long.
            let totals = unsafe {
                let [sums] = tile::<I, 1, TOGETHER>([input.as_ptr()], w, stride);
                let &[first, second] = sums.as_chunks::<QUAD>().0 else { unreachable!() };
                [I::totals(first), I::totals(second)]
            };
            for (c, (logit, &total)) in out.iter_mut().zip(totals.as_flattened()).enumerate() {
                let token = token(c);
                let mut total = total.wrapping_sub(table.offset(token));
                if I::SATURATES {
                    total = total.wrapping_add(table.corrections().missing(token, input));
                }
                *logit = total as f32 * step * table.steps()[token] + bias[token];
            }
        }
    }
}

#[inline(always)]
fn add_codes_body<I: Isa>(matrix: &Int8Matrix, sums: &mut [i32]) {
    let ones = vec![1i8; matrix.stride()];
    let last = matrix.rows().saturating_sub(1);
    for (quad, sums) in sums.chunks_mut(QUAD).enumerate() {
        let row = |c: usize| matrix.row((quad * QUAD + c).min(last)).as_ptr();
        // SAFETY: `dispatch` runs this where the instructions exist; all rows are `stride` long.
        let totals = unsafe {
            let w: [_; QUAD] = std::array::from_fn(row);
            let [added] = tile::<I, 1, QUAD>([ones.as_ptr()], w, matrix.stride());
            I::totals(added)
        };
        for (sum, total) in sums.iter_mut().zip(totals) {
            *sum = total.wrapping_mul(I::OFFSET);
        }
    }
}
