//! What a recipe did: bytes and distortion, matrix by matrix and in all.

use serde::Serialize;

use crate::codec::Matrix;
use crate::eval::distortion::Distortion;

/// One matrix before and after.
#[derive(Clone, Debug, Serialize)]
pub struct MatrixReport {
    /// Its name in the package.
    pub name: String,
    /// How it is kept now.
    pub codec: String,
    /// Weights in it.
    pub weights: usize,
    /// Bytes of its tensors before.
    pub bytes_before: usize,
    /// And after.
    pub bytes_after: usize,
    /// How its weights differ from what they were.
    #[serde(flatten)]
    pub distortion: Distortion,
}

impl MatrixReport {
    /// Compares two states of a matrix.
    pub fn new(name: &str, before: &Matrix, after: &Matrix) -> Self {
        let old = before.to_f32();
        MatrixReport {
            name: name.to_owned(),
            codec: after.name().to_owned(),
            weights: old.len(),
            bytes_before: bytes(before),
            bytes_after: bytes(after),
            distortion: Distortion::new(&old, &after.to_f32()),
        }
    }
}

fn bytes(matrix: &Matrix) -> usize {
    matrix.parts().iter().map(|(_, tensor)| tensor.data().len()).sum()
}
