//! How the weights of one part of a network are distributed.

use serde::Serialize;

use crate::error::{At, Error, Result};
use crate::format::package::{Package, is_vector};

/// Weights of a matrix or a vector, counted in equal bins.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Histogram {
    /// That of the matrix or the vector.
    pub name: String,
    /// The least weight, where the first bin begins.
    pub min: f32,
    /// The greatest, which is in the last bin.
    pub max: f32,
    /// Weights that are exactly 0.
    pub zeros: usize,
    /// All weights.
    pub weights: usize,
    /// `[bins]`: weights in each. Where all weights are equal, the first has them.
    pub counts: Vec<usize>,
}

impl Histogram {
    /// Of what the codec of a matrix, or the tensor of a vector, gives as floats.
    ///
    /// # Errors
    /// `InvalidInput` where the package holds no weights of that name, or without a bin.
    pub fn new(package: &Package, name: &str, bins: usize) -> Result<Self> {
        let place = || format!("tensor \"{name}\"");
        let values = weights(package, name).at(place())?;
        Self::count(name, &values, bins).at(place())
    }

    fn count(name: &str, values: &[f32], bins: usize) -> Result<Self> {
        if bins == 0 || values.is_empty() {
            return Err(Error::invalid("expected 1 bin and 1 weight, or more"));
        }
        let (min, max) = values
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(min, max), &v| (min.min(v), max.max(v)));
        let mut counts = vec![0; bins];
        // In doubles: the difference of two floats may be no float.
        let width = f64::from(max) - f64::from(min);
        for value in values {
            let place = (f64::from(*value) - f64::from(min)) / width * bins as f64;
            // No width makes that no number, which counts as 0.
            counts[(place as usize).min(bins - 1)] += 1;
        }
        let zeros = values.iter().filter(|value| **value == 0.0).count();
        Ok(Histogram { name: name.to_owned(), min, max, zeros, weights: values.len(), counts })
    }
}

fn weights(package: &Package, name: &str) -> Result<Vec<f32>> {
    if let Some(info) = package.metadata.matrices.get(name) {
        return Ok(package.matrix(name, info.shape)?.to_f32());
    }
    match package.tensors.get(name) {
        Some(tensor) if is_vector(name) => tensor.floats(),
        // A file, or a part of what holds a matrix.
        Some(_) => Err(Error::invalid("holds no weights")),
        None => Err(Error::invalid("this model has no matrix and no vector of that name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(values: &[f32], bins: usize) -> Vec<usize> {
        Histogram::count("a", values, bins).unwrap().counts
    }

    #[test]
    fn bins_are_equal_and_the_last_has_the_greatest() {
        let values = [-1.0, -0.5, -0.49, 0.0, -0.0, 0.49, 0.5, 1.0];
        let Histogram { name, min, max, zeros, weights, counts } =
            Histogram::count("a", &values, 4).unwrap();
        assert_eq!((&*name, min, max, zeros, weights), ("a", -1.0, 1.0, 2, 8));
        assert_eq!(counts, [1, 2, 3, 2]);
    }

    #[test]
    fn every_weight_is_counted_whatever_the_range() {
        assert_eq!(counts(&[3.0; 5], 3), [5, 0, 0]);
        assert_eq!(counts(&[7.0], 1), [1]);
        assert_eq!(counts(&[f32::MIN, 0.0, f32::MAX], 2), [1, 2]);
        assert_eq!(counts(&[0.0, f32::from_bits(1)], 2), [1, 1]);
    }

    #[test]
    fn nothing_to_count_is_an_error() {
        assert!(Histogram::count("a", &[], 4).is_err());
        assert!(Histogram::count("a", &[1.0], 0).is_err());
    }
}
