//! Vector quantisation: `NAME.codes`, U8 `[out, bytes a row]`; `NAME.values`, F16
//! `[books, codes, dimension]`. The metadata gives `dimension`.
//!
//! A row is cut into runs of `dimension` weights, and each run is one of at most 256 that all rows
//! share: the code says which. There is one book of these for all runs, or one for each run of a
//! row, which is product quantisation. The last run of a row may be shorter; it is the beginning of
//! its code's. Codes of as many bits as their number asks for, at least 2, are packed as those of the
//! codec `int` are: along a row, from the least significant bit of its first byte on.

use half::f16;

use super::float16::expect_finite;
use super::int::{Bits, packing};
use super::{Codec, Entry, Matrix, Parameters, Parts, expect_elements, expect_shape};
use crate::error::{At, Error, Result};
use crate::tensor::{Dtype, Tensor};

/// The row of this codec in the table.
pub const CODEBOOK: Entry =
    Entry { name: "codebook", parts: &["codes", "values"], parameters: &["dimension"], read };

/// Most codes of a matrix.
pub const MOST_CODES: usize = 256;

/// Weights that share a code: 1 to 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dimension(u8);

impl Dimension {
    const LEAST: u64 = 1;
    const MOST: u64 = 16;

    /// # Errors
    /// `InvalidInput` for 0 and for more than 16.
    pub fn new(weights: u64) -> Result<Self> {
        match weights {
            Self::LEAST..=Self::MOST => Ok(Dimension(weights as u8)),
            _ => Err(Error::invalid(format!("{weights} weights a code: 1 to 16 are possible"))),
        }
    }

    /// The number.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

/// A matrix of codes that stand for runs of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Codebook {
    shape: [usize; 2],
    dimension: Dimension,
    bits: Bits,
    /// U8 `[out, bytes a row]`; bits after a row's last code are zero, every code has values.
    codes: Tensor,
    /// F16 `[books, codes, dimension]`, finite.
    values: Tensor,
    /// `values`, unpacked.
    unpacked: Vec<f32>,
}

impl Codebook {
    /// A matrix `[out, in]` from its packed codes, U8 `[out, bytes a row]`, and their values, F16
    /// `[books, codes, dimension]`.
    ///
    /// # Errors
    /// `Malformed` when a part has another type or shape, a value is not finite, a code has no
    /// values, or a row has bits after its last code.
    pub fn new(
        shape: [usize; 2],
        dimension: Dimension,
        codes: Tensor,
        values: Tensor,
    ) -> Result<Self> {
        let [rows, columns] = shape;
        let runs = columns.div_ceil(dimension.get());
        values.expect(Dtype::F16).at("part `.values`")?;
        let count = match *values.shape() {
            [books, count @ 1..=MOST_CODES, width]
                if width == dimension.get() && (books == 1 || books == runs) =>
            {
                count
            }
            _ => {
                return Err(Error::malformed(format!(
                    "part `.values`: expected shape [1 or {runs}, 1 to {MOST_CODES}, {}], the file \
                     holds {:?}",
                    dimension.get(),
                    values.shape()
                )));
            }
        };
        expect_finite(&values).at("part `.values`")?;
        let bits = bits(count)?;
        codes.expect(Dtype::U8).at("part `.codes`")?;
        expect_shape(&codes, &[rows, bits.row_bytes(runs)], "codes")?;
        if let Some(row) = packing::unclean(bits, runs, codes.data()) {
            return Err(Error::malformed(format!(
                "part `.codes`: row {row} has bits after its last code that are not zero"
            )));
        }
        let halves = values.data().as_chunks::<2>().0.iter();
        let unpacked = halves.map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect();
        let codebook = Codebook { shape, dimension, bits, codes, values, unpacked };
        let mut codes = vec![0; runs];
        for row in 0..if runs == 0 { 0 } else { rows } {
            codebook.codes(row, &mut codes);
            if let Some(code) = codes.iter().find(|code| usize::from(**code) >= count) {
                return Err(Error::malformed(format!(
                    "part `.codes`: row {row} has the code {code}, and there are {count}"
                )));
            }
        }
        Ok(codebook)
    }

    /// A matrix `[out, in]` from its codes, `[out, ⌈in / dimension⌉]`, and their values,
    /// `[books, codes, dimension]`, both row-major.
    ///
    /// # Errors
    /// `InvalidInput` when codes or values do not fill their shapes; else as [`Codebook::new`].
    pub fn from_codes(
        shape: [usize; 2],
        dimension: Dimension,
        codes: &[u8],
        books: usize,
        values: &[f16],
    ) -> Result<Self> {
        let [rows, columns] = shape;
        let runs = columns.div_ceil(dimension.get());
        expect_elements([rows, runs], codes.len()).at("codes")?;
        let book = books.max(1) * dimension.get();
        let count = values.len() / book;
        expect_elements([count, book], values.len()).at("values")?;
        let bits = bits(count)?;
        let row_bytes = bits.row_bytes(runs);
        let mut packed = vec![0; rows * row_bytes];
        // What is no code is refused below, as a file's would be.
        let most = u8::MAX >> (8 - bits.get());
        let signed: Vec<i8> =
            codes.iter().map(|code| (i16::from(*code.min(&most)) - bits.offset()) as i8).collect();
        if runs > 0 {
            let rows = signed.chunks_exact(runs).zip(packed.chunks_exact_mut(row_bytes));
            rows.for_each(|(codes, bytes)| packing::pack(bits, codes, bytes));
        }
        let packed = Tensor::new(Dtype::U8, vec![rows, row_bytes], packed.into())?;
        let values = Tensor::from_f16(vec![books, count, dimension.get()], values);
        Self::new(shape, dimension, packed, values)
    }

    /// A row's codes.
    pub(super) fn codes(&self, row: usize, out: &mut [u8]) {
        let bytes = self.codes.shape()[1];
        let packed = &self.codes.data()[row * bytes..][..bytes];
        let mut values = vec![0.0; out.len()];
        packing::unpack(self.bits, packed, &mut values);
        let offset = f32::from(self.bits.offset());
        out.iter_mut().zip(values).for_each(|(code, value)| *code = (value + offset) as u8);
    }
}

/// Bits of a code of so many.
fn bits(count: usize) -> Result<Bits> {
    let most = count.max(1) - 1;
    Bits::new(u64::from(usize::BITS - most.leading_zeros()).max(2))
}

fn read(parts: Parts<'_>) -> Result<Matrix> {
    let dimension = parts.integer("dimension", Dimension::LEAST..=Dimension::MOST)?;
    let (codes, values) = (parts.get("codes")?.clone(), parts.get("values")?.clone());
    Ok(Box::new(Codebook::new(parts.shape, Dimension::new(dimension)?, codes, values)?))
}

impl Codec for Codebook {
    fn name(&self) -> &'static str {
        CODEBOOK.name
    }

    fn shape(&self) -> [usize; 2] {
        self.shape
    }

    fn parameters(&self) -> Parameters {
        [("dimension".to_owned(), self.dimension.get().into())].into_iter().collect()
    }

    fn row(&self, row: usize, out: &mut [f32]) {
        let dimension = self.dimension.get();
        let mut codes = vec![0; out.len().div_ceil(dimension)];
        self.codes(row, &mut codes);
        // The step from a run's book to the next one's, which may be the same.
        let next = if self.values.shape()[0] == 1 { 0 } else { self.values.shape()[1] };
        for ((run, code), out) in codes.into_iter().enumerate().zip(out.chunks_mut(dimension)) {
            let at = (run * next + usize::from(code)) * dimension;
            out.copy_from_slice(&self.unpacked[at..][..out.len()]);
        }
    }

    fn parts(&self) -> Vec<(&'static str, Tensor)> {
        vec![("codes", self.codes.clone()), ("values", self.values.clone())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halves(values: &[f32]) -> Vec<f16> {
        values.iter().copied().map(f16::from_f32).collect()
    }

    #[test]
    fn a_code_stands_for_a_run_of_weights() {
        let values = halves(&[1.0, 2.0, -3.0, 0.5, 0.0, -0.25]);
        let dimension = Dimension::new(2).unwrap();
        let codes = [0, 1, 2, 2, 1, 0];
        let matrix = Codebook::from_codes([2, 5], dimension, &codes, 1, &values).unwrap();
        let expected = [1.0, 2.0, -3.0, 0.5, 0.0, 0.0, -0.25, -3.0, 0.5, 1.0];
        assert_eq!(matrix.to_f32(), expected);
        // Three codes take 2 bits each.
        assert_eq!(matrix.codes.data()[..], [0b10_01_00, 0b00_01_10]);
        // The same values as books of one code for each of three runs.
        let matrix = Codebook::from_codes([2, 5], dimension, &[0; 6], 3, &values).unwrap();
        assert_eq!(matrix.to_f32(), [[1.0, 2.0, -3.0, 0.5, 0.0]; 2].concat());
    }

    #[test]
    fn codes_of_any_number_come_back() {
        for count in [1, 2, 3, 4, 5, 16, 17, 100, 256] {
            let values: Vec<f32> = (0..count).map(|code| code as f32).collect();
            let codes: Vec<u8> = (0..3 * 37).map(|at| (at * 7 % count) as u8).collect();
            let one = Dimension::new(1).unwrap();
            let matrix = Codebook::from_codes([3, 37], one, &codes, 1, &halves(&values)).unwrap();
            let expected: Vec<f32> = codes.iter().map(|code| f32::from(*code)).collect();
            assert_eq!(matrix.to_f32(), expected, "{count} codes");
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let dimension = Dimension::new(2).unwrap();
        let error = |codes: &[u8], values: &[f32]| {
            let matrix = Codebook::from_codes([2, 3], dimension, codes, 1, &halves(values));
            matrix.unwrap_err().to_string()
        };
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(error(&[0, 1, 2], &values), "codes: 3 elements do not fill [2, 2]");
        assert_eq!(error(&[0; 4], &values[1..]), "values: 5 elements do not fill [2, 2]");
        let text = error(&[0, 1, 3, 2], &values);
        assert_eq!(text, "part `.codes`: row 1 has the code 3, and there are 3");
        assert!(error(&[0, 1, 200, 2], &values).contains("row 1 has the code 3"));
        assert_eq!(error(&[0; 4], &[1.0, f32::NAN]), "part `.values`: element 1 is NaN");
        assert!(error(&[0; 4], &[]).contains("expected shape [1 or 2, 1 to 256, 2]"));
        assert!(error(&[0; 4], &[0.5; 514]).contains("9 bits"), "257 codes");
        for weights in [0, 17, u64::MAX] {
            assert!(Dimension::new(weights).is_err());
        }
    }
}
