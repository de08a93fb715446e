//! Floats that two ways of computing may round differently.

/// Sums of a few thousand products of numbers below 1, in another order.
const TOLERANCE: f32 = 2e-4;

pub fn assert_close(ours: &[f32], reference: &[f32], what: &str) {
    assert_eq!(ours.len(), reference.len(), "{what}: length");
    for (at, (a, b)) in ours.iter().zip(reference).enumerate() {
        assert!(
            (a - b).abs() <= TOLERANCE * b.abs().max(1.0),
            "{what}: element {at}: {a}, not {b}"
        );
    }
}
