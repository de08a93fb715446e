//! Matrices of which some rows or columns stay: parts of a layer are taken out whole.

use half::f16;

use super::Weight;
use crate::codec::float::Float32;
use crate::codec::float16::Float16;
use crate::codec::int::packing::unpack;
use crate::codec::int::{GroupSize, Int};
use crate::codec::int8::Int8;
use crate::codec::{Matrix, Stored};
use crate::error::{Error, Result};
use crate::tensor::{Dtype, Tensor};

impl Weight {
    /// Keeps only these rows, and their biases: outputs of the layer.
    ///
    /// # Errors
    /// As [`Weight::replace`].
    pub fn keep_rows(&mut self, rows: &[usize]) -> Result<()> {
        let columns: Vec<usize> = (0..self.matrix.shape()[1]).collect();
        let bias = self.bias.as_ref().map(|bias| rows.iter().map(|&row| bias[row]).collect());
        self.keep(rows, &columns, bias)?;
        let scores = self.scores.take();
        self.scores = scores.map(|scores| rows.iter().map(|&row| scores[row]).collect());
        Ok(())
    }

    /// Keeps only these columns: inputs of the layer.
    ///
    /// # Errors
    /// As [`Weight::replace`].
    pub fn keep_columns(&mut self, columns: &[usize]) -> Result<()> {
        let rows: Vec<usize> = (0..self.matrix.shape()[0]).collect();
        self.keep(&rows, columns, self.bias.clone())
    }

    fn keep(&mut self, rows: &[usize], columns: &[usize], bias: Option<Vec<f32>>) -> Result<()> {
        let width = self.matrix.shape()[1];
        let taken = take(&self.matrix, rows, columns)?;
        let pruned = self.pruned.as_ref().map(|mask| gather(mask, width, rows, columns));
        self.put(taken, bias)?;
        self.pruned = pruned;
        Ok(())
    }

    /// Puts other weights for fewer columns, `[out, columns]`, in the place of those that are there:
    /// in the same codec, with scales of their own.
    ///
    /// # Errors
    /// As [`Weight::replace`]; when no scale fits the weights; and when a step before pruned some,
    /// which have to stay zero.
    pub fn narrow(&mut self, columns: usize, values: &[f32], bias: Option<Vec<f32>>) -> Result<()> {
        if self.pruned.is_some() {
            return Err(Error::invalid(
                "a step before pruned weights of this matrix, and what is left of them would change: \
                 take parts out before single weights, or without refit and merging",
            ));
        }
        let shape = [self.matrix.shape()[0], columns];
        self.put(in_the_codec_of(&self.matrix, shape, values)?, bias)
    }
}

/// Elements of a matrix `[_, width]`, row-major.
fn gather<T: Copy>(values: &[T], width: usize, rows: &[usize], columns: &[usize]) -> Vec<T> {
    let row = |&row: &usize| columns.iter().map(move |column| values[row * width + column]);
    rows.iter().flat_map(row).collect()
}

/// Some rows and columns of a matrix, in its codec where that can hold the same weights: columns do
/// not leave groups as they were. What cannot stay becomes half floats.
fn take(matrix: &Matrix, rows: &[usize], columns: &[usize]) -> Result<Matrix> {
    let [_, width] = matrix.shape();
    let shape = [rows.len(), columns.len()];
    Ok(match matrix.stored() {
        Stored::Float32(values) => {
            Box::new(Float32::new(shape, gather(values, width, rows, columns)))
        }
        Stored::Int8 { codes, scale, input_scale } => {
            let codes = gather(bytemuck::cast_slice::<i8, u8>(codes), width, rows, columns);
            let codes = Tensor::new(Dtype::I8, shape.to_vec(), codes.into())?;
            Box::new(Int8::new(codes, scale, input_scale)?)
        }
        Stored::Int { bits, group_size, codes, scales }
            if columns.len() == width || group_size.groups(width) == 1 =>
        {
            let mut values = vec![0.0; width];
            let (row_bytes, groups) = (bits.row_bytes(width), group_size.groups(width));
            let (mut kept, mut kept_scales) = (Vec::new(), Vec::new());
            for &row in rows {
                unpack(bits, &codes[row * row_bytes..][..row_bytes], &mut values);
                kept.extend(columns.iter().map(|&column| values[column] as i8));
                let scales = scales[2 * row * groups..][..2 * groups].as_chunks::<2>().0;
                kept_scales.extend(scales.iter().map(|bytes| f16::from_le_bytes(*bytes)));
            }
            // A group that was as wide as a row stays that.
            let size = group_size.get().min(columns.len());
            let size = if groups == 1 { GroupSize::new(size as u64)? } else { group_size };
            Box::new(Int::from_values(shape, bits, size, &kept, &kept_scales)?)
        }
        _ => Box::new(Float16::round(shape, &gather(&matrix.to_f32(), width, rows, columns))?),
    })
}

/// Values `[out, in]`, rounded to what the codec of `like` holds, with scales that fit them. In half
/// floats where the codec is no simple one.
fn in_the_codec_of(like: &Matrix, shape: [usize; 2], values: &[f32]) -> Result<Matrix> {
    Ok(match like.stored() {
        Stored::Float32(_) => Box::new(Float32::new(shape, values.to_vec())),
        Stored::Int8 { input_scale, .. } => {
            let most = values.iter().fold(0f32, |most, value| most.max(value.abs()));
            // Of nothing but zeros any scale is right.
            let scale = if most > 0.0 { MOST_CODE / most } else { 1.0 };
            let code = |value: &f32| (value * scale).round_ties_even() as i8;
            let codes: Vec<u8> = values.iter().map(|value| code(value).cast_unsigned()).collect();
            let codes = Tensor::new(Dtype::I8, shape.to_vec(), codes.into())?;
            Box::new(Int8::new(codes, scale, input_scale)?)
        }
        Stored::Int { bits, group_size, .. } => {
            let one = group_size.groups(like.shape()[1]) == 1;
            let size = if one { GroupSize::new(shape[1] as u64)? } else { group_size };
            Box::new(Int::nearest(shape, bits, size, values)?)
        }
        _ => Box::new(Float16::round(shape, values)?),
    })
}

/// The largest code, of either sign.
const MOST_CODE: f32 = 127.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::int::Bits;

    /// `[3, 4]`, whole numbers that 4 bits hold.
    const VALUES: [i8; 12] = [1, -2, 3, 7, -7, 5, -5, 0, 2, -3, 6, 4];

    fn floats(values: &[i8]) -> Vec<f32> {
        values.iter().map(|value| f32::from(*value)).collect()
    }

    fn int(group: u64) -> Matrix {
        let (bits, size) = (Bits::new(4).unwrap(), GroupSize::new(group).unwrap());
        let scales = vec![f16::ONE; 3 * size.groups(4)];
        Box::new(Int::from_values([3, 4], bits, size, &VALUES, &scales).unwrap())
    }

    fn matrices() -> Vec<Matrix> {
        let codes = VALUES.map(i8::cast_unsigned).to_vec();
        let codes = Tensor::new(Dtype::I8, vec![3, 4], codes.into()).unwrap();
        vec![
            Box::new(Float32::new([3, 4], floats(&VALUES))),
            Box::new(Float16::round([3, 4], &floats(&VALUES)).unwrap()),
            Box::new(Int8::new(codes, 1.0, Some(7.0)).unwrap()),
            int(4),
            int(3),
        ]
    }

    fn weight(matrix: Matrix) -> Weight {
        Weight::new("w", matrix, Some(vec![10.0, 20.0, 30.0]))
    }

    #[test]
    fn rows_stay_as_they_are_in_every_codec() {
        for matrix in matrices() {
            let (name, parameters) = (matrix.name(), matrix.parameters());
            let mut weight = weight(matrix);
            weight.keep_rows(&[0, 2]).unwrap();
            let expected = floats(&[1, -2, 3, 7, 2, -3, 6, 4]);
            assert_eq!(weight.matrix().to_f32(), expected, "{name}");
            assert_eq!((weight.matrix().name(), weight.matrix().shape()), (name, [2, 4]));
            assert_eq!(weight.matrix().parameters(), parameters);
            assert_eq!(weight.bias(), Some(&[10.0, 30.0][..]));
        }
    }

    #[test]
    fn columns_stay_as_they_are_and_leave_groups_for_half_floats() {
        let held = ["f32", "f16", "int8", "int", "f16"];
        for (matrix, held) in matrices().into_iter().zip(held) {
            let mut weight = weight(matrix);
            weight.keep_columns(&[1, 3]).unwrap();
            let expected = floats(&[-2, 7, 5, 0, -3, 4]);
            assert_eq!(weight.matrix().to_f32(), expected, "{held}");
            assert_eq!((weight.matrix().name(), weight.matrix().shape()), (held, [3, 2]));
            assert_eq!(weight.bias().map(<[f32]>::len), Some(3));
            if let Stored::Int8 { input_scale, .. } = weight.matrix().stored() {
                assert_eq!(input_scale, Some(7.0));
            }
            if held == "int" {
                assert_eq!(weight.matrix().parameters()["group_size"], 2);
            }
        }
    }

    #[test]
    fn what_was_pruned_is_remembered_where_it_stands_now() {
        let mask: Vec<bool> = VALUES.iter().map(|value| *value < 0).collect();
        let mut weight = weight(int(4));
        weight.prune(floats(&VALUES), weight.bias().map(<[f32]>::to_vec), mask).unwrap();
        weight.keep_rows(&[1, 2]).unwrap();
        weight.keep_columns(&[0, 1]).unwrap();
        assert_eq!(weight.matrix().to_f32(), [0.0, 5.0, 2.0, 0.0]);
        assert_eq!(weight.pruned(), Some(&[true, false, false, true][..]));
    }

    #[test]
    fn other_weights_get_scales_of_their_own() {
        let values: Vec<f32> = (0..6).map(|n| 100.0 * (n as f32 * 0.7).sin()).collect();
        for (matrix, held) in matrices().into_iter().zip(["f32", "f16", "int8", "int", "int"]) {
            let mut weight = weight(matrix);
            weight.narrow(2, &values, Some(vec![1.0, 2.0, 3.0])).unwrap();
            assert_eq!((weight.matrix().name(), weight.matrix().shape()), (held, [3, 2]));
            assert_eq!(weight.bias(), Some(&[1.0, 2.0, 3.0][..]));
            // Half a step of 127 codes, of 8 where there are 4 bits.
            let most = if held == "int" { 100.0 / 8.0 } else { 100.0 / 253.0 };
            for (ours, value) in weight.matrix().to_f32().iter().zip(&values) {
                assert!((ours - value).abs() <= most, "{held}: {ours}, not {value}");
            }
        }
    }

    #[test]
    fn nothing_but_zeros_may_not_be_what_is_left() {
        let mut weight = weight(int(4));
        let error = weight.narrow(1, &[0.0; 3], Some(vec![0.0; 3])).unwrap_err();
        assert!(error.to_string().contains("no weight but zeros"), "{error}");
        assert_eq!(weight.matrix().shape(), [3, 4], "a step that was refused changed it");
    }
}
