//! Screening instead of a shortlist: the few pieces that a step of decoding may produce, found from
//! logits of low rank. The idea is that of SVD-softmax (Shim et al. 2017), which takes the singular
//! vectors of the embedding alone; here it is those of the logits over some text, `X·Eᵀ` for states X
//! and embeddings E, so that directions in which states never go take no room. Exact logits follow
//! for what is left, as there.

use faer::{Mat, Side};

use super::Gram;
use crate::codec::Matrix;
use crate::error::{Error, Result};
use crate::format::Screening;
use crate::format::screening::Map;

/// The smallest eigenvalue of the states' second moments that is told from noise, as a share of the
/// largest.
const LEAST_EIGENVALUE: f64 = 1e-9;
/// What the first number of a mapped state may be, times its root mean square: what is beyond is
/// clipped. States are normed, so that it varies little, and the others are smaller.
const RANGE: f64 = 2.0;

/// The maps that give the logits of `embedding` `[vocabulary, width]` with the least squared error
/// that `rank` allows, over the states that `states` has seen.
///
/// With A² the mean of xxᵀ over the states and `A·EᵀE·A = U·Λ·Uᵀ`, the best approximation of `x·Eₜ`
/// is `Σⱼ (uⱼ·A⁻¹x) (uⱼ·A·Eₜ)` over the largest eigenvalues. Of each factor pair the first gets the
/// scale that it needs for the second to vary alike in all j, which then lose alike by rounding.
///
/// # Errors
/// `InvalidInput` when the rank is more than the width, or nothing was seen but zeros.
pub fn screening(
    states: &Gram,
    embedding: &Matrix,
    rank: usize,
    candidates: usize,
) -> Result<Screening> {
    let [vocabulary, width] = embedding.shape();
    if rank == 0 || rank > width {
        return Err(Error::invalid(format!(
            "key `rank`: expected 1 to {width}, the width of this model, found {rank}"
        )));
    }
    assert_eq!(states.width(), width, "the states of another model");
    let unusable = || Error::invalid("the calibration text never reaches the last layer");
    let mean = |i: usize, j: usize| f64::from(states.at(i, j)) / states.rows().max(1) as f64;
    let moments = Mat::from_fn(width, width, mean).self_adjoint_eigen(Side::Lower);
    let moments = moments.map_err(|_| unusable())?;
    let (values, vectors) = (moments.S().column_vector(), moments.U());
    let most = values.iter().fold(0f64, |most, &value| most.max(value));
    if !most.is_normal() {
        return Err(unusable());
    }
    let power = |exponent: f64| {
        let scaled = Mat::from_fn(width, width, |i, j| {
            vectors[(i, j)] * values[j].max(most * LEAST_EIGENVALUE).powf(exponent)
        });
        scaled * vectors.transpose()
    };
    let (root, inverse) = (power(0.5), power(-0.5));

    let mut pieces = Gram::new(width);
    pieces.add(&embedding.to_f32());
    let pieces = Mat::from_fn(width, width, |i, j| f64::from(pieces.at(i, j)));
    let logits = (&root * pieces * &root).self_adjoint_eigen(Side::Lower);
    let logits = logits.map_err(|_| unusable())?;
    // Ascending, so that the largest are the last.
    let (values, vectors) = (logits.S().column_vector(), logits.U());
    let size = |j: usize| (values[width - 1 - j].max(0.0) / vocabulary.max(1) as f64).sqrt();
    let limit = RANGE * size(0);
    if !limit.is_normal() {
        return Err(Error::invalid("an embedding of zeros has no best pieces"));
    }
    let map = |of: &Mat<f64>, scale: &dyn Fn(usize) -> f64| {
        let turned = of * vectors;
        let value = |at: usize| {
            let (j, i) = (at / width, at % width);
            (turned[(i, width - 1 - j)] * scale(j)) as f32
        };
        Map::round(width, &(0..rank * width).map(value).collect::<Vec<_>>())
    };
    // A direction in which no logit varies is worth nothing.
    let inverse_of = |size: f64| if size > limit * LEAST_EIGENVALUE { limit / size } else { 0.0 };
    let state = map(&inverse, &|j| size(j) / limit)?;
    let pieces = map(&root, &|j| inverse_of(size(j)))?;
    Screening::new(candidates, state, pieces)
}
