//! Products in 8-bit integers as production defines them, one number after the other: activations
//! times their multiplier, rounded, clipped to ±127; the sum of products, exact; times the values
//! of both units, plus the bias in floats.

use super::linear::with_bias;
use crate::backend::Activation;
use crate::backend::host::{Activations, Dense};
use crate::codec::{Codec, Integers};

/// A matrix `[out, in]`, held as its codec has it.
#[derive(Clone, Debug)]
pub enum Weights {
    /// Codecs of floats.
    Float(Dense),
    /// Codecs of 8-bit codes.
    Int8(Integers),
}

impl Weights {
    /// Takes a matrix over from its codec.
    pub fn new(matrix: &dyn Codec) -> Self {
        match matrix.integers() {
            Some(integers) => Weights::Int8(integers),
            None => Weights::Float(Dense::new(matrix)),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Weights::Float(dense) => dense.rows(),
            Weights::Int8(integers) => integers.codes.shape()[0],
        }
    }

    /// Elements a row.
    pub fn columns(&self) -> usize {
        match self {
            Weights::Float(dense) => dense.columns(),
            Weights::Int8(integers) => integers.codes.shape()[1],
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        match self {
            Weights::Float(dense) => dense.bytes(),
            Weights::Int8(integers) => integers.codes.data().len() + 4 * integers.steps.len(),
        }
    }

    /// Row `row` as floats.
    pub fn to_f32(&self, row: usize) -> Vec<f32> {
        match self {
            Weights::Float(dense) => dense.row(row).to_vec(),
            Weights::Int8(w) => codes(w, row).map(|code| code as f32 * step(w, row)).collect(),
        }
    }

    /// The scalar products of rows of `x` with rows of these weights.
    pub fn products(&self, x: &Activations) -> impl Fn(usize, usize) -> f32 {
        let rounded: Vec<(Vec<i32>, f32)> = match self {
            Weights::Float(_) => Vec::new(),
            Weights::Int8(w) => (0..x.rows()).map(|row| round(x.row(row), w.input_scale)).collect(),
        };
        move |row, column| match self {
            Weights::Float(dense) => (super::PLAIN.dot)(x.row(row), dense.row(column)),
            Weights::Int8(w) => {
                let (x, unit) = &rounded[row];
                let sum: i32 = codes(w, column).zip(x).map(|(w, x)| w * x).sum();
                sum as f32 * unit * step(w, column)
            }
        }
    }
}

fn codes(integers: &Integers, row: usize) -> impl Iterator<Item = i32> {
    let columns = integers.codes.shape()[1];
    let codes = &integers.codes.data()[row * columns..][..columns];
    codes.iter().map(|code| i32::from(code.cast_signed()))
}

fn step(integers: &Integers, row: usize) -> f32 {
    if let [step] = integers.steps[..] { step } else { integers.steps[row] }
}

/// A row's codes and the value of one unit.
fn round(values: &[f32], input_scale: Option<f32>) -> (Vec<i32>, f32) {
    let most = values.iter().fold(0f32, |most, value| most.max(value.abs()));
    let (multiplier, unit) = match input_scale {
        Some(scale) => (scale, 1.0 / scale),
        None if most < 1e-30 => (0.0, 0.0),
        None => (127.0 / most, most / 127.0),
    };
    let code = |value: &f32| (value * multiplier).round_ties_even().clamp(-127.0, 127.0) as i32;
    (values.iter().map(code).collect(), unit)
}

/// The twin of [`Backend::linear`](crate::backend::Backend::linear).
pub fn linear(
    x: &Activations,
    weight: &Weights,
    bias: Option<&[f32]>,
    activation: Activation,
) -> Activations {
    with_bias(x.rows(), weight.rows(), weight.products(x), bias, activation)
}
