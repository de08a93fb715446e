//! The few float operations whose result depends on how they are done.

use crate::backend::lanes;

/// How sums are taken and exponentials computed.
#[derive(Clone, Copy)]
pub struct Arithmetic {
    pub dot: fn(&[f32], &[f32]) -> f32,
    pub sum: fn(&[f32]) -> f32,
    pub exp: fn(f32) -> f32,
}

/// One after the other, with the library's exponential: what the formulas say.
pub const PLAIN: Arithmetic = Arithmetic {
    dot: |a, b| a.iter().zip(b).map(|(a, b)| a * b).sum(),
    sum: |values| values.iter().sum(),
    exp: f32::exp,
};

/// As every engine does it where integers follow.
pub const LANES: Arithmetic = Arithmetic {
    dot: |a, b| lanes::dot(a, b),
    sum: |values| lanes::sum(values),
    exp: |x| lanes::exp(x),
};
