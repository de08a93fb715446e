//! Codes on one grid, coded by how often each occurs: `NAME.codes`, U8 `[bytes]`; `NAME.tables`, U32
//! `[classes, symbols]`; `NAME.steps`, F32 `[classes]`; `NAME.classes`, U8 `[out]`. The metadata gives
//! `least`, the least code that there is.
//!
//! `weight = code · step of the row's class`. Every code of a matrix lies from `least` to `least +
//! symbols − 1`, within −127 and 127, and a row's class says how often each of them occurs: entry s
//! of its table, of 4096 in all, is the frequency of `least + s`, and is never zero. With those
//! frequencies the codes are coded one after the other, row by row, by an asymmetric numeral system
//! (Duda 2009, "Asymmetric numeral systems"): see `entropy/stream.rs` for its words.
//!
//! A grid without groups wastes little when it is coded like that: codes far from zero are rare, and
//! so the step can be the one that suits the bulk of the weights without cutting off the largest.
//! Reading gives back whole codes, one scale a row, with which products stay in integers.

mod stream;

use super::{Codec, Entry, Integers, Matrix, Parameters, Parts, expect_elements, expect_shape};
use crate::error::{At, Error, Result};
use crate::tensor::{Dtype, Tensor};
use stream::Table;

/// The row of this codec in the table.
pub const ENTROPY: Entry = Entry {
    name: "entropy",
    parts: &["codes", "tables", "steps", "classes"],
    parameters: &["least"],
    read,
};

/// The largest magnitude of a code: what products in integers take.
pub const MOST: i8 = 127;

/// Codes that a byte may stand for, at most, and bytes for whose codes there is room even if there
/// are none: equal codes take none at all, but few bytes must not ask for endless memory.
const CODES_A_BYTE: usize = 512;
const FREE: usize = 64;

/// A matrix of codes with one step a class of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Entropy {
    /// I8 `[out, in]`, decoded.
    codes: Tensor,
    /// Of each row, `[out]`.
    row_steps: Vec<f32>,
    least: i8,
    stored: [Tensor; 4],
}

impl Entropy {
    /// A matrix `[out, in]` from its codes, row-major, the class of each row, `[out]`, and the step
    /// of each class.
    ///
    /// # Errors
    /// `InvalidInput` when codes or classes do not fill the shape, a code is −128, a class has no
    /// step, a step is not finite, or hardly any code differs from the others: then another codec
    /// serves better.
    pub fn from_codes(
        shape: [usize; 2],
        codes: &[i8],
        classes: &[u8],
        steps: &[f32],
    ) -> Result<Self> {
        expect_elements(shape, codes.len())?;
        expect_elements([shape[0], 1], classes.len()).at("classes")?;
        let [least, most] =
            [codes.iter().min(), codes.iter().max()].map(|code| *code.unwrap_or(&0));
        if least < -MOST {
            return Err(Error::invalid(format!("a code is {least}, where -{MOST} is the least")));
        }
        // A table of one symbol would have nothing to tell apart.
        let least = if least == most && most == MOST { least - 1 } else { least };
        let symbols = usize::from(most.abs_diff(least)).max(1) + 1;
        if let Some(class) = classes.iter().find(|class| usize::from(**class) >= steps.len()) {
            return Err(Error::invalid(format!("class {class} of {}", steps.len())));
        }
        let mut counts = vec![vec![0; symbols]; steps.len()];
        for (codes, &class) in codes.chunks_exact(shape[1].max(1)).zip(classes) {
            for code in codes {
                counts[usize::from(class)][usize::from(code.abs_diff(least))] += 1;
            }
        }
        let tables = counts.iter().map(|counts| Table::fitting(counts));
        let tables = tables.collect::<Result<Vec<_>>>()?;
        let bytes = stream::encode(codes, shape[1], least, classes, &tables);
        let words: Vec<u8> = tables
            .iter()
            .flat_map(Table::frequencies)
            .flat_map(|f| u32::from(f).to_le_bytes())
            .collect();
        let stored = [
            Tensor::from_bytes(bytes),
            Tensor::new(Dtype::U32, vec![steps.len(), symbols], words.into())?,
            Tensor::from_f32(vec![steps.len()], steps),
            Tensor::from_bytes(classes.to_vec()),
        ];
        // What is written is what will be read: decoded once, by the way that files take.
        Entropy::new(shape, least, stored).map_err(|error| Error::invalid(error.to_string()))
    }

    /// A matrix from its parts, in the order of [`ENTROPY`].
    fn new(shape: [usize; 2], least: i8, stored: [Tensor; 4]) -> Result<Self> {
        let [rows, columns] = shape;
        let [codes, tables, steps, classes] = &stored;
        classes.expect(Dtype::U8).at("part `.classes`")?;
        expect_shape(classes, &[rows], "classes")?;
        let values = steps.to_f32().at("part `.steps`")?;
        expect_shape(steps, &[values.len()], "steps")?;
        let step = |class: &u8| values.get(usize::from(*class)).copied();
        let row_steps: Option<Vec<f32>> = classes.data().iter().map(step).collect();
        let row_steps = row_steps.ok_or_else(|| {
            Error::malformed(format!("part `.classes`: a class above the {} steps", values.len()))
        })?;
        let tables = read_tables(tables, values.len(), least).at("part `.tables`")?;
        codes.expect(Dtype::U8).at("part `.codes`")?;
        let most = codes.data().len().saturating_add(FREE).saturating_mul(CODES_A_BYTE);
        let count = rows.checked_mul(columns).filter(|count| *count <= most).ok_or_else(|| {
            let bytes = codes.data().len();
            Error::malformed(format!("part `.codes`: {bytes} bytes are too few for {shape:?}"))
        })?;
        let mut decoded = vec![0u8; count];
        let places = bytemuck::cast_slice_mut(&mut decoded);
        stream::decode(codes.data(), columns, least, classes.data(), &tables, places)
            .at("part `.codes`")?;
        let codes = Tensor::new(Dtype::I8, shape.to_vec(), decoded.into())?;
        Ok(Entropy { codes, row_steps, least, stored })
    }
}

fn read(parts: Parts<'_>) -> Result<Matrix> {
    let least = parts.parameters.get("least");
    let least = least.ok_or_else(|| Error::malformed("the parameter `least` is missing"))?;
    let range = -i64::from(MOST)..=i64::from(MOST);
    let number = least.as_i64().filter(|least| range.contains(least));
    let number = number.and_then(|least| i8::try_from(least).ok()).ok_or_else(|| {
        Error::malformed(format!(
            "parameter `least`: expected a whole number from {} to {}, found {least}",
            range.start(),
            range.end()
        ))
    })?;
    let mut stored = Vec::with_capacity(ENTROPY.parts.len());
    for part in ENTROPY.parts {
        stored.push(parts.get(part)?.clone());
    }
    let stored = <[Tensor; 4]>::try_from(stored);
    let stored = stored.map_err(|_| Error::malformed("expected four parts"))?;
    Ok(Box::new(Entropy::new(parts.shape, number, stored)?))
}

/// The tables, one a class.
fn read_tables(tensor: &Tensor, classes: usize, least: i8) -> Result<Vec<Table>> {
    tensor.expect(Dtype::U32)?;
    let most = usize::from(MOST.abs_diff(least)) + 1;
    let symbols = match *tensor.shape() {
        [count, symbols] if count == classes && (2..=most).contains(&symbols) => symbols,
        _ => {
            return Err(Error::malformed(format!(
                "expected shape [{classes}, 2 to {most}], the file holds {:?}",
                tensor.shape()
            )));
        }
    };
    let words: Vec<u32> =
        tensor.data().as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    words.chunks_exact(symbols).map(Table::new).collect()
}

impl Codec for Entropy {
    fn name(&self) -> &'static str {
        ENTROPY.name
    }

    fn shape(&self) -> [usize; 2] {
        [self.codes.shape()[0], self.codes.shape()[1]]
    }

    fn parameters(&self) -> Parameters {
        [("least".to_owned(), self.least.into())].into_iter().collect()
    }

    fn row(&self, row: usize, out: &mut [f32]) {
        let step = self.row_steps[row];
        let codes: &[i8] = bytemuck::cast_slice(&self.codes.data()[row * out.len()..]);
        out.iter_mut().zip(codes).for_each(|(value, &code)| *value = f32::from(code) * step);
    }

    fn integers(&self) -> Option<Integers> {
        let (codes, steps) = (self.codes.clone(), self.row_steps.clone());
        (!steps.is_empty()).then_some(Integers { codes, steps, input_scale: None })
    }

    fn parts(&self) -> Vec<(&'static str, Tensor)> {
        ENTROPY.parts.iter().copied().zip(self.stored.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same matrix, read from its parts.
    fn again(matrix: &Entropy) -> Result<Matrix> {
        let parts = matrix.parts();
        let find = |suffix: &str| {
            parts.iter().find(|(name, _)| *name == suffix).map(|(_, tensor)| tensor.clone())
        };
        ENTROPY.read(matrix.shape(), &matrix.parameters(), find)
    }

    proptest! {
        #[test]
        fn codes_come_back(
            columns in 1usize..40,
            most in 0i8..=MOST,
            classes in prop::collection::vec(0u8..3, 1..20),
            seeds in prop::collection::vec(-1f32..1.0, 20 * 40),
        ) {
            let shape = [classes.len(), columns];
            // Cubes: small codes are far more frequent than large ones.
            let code = |seed: &f32| (seed.powi(3) * (f32::from(most) + 0.9)) as i8;
            let codes: Vec<i8> = seeds[..shape[0] * columns].iter().map(code).collect();
            let steps = [0.5, 0.125, 3.0];
            let matrix = Entropy::from_codes(shape, &codes, &classes, &steps).unwrap();
            let floats = |code: (usize, &i8)| {
                f32::from(*code.1) * steps[usize::from(classes[code.0 / columns])]
            };
            let expected: Vec<f32> = codes.iter().enumerate().map(floats).collect();
            prop_assert_eq!(matrix.to_f32(), &expected[..]);
            let integers = matrix.integers().unwrap();
            prop_assert_eq!(&integers.codes.data()[..], bytemuck::cast_slice::<_, u8>(&codes));
            let row_steps: Vec<f32> = classes.iter().map(|c| steps[usize::from(*c)]).collect();
            prop_assert_eq!(integers.steps, row_steps);
            let read = again(&matrix).unwrap();
            prop_assert_eq!(read.to_f32(), expected);
            prop_assert_eq!(read.parts(), matrix.parts());
        }
    }

    #[test]
    fn as_many_bits_as_the_codes_are_uncertain() {
        // Half of the codes are zero, a quarter each 1 and −1: 1.5 bits.
        let code = |n: usize| [0, 1, 0, -1][(n * 2_654_435_761) >> 7 & 3];
        let codes: Vec<i8> = (0..512 * 64).map(code).collect();
        let matrix = Entropy::from_codes([512, 64], &codes, &[0; 512], &[1.0]).unwrap();
        let bytes = matrix.parts()[0].1.data().len();
        let count = |code: i8| codes.iter().filter(|other| **other == code).count() as f64;
        let bits: f64 = [0, 1, -1].map(|c| -count(c) * (count(c) / 32768.0).log2()).iter().sum();
        assert!((bytes as f64 - bits / 8.0).abs() < 0.002 * bits / 8.0 + 8.0, "{bytes}, {bits}");
    }

    #[test]
    fn what_can_not_be_coded_is_named() {
        let error = |codes: &[i8], classes: &[u8], steps: &[f32]| {
            Entropy::from_codes([2, 2], codes, classes, steps).unwrap_err().to_string()
        };
        let sound = [1, -1, 0, 5];
        assert_eq!(error(&sound[1..], &[0; 2], &[1.0]), "3 elements do not fill [2, 2]");
        assert_eq!(error(&sound, &[0; 3], &[1.0]), "classes: 3 elements do not fill [2, 1]");
        assert_eq!(error(&sound, &[0, 1], &[1.0]), "class 1 of 1");
        assert!(error(&[1, -128, 0, 0], &[0; 2], &[1.0]).contains("a code is -128"));
        assert!(error(&sound, &[0; 2], &[f32::NAN]).contains("NaN"));
        // A million zeros are a few bytes, which would be refused when they are read.
        let zeros = vec![0; 1 << 20];
        let error = Entropy::from_codes([1, 1 << 20], &zeros, &[0], &[1.0]).unwrap_err();
        assert!(error.to_string().contains("too few"), "{error}");
    }

    #[test]
    fn equal_codes_and_no_codes_at_all() {
        for code in [-MOST, -1, 0, 1, MOST] {
            let matrix = Entropy::from_codes([3, 5], &[code; 15], &[0; 3], &[2.0]).unwrap();
            assert_eq!(again(&matrix).unwrap().to_f32(), [f32::from(code) * 2.0; 15]);
        }
        let empty = Entropy::from_codes([0, 5], &[], &[], &[1.0]).unwrap();
        assert!(again(&empty).unwrap().to_f32().is_empty());
    }
}
