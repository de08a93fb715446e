//! A model in other codecs.

use half::f16;
use pocketglot::Result;
use pocketglot::codec::Matrix;
use pocketglot::codec::codebook::{Codebook, Dimension};
use pocketglot::codec::entropy::Entropy;
use pocketglot::codec::float::Float32;
use pocketglot::codec::float16::Float16;
use pocketglot::codec::int::{Bits, GroupSize, Int};
use pocketglot::codec::low_rank::LowRank;
use pocketglot::codec::sparse::Sparse;
use pocketglot::format::Package;

/// The same matrix in another codec.
pub type Recode = fn(&Matrix) -> Result<Matrix>;

/// The codecs that a whole model is tried in, with what people call them.
pub const CODECS: [(&str, Recode); 8] = [
    ("f32", float32),
    ("f16", float16),
    ("int8 in groups", int8),
    ("int4 in groups", int4),
    ("coded", coded),
    ("codebook", codebook),
    ("low rank", low_rank),
    ("sparse", sparse),
];

const GROUP: u64 = 64;

/// The same model with each of its matrices in another codec.
pub fn recode(package: &Package, codec: Recode) -> Package {
    let mut recoded = package.clone();
    for (name, info) in &package.metadata.matrices {
        let matrix = package.matrix(name, info.shape).expect("the model is sound");
        let matrix = codec(&matrix).unwrap_or_else(|error| panic!("{name}: {error}"));
        recoded.insert_matrix(name, &matrix);
    }
    recoded
}

/// Plain floats, of the same values.
pub fn float32(matrix: &Matrix) -> Result<Matrix> {
    Ok(Box::new(Float32::new(matrix.shape(), matrix.to_f32())))
}

/// Half floats.
pub fn float16(matrix: &Matrix) -> Result<Matrix> {
    Ok(Box::new(Float16::round(matrix.shape(), &matrix.to_f32())?))
}

/// 8-bit codes in groups of 64.
pub fn int8(matrix: &Matrix) -> Result<Matrix> {
    int(matrix, 8)
}

/// 4-bit codes in groups of 64.
pub fn int4(matrix: &Matrix) -> Result<Matrix> {
    int(matrix, 4)
}

/// Codes on one grid of 64 steps, coded by how often they occur.
pub fn coded(matrix: &Matrix) -> Result<Matrix> {
    let (shape, values) = (matrix.shape(), matrix.to_f32());
    let step = values.iter().fold(0f32, |most, value| most.max(value.abs())) / 32.0;
    let codes: Vec<i8> = values.iter().map(|value| (value / step).round() as i8).collect();
    Ok(Box::new(Entropy::from_codes(shape, &codes, &vec![0; shape[0]], &[step])?))
}

fn int(matrix: &Matrix, bits: u64) -> Result<Matrix> {
    let (bits, group_size) = (Bits::new(bits)?, GroupSize::new(GROUP)?);
    Ok(Box::new(Int::nearest(matrix.shape(), bits, group_size, &matrix.to_f32())?))
}

/// One code for each weight, of 256 values that lie evenly from the least weight to the greatest.
pub fn codebook(matrix: &Matrix) -> Result<Matrix> {
    let weights = matrix.to_f32();
    let least = weights.iter().copied().fold(f32::INFINITY, f32::min);
    let step = (weights.iter().copied().fold(f32::NEG_INFINITY, f32::max) - least) / 255.0;
    let codes: Vec<u8> = weights.iter().map(|w| ((w - least) / step).round() as u8).collect();
    let values: Vec<f16> =
        (0u8..=255).map(|code| f16::from_f32(least + step * f32::from(code))).collect();
    let one = Dimension::new(1)?;
    Ok(Box::new(Codebook::from_codes(matrix.shape(), one, &codes, 1, &values)?))
}

/// The matrix itself times one that changes nothing: of full rank, on whichever side is shorter.
pub fn low_rank(matrix: &Matrix) -> Result<Matrix> {
    let [rows, columns] = matrix.shape();
    let side = rows.min(columns);
    let same: Vec<f32> =
        (0..side * side).map(|at| f32::from(u8::from(at / side == at % side))).collect();
    let same: Matrix = Box::new(Float16::round([side, side], &same)?);
    let itself = float16(matrix)?;
    let (left, right) = if columns == side { (itself, same) } else { (same, itself) };
    Ok(Box::new(LowRank::new(left, right)?))
}

/// The same matrix with its zeros left out.
pub fn sparse(matrix: &Matrix) -> Result<Matrix> {
    Ok(Box::new(Sparse::new(&**matrix)?))
}
