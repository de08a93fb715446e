//! Matrices and vectors of a student in the making, which are all plain floats.

use crate::codec::float::Float32;
use crate::compress::Random;
use crate::compress::refit::Affine;
use crate::error::{Error, Result};
use crate::format::Package;

/// A layer of a package, and its shape `[out, in]`.
pub fn read(package: &Package, name: &str) -> Result<(Affine, [usize; 2])> {
    let info = package.metadata.matrices.get(name);
    let missing = || Error::malformed("is missing").at(format!("matrix \"{name}\""));
    let shape = info.ok_or_else(missing)?.shape;
    let weights = package.matrix(name, shape)?.to_f32();
    let bias = format!("{name}.bias");
    let bias = package.tensors.contains_key(&bias).then(|| package.vector(&bias, shape[0]));
    Ok((Affine { weights, bias: bias.transpose()? }, shape))
}

/// Puts a layer in the place of the one that was there.
pub fn write(package: &mut Package, name: &str, shape: [usize; 2], layer: Affine) -> Result<()> {
    package.insert_matrix(name, &(Box::new(Float32::new(shape, layer.weights)) as _));
    match layer.bias {
        Some(bias) => package.set_vector(&format!("{name}.bias"), &bias),
        None => Ok(()),
    }
}

/// The elements of a vector at `places`, in the place of all.
pub fn gather_vector(
    package: &mut Package,
    name: &str,
    length: usize,
    places: &[usize],
) -> Result<()> {
    let values = package.vector(name, length)?;
    package.set_vector(name, &places.iter().map(|&at| values[at]).collect::<Vec<_>>())
}

/// The rows `places` of `weights` `[_, columns]`.
pub fn gather_rows(weights: &[f32], columns: usize, places: &[usize]) -> Vec<f32> {
    places.iter().flat_map(|&row| &weights[row * columns..][..columns]).copied().collect()
}

/// The columns `places` of `weights` `[_, columns]`.
pub fn gather_columns(weights: &[f32], columns: usize, places: &[usize]) -> Vec<f32> {
    weights.chunks_exact(columns).flat_map(|row| places.iter().map(|&at| row[at])).collect()
}

/// How unequal the shares of copies may be: from 1 less this to 1 more of an equal share. Equal ones
/// would get the same gradient for ever, and the copies would never differ.
const UNEQUAL: f32 = 0.1;

/// Weights `[_, columns]` over inputs of which each may now come several times, `places` saying
/// which comes where: the copies of an input share its weight, so that products stay what they were.
/// Chen et al. 2016, "Net2Net", section 2.2; their noise in the copies changes the function a
/// little, unequal shares do not.
pub fn split_columns(
    weights: &[f32],
    columns: usize,
    places: &[usize],
    random: &mut Random,
) -> Vec<f32> {
    let mut split = Vec::with_capacity(weights.len() / columns.max(1) * places.len());
    let mut totals = vec![0.0f32; columns];
    for row in weights.chunks_exact(columns) {
        let start = split.len();
        totals.fill(0.0);
        for &at in places {
            let share = 1.0 + UNEQUAL * random.signed();
            totals[at] += share;
            split.push(share);
        }
        for (value, &at) in split[start..].iter_mut().zip(places) {
            // An input that comes once keeps its weight to the bit.
            *value = row[at] * (*value / totals[at]);
        }
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_share_a_weight_unequally_and_the_rest_stays() {
        let weights = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let split = split_columns(&weights, 3, &[0, 0, 1, 2, 0], &mut Random::new(1));
        for (row, before) in split.chunks_exact(5).zip(weights.chunks_exact(3)) {
            assert_eq!([row[2], row[3]], before[1..]);
            assert!((row[0] + row[1] + row[4] - before[0]).abs() < 1e-5, "{row:?}");
            assert!(row[0] != row[1] && row[0] > 0.25 * before[0], "{row:?}");
        }
    }
}
