//! Codebooks: the values of the codes are trained, which code a run has stays. All runs of a code
//! move its values together (Han et al. 2016, "Deep Compression", section 3).

use super::float::{halve, halved};
use super::{Latent, assert_lengths, expect_sound, part};
use crate::codec::codebook::{Codebook, Dimension};
use crate::codec::{Codec, Matrix};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// A codebook whose values may move.
#[derive(Debug)]
struct Values {
    shape: [usize; 2],
    dimension: Dimension,
    /// As a file holds them.
    packed: Tensor,
    /// `[out, runs]`.
    codes: Vec<u8>,
    /// F16 `[books, codes, dimension]`: those at the start.
    start: Tensor,
}

/// A codebook as it is trained.
pub fn of(matrix: &dyn Codec) -> Result<Box<dyn Latent>> {
    let dimension = matrix.parameters().get("dimension").and_then(serde_json::Value::as_u64);
    let missing = || Error::invalid("the parameter `dimension` is missing");
    let dimension = Dimension::new(dimension.ok_or_else(missing)?)?;
    let (packed, start) = (part(matrix, "codes")?, part(matrix, "values")?);
    let shape @ [rows, columns] = matrix.shape();
    let codebook = Codebook::new(shape, dimension, packed.clone(), start.clone())?;
    let runs = columns.div_ceil(dimension.get());
    let mut codes = vec![0; rows * runs];
    for (row, codes) in codes.chunks_exact_mut(runs.max(1)).enumerate() {
        codebook.codes(row, codes);
    }
    Ok(Box::new(Values { shape, dimension, packed, codes, start }))
}

impl Values {
    /// Where the values of each run of a row stand, from its codes.
    fn places(&self, codes: &[u8]) -> impl Iterator<Item = usize> {
        let dimension = self.dimension.get();
        // From a run's book to the next one's, which may be the same.
        let next = if self.start.shape()[0] == 1 { 0 } else { self.start.shape()[1] };
        let codes = codes.iter().enumerate();
        codes.map(move |(run, code)| (run * next + usize::from(*code)) * dimension)
    }

    /// Runs of a row, at least 1: where a row has none, there are no codes.
    fn runs(&self) -> usize {
        self.shape[1].div_ceil(self.dimension.get()).max(1)
    }
}

impl Latent for Values {
    fn shape(&self) -> [usize; 2] {
        self.shape
    }

    fn count(&self) -> usize {
        self.start.shape().iter().product()
    }

    fn start(&self) -> Vec<f32> {
        self.start.floats().expect("a codebook's values, which are finite")
    }

    fn weights(&self, parameters: &[f32], out: &mut [f32]) {
        assert_lengths(self, parameters, out);
        let mut values = vec![0.0; parameters.len()];
        halve(parameters, &mut values);
        let rows = self.codes.chunks_exact(self.runs());
        for (codes, out) in rows.zip(out.chunks_exact_mut(self.shape[1].max(1))) {
            for (out, at) in out.chunks_mut(self.dimension.get()).zip(self.places(codes)) {
                out.copy_from_slice(&values[at..][..out.len()]);
            }
        }
    }

    /// The sum over all weights that a value stands for; zero where there are none.
    fn pull(&self, parameters: &[f32], gradient: &[f32], out: &mut [f32]) {
        assert_lengths(self, parameters, gradient);
        assert_lengths(self, out, gradient);
        // A code may stand for a million runs, whose sum single floats would blur.
        let mut sums = vec![0f64; out.len()];
        let rows = self.codes.chunks_exact(self.runs());
        for (codes, gradient) in rows.zip(gradient.chunks_exact(self.shape[1].max(1))) {
            for (gradient, at) in gradient.chunks(self.dimension.get()).zip(self.places(codes)) {
                let sums = sums[at..].iter_mut().zip(gradient);
                sums.for_each(|(sum, gradient)| *sum += f64::from(*gradient));
            }
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum as f32);
    }

    fn matrix(&self, parameters: &[f32]) -> Result<Matrix> {
        expect_sound(parameters, self.count())?;
        let values = halved(self.start.shape(), parameters)?;
        Ok(Box::new(Codebook::new(self.shape, self.dimension, self.packed.clone(), values)?))
    }
}
