//! Weights of which many are zero: `NAME.bitmap`, U8 `[out, ⌈in / 8⌉]`, a bit for each weight, from
//! the least significant bit of a row's first byte on; and the weights whose bit is set, row by row,
//! in the codec that they had (`f32`, `f16`, `int8` or `int`) under `NAME.weights`. The metadata
//! gives `weights`.
//!
//! Of that codec's parts the one with an element for each weight (`values` or `codes`) holds as many
//! as there are bits set, one after the other; of `int` they are packed as if all were one row. What
//! else it has, such as scales, is as it was. Nothing is lost: a bit is clear where the element is
//! that of zero, and a zero with a sign is another one.
//!
//! This is a form for files. In memory the matrix is the one that it was, with all its zeros, since
//! products take no less time for knowing them.

use super::float::F32;
use super::float16::F16;
use super::int::{Bits, INT, packing};
use super::int8::INT8;
use super::{
    Codec, Entry, Integers, Matrix, Parameters, Parts, Stored, copy, expect_shape, nested,
};
use crate::error::{At, Error, Result};
use crate::tensor::{Dtype, Tensor};

/// The row of this codec in the table.
pub const SPARSE: Entry = Entry {
    name: "sparse",
    parts: &[
        "bitmap",
        "weights.values",
        "weights.codes",
        "weights.scale",
        "weights.input_scale",
        "weights.scales",
    ],
    parameters: &["weights"],
    read,
};

/// How weights may be held.
const WEIGHTS: &[&Entry] = &[&F32, &F16, &INT8, &INT];

/// A matrix with many zeros.
#[derive(Debug)]
pub struct Sparse {
    /// With its zeros.
    dense: Matrix,
    /// As a file holds them.
    parts: Vec<(&'static str, Tensor)>,
}

/// The elements of a codec, one a weight.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// The part of that suffix, of so many bytes an element; zero is all bits zero.
    Bytes(&'static str, usize),
    /// Codes of a few bits.
    Packed(Bits),
}

impl Form {
    fn of(codec: &str, parameters: &Parameters) -> Result<Self> {
        let form = match codec {
            name if name == F32.name => Form::Bytes("values", 4),
            name if name == F16.name => Form::Bytes("values", 2),
            name if name == INT8.name => Form::Bytes("codes", 1),
            name if name == INT.name => {
                let bits = parameters.get("bits").and_then(serde_json::Value::as_u64);
                let bits = bits.ok_or_else(|| Error::malformed("the parameter `bits` is missing"));
                Form::Packed(bits.and_then(Bits::new)?)
            }
            name => {
                let message = format!("weights in the codec {name} are not held one by one");
                return Err(Error::invalid(message));
            }
        };
        Ok(form)
    }

    fn part(self) -> &'static str {
        match self {
            Form::Bytes(part, _) => part,
            Form::Packed(_) => "codes",
        }
    }
}

impl Sparse {
    /// A matrix in this form, its zeros left out.
    ///
    /// # Errors
    /// `InvalidInput` when its codec is none of `f32`, `f16`, `int8` and `int`.
    pub fn new(matrix: &dyn Codec) -> Result<Self> {
        let shape = matrix.shape();
        let form = Form::of(matrix.name(), &matrix.parameters())?;
        let (dense, mut parts) = (copy(matrix)?, matrix.parts());
        let mut bitmap = None;
        for (_, tensor) in parts.iter_mut().filter(|(name, _)| *name == form.part()) {
            let (bits, kept) = split(form, shape, tensor)?;
            (bitmap, *tensor) = (Some(bits), kept);
        }
        let parts = nested::parts(&SPARSE, "weights", parts);
        let parts = bitmap.map(|bitmap| ("bitmap", bitmap)).into_iter().chain(parts).collect();
        Ok(Sparse { dense, parts })
    }
}

/// The bitmap of a part that has an element for each weight, and those that are not zero.
fn split(form: Form, [rows, columns]: [usize; 2], part: &Tensor) -> Result<(Tensor, Tensor)> {
    let (size, elements) = match form {
        Form::Bytes(_, size) => (size, part.data().to_vec()),
        Form::Packed(bits) => {
            let mut codes = vec![0; rows * columns];
            let packed = part.data().chunks_exact(bits.row_bytes(columns).max(1));
            for (codes, packed) in codes.chunks_exact_mut(columns.max(1)).zip(packed) {
                unpack(bits, packed, codes);
            }
            (1, codes)
        }
    };
    let mut bitmap = Vec::with_capacity(rows * columns.div_ceil(8));
    let mut kept = Vec::new();
    for row in elements.chunks_exact((columns * size).max(1)) {
        for eight in row.chunks(8 * size) {
            let mut byte = 0;
            for (bit, element) in eight.chunks_exact(size).enumerate() {
                if element.iter().any(|byte| *byte != 0) {
                    byte |= 1 << bit;
                    kept.extend_from_slice(element);
                }
            }
            bitmap.push(byte);
        }
    }
    let (dtype, count) = (part.dtype(), kept.len() / size);
    let kept = match form {
        Form::Bytes(..) => Tensor::new(dtype, vec![count], kept.into())?,
        Form::Packed(bits) => Tensor::from_bytes(pack(bits, &kept)),
    };
    Ok((Tensor::new(Dtype::U8, vec![rows, columns.div_ceil(8)], bitmap.into())?, kept))
}

/// Codes as their values in a byte, of which zero is that of zero.
fn unpack(bits: Bits, packed: &[u8], codes: &mut [u8]) {
    let mut values = vec![0.0; codes.len()];
    packing::unpack(bits, packed, &mut values);
    codes.iter_mut().zip(values).for_each(|(code, value)| *code = (value as i8).cast_unsigned());
}

fn pack(bits: Bits, codes: &[u8]) -> Vec<u8> {
    let mut packed = vec![0; bits.row_bytes(codes.len())];
    packing::pack(bits, bytemuck::cast_slice(codes), &mut packed);
    packed
}

fn read(parts: Parts<'_>) -> Result<Matrix> {
    let [rows, columns] = parts.shape;
    let bitmap = parts.get("bitmap")?;
    bitmap.expect(Dtype::U8).at("part `.bitmap`")?;
    expect_shape(bitmap, &[rows, columns.div_ceil(8)], "bitmap")?;
    if let Some(row) = unclean(columns, bitmap.data()) {
        return Err(Error::malformed(format!(
            "part `.bitmap`: row {row} has bits after its last weight that are not zero"
        )));
    }
    let inner = parts.inner("weights", WEIGHTS)?;
    let form = Form::of(inner.entry.name, &inner.parameters).at("`weights`")?;
    let name = form.part();
    let place = || format!("part `.weights.{name}`");
    let part = inner.part(name);
    let part = part.ok_or_else(|| Error::malformed("is missing")).at(place())?;
    let count = bitmap.data().iter().map(|byte| byte.count_ones() as usize).sum();
    let dense = expand(form, parts.shape, bitmap.data(), count, &part).at(place())?;
    let dense = inner.read(parts.shape, Some((name, dense)))?;
    let held = inner.parts().into_iter();
    let held = nested::parts(&SPARSE, "weights", held.collect());
    let parts = std::iter::once(("bitmap", bitmap.clone())).chain(held).collect();
    Ok(Box::new(Sparse { dense, parts }))
}

/// The part with the zeros in it, from that without.
fn expand(
    form: Form,
    shape @ [rows, columns]: [usize; 2],
    bitmap: &[u8],
    count: usize,
    part: &Tensor,
) -> Result<Tensor> {
    let length = match form {
        Form::Bytes(..) => count,
        Form::Packed(bits) => bits.row_bytes(count),
    };
    if part.shape() != [length] {
        return Err(Error::malformed(format!(
            "expected shape [{length}] for {count} weights, the file holds {:?}",
            part.shape()
        )));
    }
    let (size, kept) = match form {
        // The codec itself looks at the element type of what it gets.
        Form::Bytes(_, size) if part.dtype().bytes() == size => (size, part.data().to_vec()),
        Form::Packed(bits) if part.dtype() == Dtype::U8 => {
            if packing::unclean(bits, count, part.data()).is_some() {
                return Err(Error::malformed("bits after the last code are not zero"));
            }
            let mut codes = vec![0; count];
            unpack(bits, part.data(), &mut codes);
            (1, codes)
        }
        _ => return Err(Error::malformed(format!("elements of type {:?}", part.dtype()))),
    };
    let zero = |element: &[u8]| element.iter().all(|byte| *byte == 0);
    if let Some(at) = kept.chunks_exact(size).position(zero) {
        return Err(Error::malformed(format!("element {at} is zero, and its bit is set")));
    }
    let mut elements = vec![0; rows * columns * size];
    let mut kept = kept.chunks_exact(size);
    for row in 0..if columns == 0 { 0 } else { rows } {
        let bits = &bitmap[row * columns.div_ceil(8)..];
        let elements = &mut elements[row * columns * size..][..columns * size];
        for (column, element) in elements.chunks_exact_mut(size).enumerate() {
            if bits[column / 8] >> (column % 8) & 1 == 1
                && let Some(value) = kept.next()
            {
                element.copy_from_slice(value);
            }
        }
    }
    match form {
        Form::Bytes(..) => Tensor::new(part.dtype(), shape.to_vec(), elements.into()),
        Form::Packed(bits) => {
            let rows_of = elements.chunks_exact(columns.max(1));
            let packed: Vec<u8> = rows_of.flat_map(|codes| pack(bits, codes)).collect();
            Tensor::new(Dtype::U8, vec![rows, bits.row_bytes(columns)], packed.into())
        }
    }
}

/// The first row with a bit set after its last weight.
fn unclean(columns: usize, bitmap: &[u8]) -> Option<usize> {
    let used = columns % 8;
    if used == 0 {
        return None;
    }
    bitmap.chunks_exact(columns.div_ceil(8)).position(|row| row[row.len() - 1] >> used != 0)
}

impl Codec for Sparse {
    fn name(&self) -> &'static str {
        SPARSE.name
    }

    fn shape(&self) -> [usize; 2] {
        self.dense.shape()
    }

    fn parameters(&self) -> Parameters {
        [nested::parameter("weights", &*self.dense)].into_iter().collect()
    }

    fn row(&self, row: usize, out: &mut [f32]) {
        self.dense.row(row, out);
    }

    fn integers(&self) -> Option<Integers> {
        self.dense.integers()
    }

    fn stored(&self) -> Stored<'_> {
        Stored::Sparse(&self.dense)
    }

    fn parts(&self) -> Vec<(&'static str, Tensor)> {
        self.parts.clone()
    }
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;
    use crate::codec::float::Float32;
    use crate::codec::float16::Float16;
    use crate::codec::int::{GroupSize, Int};
    use crate::codec::int8::Int8;
    use crate::codec::low_rank::LowRank;

    /// `[2, 9]`, of which the last column begins a byte of its own.
    const VALUES: [i8; 18] = [0, 3, 0, 0, -4, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, -1];

    fn part<'a>(parts: &'a [(&str, Tensor)], name: &str) -> &'a Tensor {
        &parts.iter().find(|(part, _)| *part == name).unwrap().1
    }

    #[test]
    fn zeros_are_left_out_and_nothing_else() {
        let codes = VALUES.map(i8::cast_unsigned).to_vec();
        let int8 = Tensor::new(Dtype::I8, vec![2, 9], codes.into()).unwrap();
        let int8 = Int8::new(int8, 8.0, Some(2.0)).unwrap();
        let sparse = Sparse::new(&int8).unwrap();
        let parts = sparse.parts();
        assert_eq!(part(&parts, "bitmap").data()[..], [0b1001_0010, 1, 0, 1]);
        assert_eq!(part(&parts, "weights.codes").data()[..], [3, 0xfc, 1, 2, 0xff]);
        assert_eq!(parts.len(), 4, "the multipliers stay");
        assert_eq!(sparse.parameters()["weights"], serde_json::json!({"codec": "int8"}));
        assert_eq!(sparse.to_f32(), int8.to_f32());
        let (ours, theirs) = (sparse.integers().unwrap(), int8.integers().unwrap());
        assert_eq!((ours.codes, ours.steps), (theirs.codes, theirs.steps));
        assert_eq!(ours.input_scale, Some(2.0));
    }

    #[test]
    fn codes_of_a_few_bits_follow_each_other() {
        let (bits, group_size) = (Bits::new(3).unwrap(), GroupSize::new(4).unwrap());
        let scales = [f16::ONE; 6];
        let int = Int::from_values([2, 9], bits, group_size, &VALUES, &scales).unwrap();
        let sparse = Sparse::new(&int).unwrap();
        // 3, −4, 1, 2, −1 as 7, 0, 5, 6, 3.
        let codes = 0b011_110_101_000_111u16.to_le_bytes();
        assert_eq!(part(&sparse.parts(), "weights.codes").data()[..], codes);
        assert_eq!(sparse.to_f32(), int.to_f32());
    }

    #[test]
    fn a_zero_with_a_sign_is_kept() {
        let values = [0.0, -0.0, 1.0, 0.0, 0.0, -1e-45];
        let bits =
            |matrix: &dyn Codec| matrix.to_f32().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        let (float, half) =
            (Float32::new([2, 3], values.to_vec()), Float16::round([2, 3], &values).unwrap());
        for (matrix, kept) in [(&float as &dyn Codec, 3 * 4), (&half, 3 * 2)] {
            let sparse = Sparse::new(matrix).unwrap();
            assert_eq!(bits(&sparse), bits(matrix));
            assert_eq!(part(&sparse.parts(), "weights.values").data().len(), kept);
        }
    }

    #[test]
    fn what_has_no_weights_one_by_one_is_named() {
        let half = |shape| Box::new(Float16::round(shape, &[1.0; 2]).unwrap());
        let pair = LowRank::new(half([2, 1]), half([1, 2])).unwrap();
        let error = Sparse::new(&pair).unwrap_err().to_string();
        assert!(error.contains("low_rank"), "{error}");
    }
}
