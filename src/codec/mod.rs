//! How a weight matrix is held. One file a codec, one row of [`TABLE`] each.
//!
//! A codec knows its bytes; what a backend does with them is the backend's business. A matrix is
//! always `[out, in]` (for the embedding: `[vocabulary, d]`), and a codec can give any row of it
//! as f32, which is all that the plain backends need.

pub mod codebook;
pub mod entropy;
pub mod float;
pub mod float16;
pub mod int;
pub mod int8;
#[cfg(feature = "compress")]
pub mod latent;
pub mod low_rank;
mod nested;
pub mod sparse;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::RangeInclusive;

use self::int::{Bits, GroupSize};
use crate::error::{At, Error, Result};
use crate::tensor::Tensor;

/// What a codec must know beside the shape of a matrix, by name, as the metadata has it.
pub type Parameters = serde_json::Map<String, serde_json::Value>;

/// A matrix `[rows, columns]` in the form in which it is kept.
pub trait Codec: Debug + Send + Sync {
    /// The name in a package's metadata.
    fn name(&self) -> &'static str;

    /// `[rows, columns]`, that is `[out, in]`.
    fn shape(&self) -> [usize; 2];

    /// The parameters as they stand in a package's metadata: those that [`Entry::parameters`]
    /// lists.
    fn parameters(&self) -> Parameters {
        Parameters::new()
    }

    /// Writes row `row` to `out`, which is `columns` long.
    fn row(&self, row: usize, out: &mut [f32]);

    /// The parts as they stand in a package, by the suffixes that [`Entry::parts`] lists.
    fn parts(&self) -> Vec<(&'static str, Tensor)>;

    /// The matrix as 8-bit codes for products in integers, where it is that; such products are
    /// much faster than those in floats.
    fn integers(&self) -> Option<Integers> {
        None
    }

    /// The matrix as it is kept, for backends whose kernels read that form; nothing is unpacked.
    fn stored(&self) -> Stored<'_> {
        Stored::Other
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

/// What a codec keeps of a matrix `[out, in]`, row-major; half floats as little-endian bytes, which
/// files do not align.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Stored<'a> {
    /// The weights, `[out, in]`.
    Float32(&'a [f32]),
    /// The weights, half floats `[out, in]`, finite.
    Float16(&'a [u8]),
    /// `weight = code / scale`.
    Int8 {
        /// `[out, in]`.
        codes: &'a [i8],
        /// Positive.
        scale: f32,
        /// The multiplier with which activations enter a product in integers; positive.
        input_scale: Option<f32>,
    },
    /// `weight = (code − bits.offset()) · scale of its group`.
    Int {
        /// Bits a code.
        bits: Bits,
        /// Columns a group.
        group_size: GroupSize,
        /// `[out, bits.row_bytes(in)]`, codes packed from the least significant bit on; bits after
        /// a row's last code are zero.
        codes: &'a [u8],
        /// Half floats `[out, group_size.groups(in)]`, finite.
        scales: &'a [u8],
    },
    /// `weight = left · right`.
    LowRank {
        /// `[out, rank]`.
        left: &'a Matrix,
        /// `[rank, in]`.
        right: &'a Matrix,
    },
    /// This one, with its zeros; a file leaves them out.
    Sparse(&'a Matrix),
    /// A form that only [`Codec::row`] gives.
    Other,
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
    /// The names of the parameters that a matrix has in the metadata, every one of them.
    pub parameters: &'static [&'static str],
    read: fn(Parts<'_>) -> Result<Matrix>,
}

/// Every codec that this build reads.
pub const TABLE: &[Entry] = &[
    float::F32,
    float16::F16,
    int8::INT8,
    int::INT,
    entropy::ENTROPY,
    codebook::CODEBOOK,
    low_rank::LOW_RANK,
    sparse::SPARSE,
];

/// The tensors of one matrix, by suffix, its parameters, and the shape that it must have.
#[derive(Debug)]
pub struct Parts<'a> {
    shape: [usize; 2],
    parameters: &'a Parameters,
    tensors: BTreeMap<&'a str, Tensor>,
}

impl Parts<'_> {
    fn get(&self, suffix: &str) -> Result<&Tensor> {
        self.tensors
            .get(suffix)
            .ok_or_else(|| Error::malformed(format!("the part `.{suffix}` is missing")))
    }

    /// The parameter `name`, a whole number in `range`.
    fn integer(&self, name: &str, range: RangeInclusive<u64>) -> Result<u64> {
        let value = self.parameters.get(name);
        let value =
            value.ok_or_else(|| Error::malformed(format!("the parameter `{name}` is missing")))?;
        value.as_u64().filter(|number| range.contains(number)).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            Error::malformed(format!(
                "parameter `{name}`: expected a whole number from {least} to {most}, found {value}"
            ))
        })
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

/// The same matrix once more, read from its own parts, which are shared.
///
/// # Errors
/// None that a matrix in memory should meet.
pub fn copy(matrix: &dyn Codec) -> Result<Matrix> {
    let parts = matrix.parts();
    let part = |suffix: &str| {
        parts.iter().find(|(name, _)| *name == suffix).map(|(_, tensor)| tensor.clone())
    };
    find(matrix.name())?.read(matrix.shape(), &matrix.parameters(), part)
}

impl Entry {
    /// Reads a matrix of `shape` `[rows, columns]`; `part` finds its tensors by suffix.
    ///
    /// # Errors
    /// `Malformed` when a part is missing or does not fit the shape, and when a parameter is
    /// unknown, missing or out of range.
    pub fn read(
        &self,
        shape: [usize; 2],
        parameters: &Parameters,
        part: impl Fn(&str) -> Option<Tensor>,
    ) -> Result<Matrix> {
        let tensors =
            self.parts.iter().filter_map(|&suffix| Some((suffix, part(suffix)?))).collect();
        self.expect_known(parameters)
            .and_then(|()| (self.read)(Parts { shape, parameters, tensors }))
            .at(format!("codec {}", self.name))
    }

    /// `Malformed` where there is a parameter that this codec does not have: weights are not to be
    /// guessed from half of what a file says about them.
    fn expect_known(&self, parameters: &Parameters) -> Result<()> {
        match parameters.keys().find(|name| !self.parameters.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(Error::malformed(format!("unknown parameter `{name}`"))),
        }
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

/// `InvalidInput` unless `count` elements fill the shape.
fn expect_elements(shape: [usize; 2], count: usize) -> Result<()> {
    if shape[0].checked_mul(shape[1]) == Some(count) {
        return Ok(());
    }
    Err(Error::invalid(format!("{count} elements do not fill {shape:?}")))
}
