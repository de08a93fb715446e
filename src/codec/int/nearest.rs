//! Rounding to nearest, the plainest way to make codes of weights.

use half::f16;

use super::{Bits, GroupSize, Int};
use crate::codec::expect_elements;
use crate::error::{Error, Result};

impl Int {
    /// Rounds a matrix `[out, in]` of floats, row-major, to the nearest values. A group's largest
    /// weight gets the lowest code, by the sign of the scale: there is one more code below zero than
    /// above, and with 4 bits it is worth having: in groups of 64, translations lost 1.5 and 2.2
    /// points of chrF with it (en→pt, pt→en), 2.5 and 3.7 without. The scale is rounded to a half
    /// float first, so that the values fit the scale that is kept.
    ///
    /// # Errors
    /// `InvalidInput` when the weights do not fill the shape, one is not finite, or a group needs a
    /// scale above the largest half float.
    pub fn nearest(
        shape: [usize; 2],
        bits: Bits,
        group_size: GroupSize,
        weights: &[f32],
    ) -> Result<Self> {
        let [rows, columns] = shape;
        expect_elements(shape, weights.len())?;
        let (least, most) = (f32::from(-bits.offset()), f32::from(bits.offset() - 1));
        let mut values = Vec::with_capacity(weights.len());
        let mut scales = Vec::with_capacity(rows * group_size.groups(columns));
        for row in 0..rows {
            let weights = &weights[row * columns..][..columns];
            if let Some(column) = weights.iter().position(|weight| !weight.is_finite()) {
                let weight = weights[column];
                return Err(Error::invalid(format!("element [{row}, {column}] is {weight}")));
            }
            for (group, weights) in weights.chunks(group_size.get()).enumerate() {
                let extreme = extreme(weights);
                let scale = f16::from_f32(extreme / least);
                if !scale.is_finite() {
                    return Err(Error::invalid(format!(
                        "row {row}, group {group}: a weight of {extreme} needs a scale above {}",
                        f16::MAX
                    )));
                }
                scales.push(scale);
                let unit = scale.to_f32();
                values.extend(weights.iter().map(|weight| match unit {
                    // All are zero, or too small for any half float.
                    0.0 => 0,
                    _ => round((weight / unit).clamp(least, most)) as i8,
                }));
            }
        }
        Self::from_values(shape, bits, group_size, &values, &scales)
    }
}

/// The weight of largest magnitude, the first of equals.
pub(crate) fn extreme(weights: &[f32]) -> f32 {
    let larger = |most: f32, &weight: &f32| if weight.abs() > most.abs() { weight } else { most };
    weights.iter().fold(0.0, larger)
}

/// To the nearest whole number, of two equally near to the even one, for codes: a sum that leaves
/// the fraction no room, which compilers turn into vectors where [`f32::round_ties_even`] is a call.
#[inline]
pub(crate) fn round(value: f32) -> f32 {
    const ROOM: f32 = 1.5 * (1 << 23) as f32;
    (value + ROOM) - ROOM
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec::Codec;

    proptest! {
        #[test]
        fn rounding_by_a_sum_is_rounding(value in -300f32..300.0) {
            prop_assert_eq!(round(value), value.round_ties_even());
        }
    }

    fn nearest(columns: usize, bits: u64, group_size: u64, weights: &[f32]) -> Result<Int> {
        let (bits, group_size) = (Bits::new(bits)?, GroupSize::new(group_size)?);
        Int::nearest([weights.len() / columns, columns], bits, group_size, weights)
    }

    #[test]
    fn groups_have_scales_of_their_own() {
        // Scales of 1, −2, 0 and 1/4; of halves between two values the even one.
        let weights = [-8.0, 8.0, 2.5, 16.0, -3.0, 0.0, 0.0, 0.0, -0.0, -2.0, 0.4, 0.1];
        let int = nearest(6, 4, 3, &weights).unwrap();
        let expected = [-8.0, 7.0, 2.0, 16.0, -4.0, 0.0, 0.0, 0.0, 0.0, -2.0, 0.5, 0.0];
        assert_eq!(int.to_f32(), expected);
    }

    #[test]
    fn errors_stay_within_half_a_step_but_opposite_the_largest() {
        let weights: Vec<f32> = (0..35 * 21).map(|n| 100.0 * (n as f32 * 0.7).sin()).collect();
        for bits in 2..=8 {
            for group_size in [1, 4, 20, 21, 50] {
                let int = nearest(21, bits, group_size, &weights).unwrap();
                let steps = |row: usize| int.scales(row).collect::<Vec<_>>();
                for (at, (weight, ours)) in weights.iter().zip(int.to_f32()).enumerate() {
                    let step = steps(at / 21)[at % 21 / group_size as usize];
                    // A weight of the other sign may be as large and lie a step past the last
                    // value; any may by what the scale was rounded.
                    let most = if weight * step > 0.0 { 1.0 } else { 0.5 };
                    let most = step.abs() * (most + 128.0 / 2048.0);
                    assert!((weight - ours).abs() <= most, "{weight}, not {ours}, step {step}");
                }
            }
        }
    }

    #[test]
    fn what_was_rounded_stays() {
        let weights: Vec<f32> = (0..12 * 33).map(|n| (n as f32 * 1.7).sin()).collect();
        for bits in 2..=8 {
            let once = nearest(33, bits, 16, &weights).unwrap();
            assert_eq!(nearest(33, bits, 16, &once.to_f32()).unwrap(), once);
        }
    }

    #[test]
    fn weights_too_small_for_a_scale_become_zero() {
        assert_eq!(nearest(2, 8, 2, &[1e-7, -1e-7]).unwrap().to_f32(), [0.0, 0.0]);
        // The smallest half float, with which these are 8-bit values again.
        let step = f32::powi(2.0, -24);
        let weights = [100.0 * step, -150.0 * step];
        assert_eq!(nearest(2, 8, 2, &weights).unwrap().to_f32(), [100.0 * step, -128.0 * step]);
    }

    #[test]
    fn weights_that_nothing_holds_are_named() {
        for (weight, words) in [
            (f32::NAN, "element [1, 2] is NaN"),
            (f32::INFINITY, "element [1, 2] is inf"),
            (131040.0, "row 1, group 1: a weight of 131040 needs a scale above 65504"),
        ] {
            let error = nearest(3, 2, 2, &[0.0, 1.0, 2.0, 3.0, 4.0, weight]).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
        // A scale may reach the largest half float, and so do weights of more bits go further.
        assert_eq!(nearest(1, 2, 1, &[131008.0]).unwrap().to_f32(), [131008.0]);
        assert_eq!(nearest(1, 8, 1, &[65504.0 * 128.0]).unwrap().to_f32(), [65504.0 * 128.0]);
        let (bits, group_size) = (Bits::new(4).unwrap(), GroupSize::new(2).unwrap());
        let error = Int::nearest([2, 3], bits, group_size, &[0.0; 5]).unwrap_err();
        assert_eq!(error.to_string(), "5 elements do not fill [2, 3]");
    }
}
