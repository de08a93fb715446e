//! What a recipe did: bytes and distortion, matrix by matrix and in all.

use serde::{Serialize, Serializer};

use crate::codec::Matrix;
use crate::eval::distortion::Distortion;

/// One matrix before and after.
#[derive(Clone, Debug, Serialize)]
pub struct MatrixReport {
    /// Its name in the package that the recipe began with.
    pub name: String,
    /// How it is kept now; none where it went.
    pub codec: Option<String>,
    /// Weights in it before.
    pub weights: usize,
    /// Bytes of its tensors before.
    pub bytes_before: usize,
    /// And after.
    pub bytes_after: usize,
    /// How its weights differ from what they were, where there are as many.
    #[serde(flatten, serialize_with = "or_nulls")]
    pub distortion: Option<Distortion>,
}

impl MatrixReport {
    /// Compares two states of a matrix; after there may be none.
    pub fn new(name: &str, before: &Matrix, after: Option<&Matrix>) -> Self {
        let old = before.to_f32();
        let same = after.filter(|after| after.shape() == before.shape());
        MatrixReport {
            name: name.to_owned(),
            codec: after.map(|after| after.name().to_owned()),
            weights: old.len(),
            bytes_before: bytes(before),
            bytes_after: after.map_or(0, bytes),
            distortion: same.map(|after| Distortion::new(&old, &after.to_f32())),
        }
    }
}

/// The keys of a distortion, in any case.
fn or_nulls<S: Serializer>(
    distortion: &Option<Distortion>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Unknown {
        relative_error: (),
        exact: (),
        flushed: (),
        sign_flips: (),
        snr_db: (),
    }
    match distortion {
        Some(distortion) => distortion.serialize(serializer),
        None => {
            let unknown =
                Unknown { relative_error: (), exact: (), flushed: (), sign_flips: (), snr_db: () };
            unknown.serialize(serializer)
        }
    }
}

fn bytes(matrix: &Matrix) -> usize {
    matrix.parts().iter().map(|(_, tensor)| tensor.data().len()).sum()
}
