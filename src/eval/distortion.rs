//! What compressing did to the weights of a matrix, in more ways than one: the same relative error
//! may come from all weights a little or from a few entirely. After the distortion statistics of
//! gemma.cpp.

use serde::Serialize;

/// How a matrix differs from what it was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Distortion {
    /// `‖after − before‖ / ‖before‖`; 0 where nothing changed.
    pub relative_error: f64,
    /// Weights that kept their value.
    pub exact: usize,
    /// Weights that became zero and were not.
    pub flushed: usize,
    /// Weights that changed their sign.
    pub sign_flips: usize,
    /// `10 · log₁₀(Σ before² / Σ (after − before)²)`; none where there is no noise.
    pub snr_db: Option<f64>,
}

impl Distortion {
    /// Of weights in the same order.
    ///
    /// # Panics
    /// When there are not as many after as before.
    pub fn new(before: &[f32], after: &[f32]) -> Self {
        assert_eq!(before.len(), after.len(), "not the same weights");
        let (mut exact, mut flushed, mut sign_flips) = (0, 0, 0);
        let (mut signal, mut noise) = (0.0, 0.0);
        for (&before, &after) in before.iter().zip(after) {
            exact += usize::from(before == after);
            flushed += usize::from(before != 0.0 && after == 0.0);
            sign_flips +=
                usize::from((before < 0.0 && after > 0.0) || (before > 0.0 && after < 0.0));
            signal += f64::from(before).powi(2);
            noise += (f64::from(after) - f64::from(before)).powi(2);
        }
        let ratio = if noise == 0.0 { 0.0 } else { noise / signal };
        // Noise without a signal is infinitely loud, which JSON can't say.
        let measurable = noise > 0.0 && signal > 0.0;
        let relative_error = if signal > 0.0 { ratio.sqrt() } else { f64::from(noise > 0.0) };
        let snr_db = measurable.then(|| -10.0 * ratio.log10());
        Distortion { relative_error, exact, flushed, sign_flips, snr_db }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_change_is_counted() {
        let before = [1.0, -2.0, 2.0, 4.0, 0.0, 0.0];
        let after = [1.0, 2.0, 0.0, 3.0, 0.0, 1.0];
        let distortion = Distortion::new(&before, &after);
        assert_eq!((distortion.exact, distortion.flushed, distortion.sign_flips), (2, 1, 1));
        // 16 + 4 + 1 + 1 of 25.
        assert!((distortion.relative_error - (22f64 / 25.0).sqrt()).abs() < 1e-12);
        assert!((distortion.snr_db.unwrap() - 10.0 * (25f64 / 22.0).log10()).abs() < 1e-12);
    }

    #[test]
    fn what_did_not_change_has_no_noise() {
        let same = Distortion::new(&[1.0, 0.0], &[1.0, 0.0]);
        assert_eq!((same.relative_error, same.snr_db, same.exact), (0.0, None, 2));
        let from_nothing = Distortion::new(&[0.0], &[1.0]);
        assert_eq!((from_nothing.relative_error, from_nothing.snr_db), (1.0, None));
    }
}
