//! Rounding to nearest, the plainest way to make codes of weights.

use half::f16;

use super::{Bits, GroupSize, Int};
use crate::codec::expect_elements;
use crate::error::{Error, Result};

impl Int {
    /// Rounds a matrix `[out, in]` of floats, row-major, to the nearest values. A group's largest
    /// weight gets the largest value; its scale is rounded to a half float first, so that the values
    /// fit the scale that is kept. The lowest code stays unused.
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
        let largest = f32::from(bits.offset() - 1);
        let mut values = Vec::with_capacity(weights.len());
        let mut scales = Vec::with_capacity(rows * group_size.groups(columns));
        for row in 0..rows {
            let weights = &weights[row * columns..][..columns];
            if let Some(column) = weights.iter().position(|weight| !weight.is_finite()) {
                let weight = weights[column];
                return Err(Error::invalid(format!("element [{row}, {column}] is {weight}")));
            }
            for (group, weights) in weights.chunks(group_size.get()).enumerate() {
                let most = weights.iter().fold(0f32, |most, weight| most.max(weight.abs()));
                let scale = f16::from_f32(most / largest);
                if !scale.is_finite() {
                    return Err(Error::invalid(format!(
                        "row {row}, group {group}: weights up to {most} need a scale above {}",
                        f16::MAX
                    )));
                }
                scales.push(scale);
                let unit = scale.to_f32();
                values.extend(weights.iter().map(|weight| match unit {
                    // All are zero, or too small for any half float.
                    0.0 => 0,
                    _ => (weight / unit).round_ties_even().clamp(-largest, largest) as i8,
                }));
            }
        }
        Self::from_values(shape, bits, group_size, &values, &scales)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Codec;

    fn nearest(columns: usize, bits: u64, group_size: u64, weights: &[f32]) -> Result<Int> {
        let (bits, group_size) = (Bits::new(bits)?, GroupSize::new(group_size)?);
        Int::nearest([weights.len() / columns, columns], bits, group_size, weights)
    }

    #[test]
    fn groups_have_scales_of_their_own() {
        // Scales of 1, 2, 0 and 1/4; of halves between two values the even one.
        let weights = [7.0, -7.0, 2.5, 14.0, -3.0, 0.0, 0.0, 0.0, -0.0, -1.75, 0.3, 0.1];
        let int = nearest(6, 4, 3, &weights).unwrap();
        let expected = [7.0, -7.0, 2.0, 14.0, -4.0, 0.0, 0.0, 0.0, 0.0, -1.75, 0.25, 0.0];
        assert_eq!(int.to_f32(), expected);
    }

    #[test]
    fn errors_stay_within_half_a_step() {
        let weights: Vec<f32> = (0..35 * 21).map(|n| 100.0 * (n as f32 * 0.7).sin()).collect();
        for bits in 2..=8 {
            for group_size in [1, 4, 20, 21, 50] {
                let int = nearest(21, bits, group_size, &weights).unwrap();
                let steps = |row: usize| int.scales(row).collect::<Vec<_>>();
                for (at, (weight, ours)) in weights.iter().zip(int.to_f32()).enumerate() {
                    let step = steps(at / 21)[at % 21 / group_size as usize];
                    // The largest weight may lie past the last value by what its scale was rounded.
                    let most = step * (0.5 + 127.0 / 2048.0);
                    assert!((weight - ours).abs() <= most, "{weight}, not {ours}, step {step}");
                }
            }
        }
    }

    #[test]
    fn weights_too_small_for_a_scale_become_zero() {
        assert_eq!(nearest(2, 8, 2, &[1e-7, -1e-7]).unwrap().to_f32(), [0.0, 0.0]);
        // The smallest half float, with which these are 8-bit values again.
        let step = f32::powi(2.0, -24);
        let weights = [100.0 * step, -150.0 * step];
        assert_eq!(nearest(2, 8, 2, &weights).unwrap().to_f32(), [100.0 * step, -127.0 * step]);
    }

    #[test]
    fn weights_that_nothing_holds_are_named() {
        for (weight, words) in [
            (f32::NAN, "element [1, 2] is NaN"),
            (f32::INFINITY, "element [1, 2] is inf"),
            (65520.0, "row 1, group 1: weights up to 65520 need a scale above 65504"),
        ] {
            let error = nearest(3, 2, 2, &[0.0, 1.0, 2.0, 3.0, 4.0, weight]).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
        // A scale may reach the largest half float, and so do weights of more bits go further.
        assert_eq!(nearest(1, 2, 1, &[65504.0]).unwrap().to_f32(), [65504.0]);
        assert_eq!(nearest(1, 8, 1, &[65504.0 * 127.0]).unwrap().to_f32(), [65504.0 * 127.0]);
        let (bits, group_size) = (Bits::new(4).unwrap(), GroupSize::new(2).unwrap());
        let error = Int::nearest([2, 3], bits, group_size, &[0.0; 5]).unwrap_err();
        assert_eq!(error.to_string(), "5 elements do not fill [2, 3]");
    }
}
