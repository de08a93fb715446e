//! Codes of 2 to 8 bits in groups: `NAME.codes`, U8 `[out, ⌈in · bits / 8⌉]`; `NAME.scales`, F16
//! `[out, ⌈in / group size⌉]`. The metadata gives `bits` and `group_size`.
//!
//! `weight = value · scale`, where each run of `group_size` columns of a row has a scale of its own
//! and a code is `value + 2^(bits − 1)`. Codes stand along a row, least significant bit first, and
//! each row begins with a byte. So every row can be read alone, and a device needs one shift and
//! one mask for a code. There is no zero point: trained weights lie evenly around zero.

pub(crate) mod packing;

use std::fmt;

use half::f16;

use super::float16::expect_finite;
use super::{
    Codec, Entry, Integers, Matrix, Parameters, Parts, Stored, expect_elements, expect_shape,
};
use crate::error::{At, Error, Result};
use crate::tensor::{Dtype, Tensor};

/// The row of this codec in the table.
pub const INT: Entry =
    Entry { name: "int", parts: &["codes", "scales"], parameters: &["bits", "group_size"], read };

/// Bits a code: 2 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bits(u8);

impl Bits {
    const LEAST: u64 = 2;
    const MOST: u64 = 8;

    /// # Errors
    /// `InvalidInput` for fewer than 2 or more than 8.
    pub fn new(bits: u64) -> Result<Self> {
        match bits {
            Self::LEAST..=Self::MOST => Ok(Bits(bits as u8)),
            _ => Err(Error::invalid(format!("{bits} bits a code: 2 to 8 are possible"))),
        }
    }

    /// The number.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }

    /// What is added to a value to make its code: `2^(bits − 1)`. Values are `-offset` and above,
    /// and below `offset`.
    pub fn offset(self) -> i16 {
        1 << (self.0 - 1)
    }

    /// Bytes of a row of `columns` codes.
    pub fn row_bytes(self, columns: usize) -> usize {
        // 8 codes fill as many bytes as one has bits. No sum here exceeds `columns`.
        columns / 8 * self.get() + (columns % 8 * self.get()).div_ceil(8)
    }
}

/// Columns that share a scale: at least 1. The last group of a row may be shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupSize(u32);

impl GroupSize {
    /// # Errors
    /// `InvalidInput` for 0 and for what 32 bits do not hold.
    pub fn new(columns: u64) -> Result<Self> {
        match u32::try_from(columns) {
            Ok(columns @ 1..) => Ok(GroupSize(columns)),
            _ => Err(Error::invalid(format!("no group has {columns} columns"))),
        }
    }

    /// The number.
    pub fn get(self) -> usize {
        self.0 as usize
    }

    /// Groups in a row of `columns`.
    pub fn groups(self, columns: usize) -> usize {
        columns.div_ceil(self.get())
    }
}

/// A matrix of codes in groups.
#[derive(Clone, PartialEq)]
pub struct Int {
    shape: [usize; 2],
    bits: Bits,
    group_size: GroupSize,
    /// U8 `[out, bytes a row]`; bits after a row's last code are zero.
    codes: Tensor,
    /// F16 `[out, groups]`, finite.
    scales: Tensor,
}

impl fmt::Debug for Int {
    /// Without the megabytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Int { shape, bits, group_size, .. } = self;
        write!(f, "Int {{ shape: {shape:?}, bits: {}, group_size: {} }}", bits.0, group_size.0)
    }
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

    /// Rounds a matrix `[out, in]` of floats, row-major, to the nearest values. A group's largest
    /// weight gets the largest value; its scale is rounded to a half float first, so that the values
    /// fit the scale that is kept. The lowest code stays unused.
    ///
    /// # Errors
    /// `InvalidInput` when the weights do not fill the shape, one is not finite, or a group needs a
    /// scale above the largest half float.
    pub fn nearest(
        shape: [usize; 2],
        bits: Bits,
        group_size: GroupSize,
        weights: &[f32],
    ) -> Result<Self> {
        let [rows, columns] = shape;
        expect_elements(shape, weights.len())?;
        let largest = f32::from(bits.offset() - 1);
        let mut values = Vec::with_capacity(weights.len());
        let mut scales = Vec::with_capacity(rows * group_size.groups(columns));
        for row in 0..rows {
            let weights = &weights[row * columns..][..columns];
            if let Some(column) = weights.iter().position(|weight| !weight.is_finite()) {
                let weight = weights[column];
                return Err(Error::invalid(format!("element [{row}, {column}] is {weight}")));
            }
            for (group, weights) in weights.chunks(group_size.get()).enumerate() {
                let most = weights.iter().fold(0f32, |most, weight| most.max(weight.abs()));
                let scale = f16::from_f32(most / largest);
                if !scale.is_finite() {
                    return Err(Error::invalid(format!(
                        "row {row}, group {group}: weights up to {most} need a scale above {}",
                        f16::MAX
                    )));
                }
                scales.push(scale);
                let unit = scale.to_f32();
                values.extend(weights.iter().map(|weight| match unit {
                    // All are zero, or too small for any half float.
                    0.0 => 0,
                    _ => (weight / unit).round_ties_even().clamp(-largest, largest) as i8,
                }));
            }
        }
        Self::from_values(shape, bits, group_size, &values, &scales)
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
        if self.group_size.groups(columns) != 1 {
            return None;
        }
        let mut codes = vec![0u8; rows * columns];
        for (row, out) in codes.chunks_exact_mut(columns).enumerate() {
            packing::unpack(self.bits, self.packed(row), bytemuck::cast_slice_mut::<u8, i8>(out));
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
