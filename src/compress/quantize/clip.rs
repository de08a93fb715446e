//! Scales of least squared error. Few bits are too few to hold a group's largest weight and all the
//! small ones well: it pays to cut the largest off.

use half::f16;

use crate::codec::int::nearest::{extreme, round};
use crate::codec::int::{Bits, GroupSize, Int};
use crate::error::{Error, Result};

/// Scales that are tried, from what holds the largest weight down to [`LEAST`] of it.
const TRIES: u32 = 24;
const LEAST: f32 = 0.4;
/// How often the best of them is fitted to its codes, as long as that makes it better.
const REFINEMENTS: u32 = 3;

/// Rounds a matrix `[out, in]` of floats, row-major, each group to the nearest values of the scale
/// that gives the least squared error.
///
/// # Errors
/// `InvalidInput` when a group needs a scale above the largest half float.
pub fn mse(shape: [usize; 2], bits: Bits, group: GroupSize, weights: &[f32]) -> Result<Int> {
    let [rows, columns] = shape;
    let mut values = Vec::with_capacity(weights.len());
    let mut scales = Vec::with_capacity(rows * group.groups(columns));
    for row in weights.chunks_exact(columns) {
        for weights in row.chunks(group.get()) {
            let scale = scale(bits, weights)?;
            scales.push(scale);
            let grid = Grid::new(bits, scale);
            values.extend(weights.iter().map(|&weight| grid.code(weight) as i8));
        }
    }
    Int::from_values(shape, bits, group, &values, &scales)
}

/// The values that a group with a certain scale can take.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    scale: f32,
    /// Zero for a scale of zero, which leaves every code at zero.
    inverse: f32,
    least: f32,
    most: f32,
}

impl Grid {
    /// Those of `scale`, with all codes of `bits`.
    pub fn new(bits: Bits, scale: f16) -> Self {
        let scale = scale.to_f32();
        let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
        let (least, most) = (f32::from(-bits.offset()), f32::from(bits.offset() - 1));
        Grid { scale, inverse, least, most }
    }

    /// The multiples of a step that 8 bits hold, as many above zero as below.
    pub fn uniform(step: f32) -> Self {
        let most = f32::from(i8::MAX);
        Grid { scale: step, inverse: 1.0 / step, least: -most, most }
    }

    /// The code whose value is the nearest.
    #[inline]
    pub fn code(&self, weight: f32) -> f32 {
        round((weight * self.inverse).clamp(self.least, self.most))
    }

    /// The value of a code.
    #[inline]
    pub fn value(&self, code: f32) -> f32 {
        code * self.scale
    }

    /// Σ of squared errors, and the scale that fits the codes best by least squares.
    fn fit(&self, weights: &[f32]) -> (f32, f32) {
        // Sums in lanes, which compilers turn into vectors where one sum has an order to keep.
        let [mut error, mut product, mut square] = [[0f32; LANES]; 3];
        let (whole, rest) = weights.as_chunks::<LANES>();
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        for weights in whole.iter().chain([&last]) {
            for lane in 0..LANES {
                let code = self.code(weights[lane]);
                let off = weights[lane] - self.value(code);
                error[lane] += off * off;
                product[lane] += weights[lane] * code;
                square[lane] += code * code;
            }
        }
        let [error, product, square] =
            [error, product, square].map(|sums| sums.iter().sum::<f32>());
        (error, if square == 0.0 { 0.0 } else { product / square })
    }
}

const LANES: usize = 8;

/// The scale of least squared error among those tried, and then the one that fits its codes best. As
/// with [`Int::nearest`], the sign is such that the largest weight has the lowest code.
///
/// # Errors
/// `InvalidInput` when the largest weight needs a scale above the largest half float.
pub fn scale(bits: Bits, weights: &[f32]) -> Result<f16> {
    let extreme = extreme(weights);
    let widest = extreme / f32::from(-bits.offset());
    if !f16::from_f32(widest).is_finite() {
        return Err(Error::invalid(format!(
            "a weight of {extreme} needs a scale above {}, the largest half float",
            f16::MAX
        )));
    }
    let (mut best, mut least, mut fitting) = (f16::ZERO, f32::INFINITY, 0.0);
    let mut consider = |scale: f16, fitting: &mut f32| {
        let (error, fit) = Grid::new(bits, scale).fit(weights);
        let better = error < least;
        if better {
            (best, least, *fitting) = (scale, error, fit);
        }
        better
    };
    // The first is that of plain rounding: this is never worse.
    for step in 0..=TRIES {
        let share = 1.0 - (1.0 - LEAST) * step as f32 / TRIES as f32;
        consider(f16::from_f32(widest * share), &mut fitting);
    }
    // What makes it better still, as long as the largest weight keeps the lowest code: then these
    // values, rounded once more, find the same scale.
    for _ in 0..REFINEMENTS {
        let fitted = f16::from_f32(fitting);
        if Grid::new(bits, fitted).code(extreme) != f32::from(-bits.offset())
            || !consider(fitted, &mut fitting)
        {
            break;
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Codec;
    use proptest::prelude::*;

    fn error(weights: &[f32], int: &Int) -> f64 {
        let off = |(a, b): (&f32, f32)| f64::from(a - b).powi(2);
        weights.iter().zip(int.to_f32()).map(off).sum()
    }

    proptest! {
        #[test]
        fn never_worse_than_nearest_and_stable(
            bits in 2u64..=8,
            group in 1u64..70,
            columns in 1usize..70,
            weights in prop::collection::vec(-3f32..3.0, 70..210),
        ) {
            let (bits, group) = (Bits::new(bits).unwrap(), GroupSize::new(group).unwrap());
            let shape = [weights.len() / columns, columns];
            let weights = &weights[..shape[0] * columns];
            let ours = mse(shape, bits, group, weights).unwrap();
            let nearest = Int::nearest(shape, bits, group, weights).unwrap();
            let (ours_off, nearest_off) = (error(weights, &ours), error(weights, &nearest));
            prop_assert!(ours_off <= nearest_off * (1.0 + 1e-5), "{ours_off} > {nearest_off}");
            let again = mse(shape, bits, group, &ours.to_f32()).unwrap();
            prop_assert_eq!(again.to_f32(), ours.to_f32());
        }
    }

    #[test]
    fn a_lone_large_weight_is_cut_off() {
        let mut weights: Vec<f32> = (0..256).map(|n| (n as f32 * 0.9).sin()).collect();
        weights[7] = 2.5;
        let (bits, group) = (Bits::new(3).unwrap(), GroupSize::new(256).unwrap());
        let ours = mse([1, 256], bits, group, &weights).unwrap();
        let nearest = Int::nearest([1, 256], bits, group, &weights).unwrap();
        assert!(ours.to_f32()[7] < 2.0, "{}", ours.to_f32()[7]);
        let (ours, nearest) = (error(&weights, &ours), error(&weights, &nearest));
        assert!(ours < 0.7 * nearest, "{ours} {nearest}");
    }

    #[test]
    fn zeros_stay_zero_and_what_no_scale_holds_is_named() {
        let (bits, group) = (Bits::new(4).unwrap(), GroupSize::new(4).unwrap());
        let matrix = mse([1, 6], bits, group, &[0.0, 1.0, 0.0, -0.3, 0.0, 0.0]).unwrap();
        assert_eq!([0, 2, 4, 5].map(|at| matrix.to_f32()[at]), [0.0; 4]);
        let error = mse([1, 2], bits, group, &[1e6, 0.0]).unwrap_err().to_string();
        assert!(error.contains("1000000"), "{error}");
    }
}
