//! How a weight matrix is held. One file a codec, one row of [`TABLE`] each.
//!
//! A codec knows its bytes; what a backend does with them is the backend's business. A matrix is
//! always `[out, in]` (for the embedding: `[vocabulary, d]`), and a codec can give any row of it
//! as f32, which is all that the plain backends need.

pub mod float;
pub mod int8;

use std::collections::BTreeMap;
use std::fmt::Debug;

use crate::error::{At, Error, Result};
use crate::tensor::Tensor;

/// A matrix `[rows, columns]` in the form in which it is kept.
pub trait Codec: Debug + Send + Sync {
    /// The name in a package's metadata.
    fn name(&self) -> &'static str;

    /// `[rows, columns]`, that is `[out, in]`.
    fn shape(&self) -> [usize; 2];

    /// Writes row `row` to `out`, which is `columns` long.
    fn row(&self, row: usize, out: &mut [f32]);

    /// The parts as they stand in a package, by the suffixes that [`Entry::parts`] lists.
    fn parts(&self) -> Vec<(&'static str, Tensor)>;

    /// The matrix as 8-bit codes for products in integers, where it is that; such products are
    /// much faster than those in floats.
    fn integers(&self) -> Option<Integers> {
        None
    }

    /// The whole matrix as f32, row-major.
    fn to_f32(&self) -> Vec<f32> {
        let [rows, columns] = self.shape();
        let mut values = vec![0.0; rows * columns];
        if columns > 0 {
            values.chunks_exact_mut(columns).enumerate().for_each(|(row, out)| self.row(row, out));
        }
        values
    }
}

/// A matrix for products in integers: `weight[r][c] = codes[r][c] · step`.
#[derive(Clone, Debug)]
pub struct Integers {
    /// I8 `[out, in]`.
    pub codes: Tensor,
    /// The value of one unit of a row's codes; one for all rows, or `[out]`.
    pub steps: Vec<f32>,
    /// The multiplier with which activations enter the product; where there is none, each row of
    /// activations gets its own.
    pub input_scale: Option<f32>,
}

/// A matrix behind its codec.
pub type Matrix = Box<dyn Codec>;

/// One row of the table of codecs.
#[derive(Debug)]
pub struct Entry {
    /// The name in a package's metadata.
    pub name: &'static str,
    /// The suffixes of the tensors that hold a matrix: `NAME.codes`, `NAME.scale`, …
    pub parts: &'static [&'static str],
    read: fn(Parts<'_>) -> Result<Matrix>,
}

/// Every codec that this build reads.
pub const TABLE: &[Entry] = &[float::F32, int8::INT8];

/// The tensors of one matrix, by suffix, and the shape that it must have.
#[derive(Debug)]
pub struct Parts<'a> {
    shape: [usize; 2],
    tensors: BTreeMap<&'a str, Tensor>,
}

impl Parts<'_> {
    fn get(&self, suffix: &str) -> Result<&Tensor> {
        self.tensors
            .get(suffix)
            .ok_or_else(|| Error::malformed(format!("the part `.{suffix}` is missing")))
    }
}

/// Finds a codec by the name in a package's metadata.
///
/// # Errors
/// `Unsupported` for a name that this build does not know.
pub fn find(name: &str) -> Result<&'static Entry> {
    TABLE.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let known: Vec<_> = TABLE.iter().map(|entry| entry.name).collect();
        Error::unsupported(format!("unknown codec `{name}`; this build reads {}", known.join(", ")))
    })
}

impl Entry {
    /// Reads a matrix of `shape` `[rows, columns]`; `part` finds its tensors by suffix.
    ///
    /// # Errors
    /// `Malformed` when a part is missing or does not fit the shape.
    pub fn read(&self, shape: [usize; 2], part: impl Fn(&str) -> Option<Tensor>) -> Result<Matrix> {
        let tensors =
            self.parts.iter().filter_map(|&suffix| Some((suffix, part(suffix)?))).collect();
        (self.read)(Parts { shape, tensors }).at(format!("codec {}", self.name))
    }
}

/// `Malformed` unless `tensor` has exactly the shape that the architecture asks for.
fn expect_shape(tensor: &Tensor, expected: &[usize], part: &str) -> Result<()> {
    if tensor.shape() == expected {
        return Ok(());
    }
    Err(Error::malformed(format!(
        "part `.{part}`: expected shape {expected:?}, the file holds {:?}",
        tensor.shape()
    )))
}
