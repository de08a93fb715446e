//! Runs of weights that share codes: product quantisation of matrices, Gong et al. 2014,
//! "Compressing Deep Convolutional Networks using Vector Quantization", and Wu et al. 2016,
//! "Quantized Convolutional Neural Networks for Mobile Devices". The values of the codes come from
//! k-means over the runs of all rows, of all columns or for each run of columns by itself; of a
//! layer whose inputs are known, each weight counts as much as its input does, or columns make up for
//! what choosing codes did to those before them: `codebook/gptq.rs`, after van Baalen et al. 2024,
//! "GPTVQ".

mod gptq;
mod kmeans;
mod nearest;

use std::collections::BTreeSet;
use std::ops::Range;

use half::f16;

use super::recipe::{Books, Choice, Vectors};
use super::target::EMBEDDING;
use super::{Gram, Replacement, Weight};
use crate::codec::Matrix;
use crate::codec::codebook::Codebook;
use crate::error::{Error, Result};
use nearest::Nearest;

/// How much is added to the importance of each input, as a share of their mean: an input that the
/// calibration never saw may occur all the same.
const DAMPING: f32 = 0.1;

/// The matrix of `weight` in codes, and its bias. The embedding, of which no inputs are known, gets
/// the nearest codes.
///
/// # Errors
/// `InvalidInput` when inputs are needed and missing, when the matrix was pruned, or when a value is
/// above the largest half float.
pub fn codebook(weight: &Weight, vectors: Vectors, inputs: Option<&Gram>) -> Result<Replacement> {
    weight.expect_whole()?;
    let shape = weight.matrix().shape();
    let bias = weight.bias().map(<[f32]>::to_vec);
    let inputs = match vectors.choice {
        Choice::Nearest => None,
        _ if inputs.is_none() && weight.name != EMBEDDING => {
            let message = "this rounding needs calibration, and it did not reach this matrix";
            return Err(Error::invalid(message));
        }
        _ => inputs,
    };
    let values = weight.matrix().to_f32();
    let importance = inputs.map(importance);
    let dimension = vectors.dimension.get();
    let all = Runs::new(&values, shape[1], dimension, importance.as_deref());
    let groups = match vectors.books {
        Books::Matrix => vec![all.clone()],
        Books::Columns => all.by_columns(),
    };
    // All books have as many codes as the one that has most.
    let books: Vec<_> = groups.iter().map(|runs| book(runs, vectors)).collect();
    let most = books.iter().map(Vec::len).max().unwrap_or_default();
    let filled = books.into_iter().flat_map(|mut book| {
        book.resize(most, 0.0);
        book
    });
    let halves: Vec<f16> = filled.map(f16::from_f32).collect();
    if halves.iter().any(|value| !value.is_finite()) {
        return Err(Error::invalid(format!(
            "a weight is above {}, the largest half float",
            f16::MAX
        )));
    }
    let book: Vec<f32> = halves.iter().map(|value| value.to_f32()).collect();
    let books: Vec<&[f32]> = book.chunks(most.max(1)).collect();
    let (codes, bias) = match (inputs, vectors.choice) {
        (Some(inputs), Choice::Gptq) => gptq::choose(weight, vectors.dimension, &books, inputs)?,
        _ => (all.nearest(&books), bias),
    };
    let matrix = Codebook::from_codes(shape, vectors.dimension, &codes, books.len(), &halves)?;
    let matrix: Matrix = Box::new(matrix);
    let bias = match (bias, inputs, vectors.choice) {
        (Some(bias), Some(inputs), Choice::Weighted) => {
            Some(inputs.keep_means(&bias, &values, &matrix.to_f32()))
        }
        (bias, ..) => bias,
    };
    Ok((matrix, bias))
}

/// Values of the codes of some runs, `[codes, dimension]`.
fn book(runs: &Runs<'_>, vectors: Vectors) -> Vec<f32> {
    let kmeans = || kmeans::kmeans(runs, vectors.codes, vectors.seed);
    runs.distinct(vectors.codes).unwrap_or_else(kmeans)
}

/// Σx² of each input, damped.
fn importance(inputs: &Gram) -> Vec<f32> {
    let squares: Vec<f32> = inputs.diagonal().collect();
    let mean = squares.iter().sum::<f32>() / squares.len().max(1) as f32;
    // Of a layer that was never reached, all inputs count the same.
    let least = if mean > 0.0 { DAMPING * mean } else { 1.0 };
    squares.iter().map(|square| square + least).collect()
}

/// Runs of a matrix, row by row.
#[derive(Clone, Debug)]
struct Runs<'a> {
    /// `[rows, columns]`.
    weights: &'a [f32],
    columns: usize,
    dimension: usize,
    /// How much the weights of a column count, `[columns]`; all the same where there is nothing.
    importance: Option<&'a [f32]>,
    /// Which runs of each row these are.
    each_row: Range<usize>,
}

impl<'a> Runs<'a> {
    /// All of them.
    fn new(
        weights: &'a [f32],
        columns: usize,
        dimension: usize,
        importance: Option<&'a [f32]>,
    ) -> Self {
        let each_row = 0..columns.div_ceil(dimension);
        Runs { weights, columns, dimension, importance, each_row }
    }

    /// Those of the same columns together.
    fn by_columns(&self) -> Vec<Self> {
        let one = |run| Runs { each_row: run..run + 1, ..self.clone() };
        self.each_row.clone().map(one).collect()
    }

    /// Number of runs.
    fn count(&self) -> usize {
        self.weights.len() / self.columns.max(1) * self.each_row.len()
    }

    /// Run `at`, and how much its weights count: both shorter than `dimension` at a row's end.
    fn run(&self, at: usize) -> (&'a [f32], Option<&'a [f32]>) {
        let (row, run) = (at / self.each_row.len(), at % self.each_row.len());
        let first = (self.each_row.start + run) * self.dimension;
        let last = self.columns.min(first + self.dimension);
        let weights = &self.weights[row * self.columns..][first..last];
        (weights, self.importance.map(|all| &all[first..last]))
    }

    /// All different runs, where there are at most `most`: these are then a codebook without loss. A
    /// short run needs no code of its own where another begins like it.
    fn distinct(&self, most: usize) -> Option<Vec<f32>> {
        let mut found = BTreeSet::<Vec<u32>>::new();
        let whole = |at: &usize| self.run(*at).0.len() == self.dimension;
        let (whole, short): (Vec<_>, Vec<_>) = (0..self.count()).partition(whole);
        for at in whole.into_iter().chain(short) {
            let mut bits: Vec<u32> = self.run(at).0.iter().map(|value| value.to_bits()).collect();
            if bits.len() < self.dimension && found.iter().any(|run| run.starts_with(&bits)) {
                continue;
            }
            bits.resize(self.dimension, 0);
            found.insert(bits);
            if found.len() > most {
                return None;
            }
        }
        Some(found.into_iter().flatten().map(f32::from_bits).collect())
    }

    /// The nearest code of each run, in the one book or that of its columns, each
    /// `[codes, dimension]`.
    fn nearest(&self, books: &[&[f32]]) -> Vec<u8> {
        let nearest = |book: &&[f32]| Nearest::new(self.dimension, book, self.weighted());
        let mut books: Vec<_> = books.iter().map(nearest).collect();
        let count = books.len();
        (0..self.count()).map(|at| books[at % count].find(self.run(at)).0).collect()
    }

    /// Whether the weights of runs count differently, as those that a short run lacks do.
    fn weighted(&self) -> bool {
        self.importance.is_some() || !self.columns.is_multiple_of(self.dimension)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec::codebook::Dimension;
    use crate::codec::float::Float32;

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        let wave = |n: usize| ((n as f32 + seed) * 12.9898).sin() * 4375.8547;
        (0..count).map(wave).map(|x| x - x.floor() - 0.5).collect()
    }

    fn weight(shape: [usize; 2], bias: bool) -> Weight {
        let values = numbers(shape[0] * shape[1], 3.0);
        let bias = bias.then(|| numbers(shape[0], 8.0));
        Weight::new("w", Box::new(Float32::new(shape, values)), bias)
    }

    fn inputs(width: usize) -> Gram {
        let mut gram = Gram::new(width);
        for row in numbers(300 * (width + 3), 0.5).chunks_exact(width + 3) {
            let mixed = row.windows(4).enumerate();
            let mixed = mixed.map(|(n, x)| 0.4 + x.iter().sum::<f32>() * (1 + n % 6) as f32);
            gram.add(&mixed.collect::<Vec<_>>());
        }
        gram
    }

    fn vectors(dimension: u64, codes: usize, books: Books, choice: Choice) -> Vectors {
        let dimension = Dimension::new(dimension).unwrap();
        Vectors { dimension, codes, books, choice, seed: 1 }
    }

    fn squared(weight: &Weight, matrix: &Matrix) -> f64 {
        let both = weight.matrix().to_f32().into_iter().zip(matrix.to_f32());
        both.map(|(a, b)| f64::from(a - b).powi(2)).sum()
    }

    /// Squared error of the outputs over all inputs, the bias counted.
    fn error(weight: &Weight, (matrix, bias): &Replacement, inputs: &Gram) -> f64 {
        let (before, after) = (weight.matrix().to_f32(), matrix.to_f32());
        let width = inputs.width();
        let biases = weight.bias().unwrap().iter().zip(bias.as_ref().unwrap());
        let rows = before.chunks_exact(width).zip(after.chunks_exact(width)).zip(biases);
        rows.map(|((before, after), (old, new))| {
            let off = before.iter().zip(after).chain([(old, new)]);
            let off: Vec<f64> = off.map(|(a, b)| f64::from(a - b)).collect();
            let pairs = (0..off.len() * off.len()).map(|at| (at / off.len(), at % off.len()));
            pairs.map(|(i, j)| off[i] * off[j] * f64::from(inputs.at(i, j))).sum::<f64>()
        })
        .sum()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn shapes_stay_and_a_second_time_changes_nothing(
            dimension in 1u64..=6,
            codes in 2usize..40,
            rows in 1usize..30,
            columns in 1usize..30,
            books in prop::sample::select(vec![Books::Matrix, Books::Columns]),
        ) {
            let weight = weight([rows, columns], false);
            let vectors = vectors(dimension, codes, books, Choice::Nearest);
            let (once, _) = codebook(&weight, vectors, None).unwrap();
            prop_assert_eq!(once.shape(), [rows, columns]);
            let values = once.to_f32();
            let (twice, _) = codebook(&Weight::new("w", once, None), vectors, None).unwrap();
            prop_assert_eq!(twice.to_f32(), values);
        }
    }

    #[test]
    fn few_different_runs_are_kept_as_they_are() {
        let values: Vec<f32> = (0..40 * 7).map(|at| [0.5, -1.0, 2.0][at * at % 3]).collect();
        let weight = Weight::new("w", Box::new(Float32::new([40, 7], values.clone())), None);
        let vectors = vectors(2, 16, Books::Matrix, Choice::Nearest);
        assert_eq!(codebook(&weight, vectors, None).unwrap().0.to_f32(), values);
    }

    #[test]
    fn more_codes_and_books_of_their_own_are_nearer_and_the_seed_is_all_that_is_random() {
        let weight = weight([300, 12], false);
        let run = |vectors| codebook(&weight, vectors, None).unwrap().0;
        let left = |codes, books| squared(&weight, &run(vectors(3, codes, books, Choice::Nearest)));
        let all = left(16, Books::Matrix);
        assert!(left(64, Books::Matrix) < 0.6 * all && left(16, Books::Columns) < all);
        let first = vectors(3, 16, Books::Matrix, Choice::Nearest);
        assert_eq!(run(first).parts(), run(first).parts());
        assert_ne!(run(first).parts(), run(Vectors { seed: 2, ..first }).parts());
    }

    #[test]
    fn calibration_makes_outputs_better_and_making_up_better_still() {
        let (weight, inputs) = (weight([40, 31], true), inputs(31));
        let [nearest, weighted, gptq] =
            [Choice::Nearest, Choice::Weighted, Choice::Gptq].map(|choice| {
                let vectors = vectors(2, 32, Books::Matrix, choice);
                error(&weight, &codebook(&weight, vectors, Some(&inputs)).unwrap(), &inputs)
            });
        assert!(weighted < nearest, "{weighted}, {nearest}");
        assert!(gptq < 0.9 * weighted, "{gptq}, {weighted}");
    }

    #[test]
    fn what_can_not_be_done_is_named() {
        let vectors = vectors(2, 16, Books::Matrix, Choice::Gptq);
        let error = codebook(&weight([4, 6], false), vectors, None).unwrap_err();
        assert!(error.to_string().contains("needs calibration"), "{error}");
        let large = Weight::new("w", Box::new(Float32::new([1, 2], vec![1e6, 0.0])), None);
        let vectors = Vectors { choice: Choice::Nearest, ..vectors };
        let error = codebook(&large, vectors, None).unwrap_err();
        assert!(error.to_string().contains("largest half float"), "{error}");
        let mut pruned = weight([4, 6], false);
        pruned.prune(pruned.matrix().to_f32(), None, (0..24).map(|at| at < 5).collect()).unwrap();
        assert!(codebook(&pruned, vectors, None).unwrap_err().to_string().contains("pruned"));
        // The embedding has no inputs, and needs none.
        let table = Weight::new(EMBEDDING, Box::new(Float32::new([4, 6], numbers(24, 3.0))), None);
        assert!(codebook(&table, Vectors { choice: Choice::Gptq, ..vectors }, None).is_ok());
    }
}
