//! Codes of 2 to 8 bits in groups: `NAME.codes`, U8 `[out, ⌈in · bits / 8⌉]`; `NAME.scales`, F16
//! `[out, ⌈in / group size⌉]`. The metadata gives `bits` and `group_size`.
//!
//! `weight = value · scale`, where each run of `group_size` columns of a row has a scale of its own
//! and a code is `value + 2^(bits − 1)`. Codes stand along a row, least significant bit first, and
//! each row begins with a byte, so that every row can be read alone; one shift and one mask give a
//! code of 2, 4 or 8 bits. There is no zero point: trained weights lie evenly around zero.

pub(crate) mod nearest;
pub(crate) mod packing;
mod sizes;

use half::f16;

use super::float16::expect_finite;
use super::{
    Codec, Entry, Integers, Matrix, Parameters, Parts, Stored, expect_elements, expect_shape,
};
use crate::error::{At, Error, Result};
use crate::tensor::{Dtype, Tensor};

pub use self::sizes::{Bits, GroupSize};

/// The row of this codec in the table.
pub const INT: Entry =
    Entry { name: "int", parts: &["codes", "scales"], parameters: &["bits", "group_size"], read };

/// A matrix of codes in groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Int {
    shape: [usize; 2],
    bits: Bits,
    group_size: GroupSize,
    /// U8 `[out, bytes a row]`; bits after a row's last code are zero.
    codes: Tensor,
    /// F16 `[out, groups]`, finite.
    scales: Tensor,
}

impl Int {
    /// A matrix `[out, in]` from its packed codes, U8 `[out, bytes a row]`, and its scales, F16
    /// `[out, groups]`. Scales may be zero or negative.
    ///
    /// # Errors
    /// `Malformed` when a part has another type or shape, a scale is not finite, or a row has bits
    /// after its last code.
    pub fn new(
        shape: [usize; 2],
        bits: Bits,
        group_size: GroupSize,
        codes: Tensor,
        scales: Tensor,
    ) -> Result<Self> {
        let [rows, columns] = shape;
        codes.expect(Dtype::U8).at("part `.codes`")?;
        expect_shape(&codes, &[rows, bits.row_bytes(columns)], "codes")?;
        scales.expect(Dtype::F16).at("part `.scales`")?;
        expect_shape(&scales, &[rows, group_size.groups(columns)], "scales")?;
        expect_finite(&scales).at("part `.scales`")?;
        // The same weights are always the same bytes, and what reads whole words reads no junk.
        match packing::unclean(bits, columns, codes.data()) {
            None => Ok(Int { shape, bits, group_size, codes, scales }),
            Some(row) => Err(Error::malformed(format!(
                "part `.codes`: row {row} has bits after its last code that are not zero"
            ))),
        }
    }

    /// A matrix `[out, in]` from its values, `[out, in]`, and its scales, `[out, groups]`, both
    /// row-major: whatever rounding made them.
    ///
    /// # Errors
    /// `InvalidInput` when values or scales do not fill the shape, when the bits do not hold a
    /// value, or when a scale is not finite.
    pub fn from_values(
        shape: [usize; 2],
        bits: Bits,
        group_size: GroupSize,
        values: &[i8],
        scales: &[f16],
    ) -> Result<Self> {
        let [rows, columns] = shape;
        expect_elements(shape, values.len())?;
        let groups = group_size.groups(columns);
        expect_elements([rows, groups], scales.len()).at("scales")?;
        let range = -bits.offset()..bits.offset();
        if let Some(at) = values.iter().position(|&value| !range.contains(&i16::from(value))) {
            let [row, column] = [at / columns, at % columns];
            return Err(Error::invalid(format!(
                "element [{row}, {column}] is {}, which {} bits do not hold",
                values[at],
                bits.get()
            )));
        }
        if let Some(at) = scales.iter().position(|scale| !scale.is_finite()) {
            let [row, group] = [at / groups, at % groups];
            return Err(Error::invalid(format!("scale [{row}, {group}] is {}", scales[at])));
        }
        let row_bytes = bits.row_bytes(columns);
        let mut codes = vec![0; rows * row_bytes];
        if columns > 0 {
            let rows = values.chunks_exact(columns).zip(codes.chunks_exact_mut(row_bytes));
            rows.for_each(|(values, bytes)| packing::pack(bits, values, bytes));
        }
        let codes = Tensor::new(Dtype::U8, vec![rows, row_bytes], codes.into())?;
        let scales = Tensor::from_f16(vec![rows, groups], scales);
        Ok(Int { shape, bits, group_size, codes, scales })
    }

    /// A row's codes, packed.
    fn packed(&self, row: usize) -> &[u8] {
        let bytes = self.codes.shape()[1];
        &self.codes.data()[row * bytes..][..bytes]
    }

    /// A row's scales, one a group.
    fn scales(&self, row: usize) -> impl Iterator<Item = f32> {
        let groups = self.scales.shape()[1];
        let halves = &self.scales.data()[2 * row * groups..][..2 * groups];
        halves.as_chunks::<2>().0.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f32())
    }
}

fn read(parts: Parts<'_>) -> Result<Matrix> {
    let bits = parts.integer("bits", Bits::LEAST..=Bits::MOST)?;
    let group_size = parts.integer("group_size", 1..=u32::MAX.into())?;
    let (codes, scales) = (parts.get("codes")?.clone(), parts.get("scales")?.clone());
    let int = Int::new(parts.shape, Bits::new(bits)?, GroupSize::new(group_size)?, codes, scales)?;
    Ok(Box::new(int))
}

impl Codec for Int {
    fn name(&self) -> &'static str {
        INT.name
    }

    fn shape(&self) -> [usize; 2] {
        self.shape
    }

    fn parameters(&self) -> Parameters {
        let entry = |name: &str, number: usize| (name.to_owned(), number.into());
        [entry("bits", self.bits.get()), entry("group_size", self.group_size.get())]
            .into_iter()
            .collect()
    }

    fn row(&self, row: usize, out: &mut [f32]) {
        packing::unpack(self.bits, self.packed(row), out);
        for (values, scale) in out.chunks_mut(self.group_size.get()).zip(self.scales(row)) {
            values.iter_mut().for_each(|value| *value *= scale);
        }
    }

    /// With one scale a row, sums of products can stay in integers until the row's end.
    fn integers(&self) -> Option<Integers> {
        let [rows, columns] = self.shape;
        if self.group_size.groups(columns) != 1 || rows == 0 {
            return None;
        }
        let mut values = vec![0.0; columns];
        let mut codes = vec![0; rows * columns];
        for (row, codes) in codes.chunks_exact_mut(columns).enumerate() {
            packing::unpack(self.bits, self.packed(row), &mut values);
            for (code, value) in codes.iter_mut().zip(&values) {
                *code = (*value as i8).cast_unsigned();
            }
        }
        let codes = Tensor::new(Dtype::I8, self.shape.to_vec(), codes.into()).ok()?;
        let steps = (0..rows).flat_map(|row| self.scales(row)).collect();
        Some(Integers { codes, steps, input_scale: None })
    }

    fn stored(&self) -> Stored<'_> {
        Stored::Int {
            bits: self.bits,
            group_size: self.group_size,
            codes: self.codes.data(),
            scales: self.scales.data(),
        }
    }

    fn parts(&self) -> Vec<(&'static str, Tensor)> {
        vec![("codes", self.codes.clone()), ("scales", self.scales.clone())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALES: [f32; 4] = [0.5, -2.0, 0.0, 3.0];

    fn halves(scales: &[f32]) -> Vec<f16> {
        scales.iter().copied().map(f16::from_f32).collect()
    }

    /// `[2, 3]`, 4 bits, groups of 2.
    fn from_values(values: &[i8], scales: &[f32]) -> Result<Int> {
        Int::from_values([2, 3], Bits::new(4)?, GroupSize::new(2)?, values, &halves(scales))
    }

    #[test]
    fn weights_are_values_times_the_scale_of_their_group() {
        let int = from_values(&[1, -8, 7, 5, -1, 2], &SCALES).unwrap();
        assert_eq!(int.to_f32(), [0.5, -4.0, -14.0, 0.0, -0.0, 6.0]);
        // Codes 9, 0; 15 · 13, 7; 10.
        assert_eq!(int.codes.data()[..], [0x09, 0x0f, 0x7d, 0x0a]);
        assert_eq!(int.codes.shape(), [2, 2]);
        assert_eq!(int.scales.shape(), [2, 2]);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let error =
            |values: &[i8], scales: &[f32]| from_values(values, scales).unwrap_err().to_string();
        let sound = [1, -8, 7, 5, -1, 2];
        assert_eq!(error(&sound[1..], &SCALES), "5 elements do not fill [2, 3]");
        assert_eq!(error(&sound, &SCALES[1..]), "scales: 3 elements do not fill [2, 2]");
        let large = error(&[1, -8, 7, 5, 8, 2], &SCALES);
        assert_eq!(large, "element [1, 1] is 8, which 4 bits do not hold");
        assert!(from_values(&[1, -9, 7, 5, 7, 2], &SCALES).is_err());
        assert_eq!(error(&sound, &[0.5, 1.0, 1.0, f32::NAN]), "scale [1, 1] is NaN");
        assert_eq!(error(&sound, &[0.5, 1.0, 1e6, 0.0]), "scale [1, 0] is inf");
    }

    #[test]
    fn one_group_a_row_is_a_matrix_of_integers() {
        let group = |columns| GroupSize::new(columns).unwrap();
        for bits in (2..=8).map(|bits| Bits::new(bits).unwrap()) {
            let top = (bits.offset() - 1) as i8;
            let values = [top, -top - 1, 0, -1, 1, top - 1];
            let scales = halves(&[0.5, -2.0]);
            let int = Int::from_values([2, 3], bits, group(3), &values, &scales).unwrap();
            let integers = int.integers().expect("a scale a row");
            assert_eq!(integers.codes.data()[..], values.map(i8::cast_unsigned));
            assert_eq!(integers.steps, [0.5, -2.0]);
            assert_eq!(integers.input_scale, None);
            let scales = halves(&SCALES);
            let int = Int::from_values([2, 3], bits, group(2), &values, &scales).unwrap();
            assert!(int.integers().is_none());
        }
    }
}
