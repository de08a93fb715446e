//! One grid a matrix, without groups, its codes coded by how often they occur. Bits then are what
//! codes take on average, and may be a fraction. That frequent codes are short makes up for what a
//! uniform grid wastes; at the same bits it loses less than groups with scales of their own
//! (entropy-coded scalar quantisation: Gish & Pierce 1968; for networks, Wiedemann et al. 2020,
//! "DeepCABAC").

use super::gptq;
use crate::codec::entropy::{Entropy, MOST};
use crate::compress::target::has_part;
use crate::compress::{Gram, Weight};
use crate::error::{Error, Result};

/// The steps of a matrix's rows.
#[derive(Clone, Debug)]
pub struct Steps {
    /// Of each class of rows.
    classes: Vec<f32>,
    /// The class of each row, `[out]`.
    rows: Vec<u8>,
}

/// How often the steps are halved between too many bits and too few: to a thousandth of a bit.
const HALVINGS: u32 = 18;

/// Steps with which the codes of all `weights` together take `bits` a weight.
///
/// # Errors
/// `InvalidInput` when a matrix holds nothing but zeros, for which every step is as good.
pub fn steps(weights: &[&mut Weight], bits: f64) -> Result<Vec<Steps>> {
    let mut grids =
        weights.iter().map(|weight| Relative::new(weight)).collect::<Result<Vec<_>>>()?;
    let total: usize = grids.iter().map(|grid| grid.values.len()).sum();
    // A uniform grid of a step of half a standard deviation takes about 3 bits: the answer lies
    // between steps that make all codes zero and such that no code could tell weights apart.
    let (mut fine, mut coarse) = (-8f32, 4f32);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (fine + coarse);
        let needed: f64 = grids.iter().map(|grid| grid.bits(middle.exp2())).sum();
        if needed > bits * total as f64 { fine = middle } else { coarse = middle }
    }
    Ok(grids.drain(..).map(|grid| grid.steps(coarse.exp2())).collect())
}

/// Rounds a matrix to its steps; with `inputs`, each column makes up for those before it. Gives it
/// and its bias. Weights that were pruned become zero.
///
/// # Errors
/// `InvalidInput` when the calibration never reached this matrix, or hardly any code would differ
/// from the others.
pub fn round(
    weight: &Weight,
    steps: &Steps,
    inputs: Option<&Gram>,
) -> Result<(Entropy, Option<Vec<f32>>)> {
    let shape = weight.matrix().shape();
    let rows: Vec<f32> =
        steps.rows.iter().map(|&class| steps.classes[usize::from(class)]).collect();
    let (codes, bias) = match inputs {
        Some(inputs) => gptq::uniform(weight, &rows, inputs)?,
        None => {
            let values = weight.matrix().to_f32();
            let code = |value: &f32, step: &f32| nearest(value / step) as i8;
            let rows = values.chunks_exact(shape[1]).zip(&rows);
            let codes = rows.flat_map(|(row, step)| row.iter().map(move |value| code(value, step)));
            (codes.collect(), weight.bias().map(<[f32]>::to_vec))
        }
    };
    Ok((Entropy::from_codes(shape, &codes, &steps.rows, &steps.classes)?, bias))
}

fn nearest(value: f32) -> f32 {
    let most = f32::from(MOST);
    value.round_ties_even().clamp(-most, most)
}

/// A matrix, and the steps of its rows in relation to those of all others.
struct Relative {
    values: Vec<f32>,
    columns: usize,
    /// Of each class of rows.
    classes: Vec<f32>,
    rows: Vec<u8>,
}

impl Relative {
    fn new(weight: &Weight) -> Result<Self> {
        let values = weight.matrix().to_f32();
        let [rows, columns] = weight.matrix().shape();
        let square: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
        let deviation = (square / values.len().max(1) as f64).sqrt() as f32;
        if !deviation.is_normal() {
            return Err(Error::invalid(format!(
                "matrix \"{}\": holds nothing but zeros, which no grid suits",
                weight.name
            )));
        }
        let unit = deviation * relative(&weight.name);
        let (classes, rows) = match weight.scores() {
            None => (vec![unit], vec![0; rows]),
            Some(scores) => {
                let class = |score: &f32| {
                    let above = (score - LEAST_SCORE) / (MOST_SCORE - LEAST_SCORE);
                    (above.clamp(0.0, 1.0) * (SCORES - 1) as f32).round() as u8
                };
                let step = |class: usize| {
                    let share = class as f32 / (SCORES - 1) as f32;
                    let score = LEAST_SCORE + share * (MOST_SCORE - LEAST_SCORE);
                    unit * (-SLOPE * (score - MIDDLE_SCORE)).exp()
                };
                ((0..SCORES).map(step).collect(), scores.iter().map(class).collect())
            }
        };
        Ok(Relative { values, columns, classes, rows })
    }

    /// Bits that the codes of all rows take with these steps times `scale`.
    fn bits(&self, scale: f32) -> f64 {
        const CODES: usize = 2 * MOST as usize + 1;
        let mut counts = vec![[0u32; CODES]; self.classes.len()];
        let inverse: Vec<f32> = self.classes.iter().map(|step| 1.0 / (step * scale)).collect();
        for (row, &class) in self.values.chunks_exact(self.columns).zip(&self.rows) {
            let counts = &mut counts[usize::from(class)];
            for value in row {
                let code = nearest(value * inverse[usize::from(class)]);
                counts[(code + f32::from(MOST)) as usize] += 1;
            }
        }
        counts.iter().map(|counts| entropy(counts)).sum()
    }

    fn steps(self, scale: f32) -> Steps {
        let classes = self.classes.iter().map(|step| step * scale).collect();
        Steps { classes, rows: self.rows }
    }
}

/// Bits in all that the best code for these counts takes: Shannon 1948.
fn entropy(counts: &[u32]) -> f64 {
    let total: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let some = counts.iter().filter(|count| **count > 0).map(|&count| f64::from(count));
    some.map(|count| count * (total / count).log2()).sum()
}

/// The step of a matrix in standard deviations, in relation to others. What enters the first matrix
/// of a feed-forward layer has just been normalised, and what leaves it decides which neurons are at
/// all active: its errors cost the most. Found on this kind of model by trying: see
/// `docs/compression.md`.
fn relative(name: &str) -> f32 {
    if has_part(name, "w1") { 0.8 } else { 1.0 }
}

/// Frequent pieces get finer steps, since their errors are seen more often: a step shrinks with the
/// piece's probability to the power [`SLOPE`]. Scores are natural logarithms of probabilities; beyond
/// these bounds they say little, and these many classes between them are as good as a step for each
/// piece.
const LEAST_SCORE: f32 = -14.0;
const MIDDLE_SCORE: f32 = -11.0;
const MOST_SCORE: f32 = -6.0;
const SCORES: usize = 17;
const SLOPE: f32 = 0.15;
#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Codec;
    use crate::codec::float::Float32;

    const SHAPE: [usize; 2] = [96, 64];

    /// About normally distributed.
    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        let wave = |n: usize, k: f32| ((n as f32 * 12.9898 + seed + k) * 78.233).sin() * 4375.8547;
        let even = |x: f32| x - x.floor() - 0.5;
        (0..count).map(|n| (0..6).map(|k| even(wave(n, k as f32))).sum()).collect()
    }

    fn weight(name: &str, scale: f32) -> Weight {
        let values = numbers(SHAPE[0] * SHAPE[1], scale).iter().map(|v| v * scale).collect();
        Weight::new(name, Box::new(Float32::new(SHAPE, values)), Some(vec![0.0; SHAPE[0]]))
    }

    /// Inputs of which each element resembles its neighbours.
    fn inputs() -> Gram {
        let mut gram = Gram::new(SHAPE[1]);
        for row in numbers(300 * (SHAPE[1] + 3), 0.5).chunks_exact(SHAPE[1] + 3) {
            let mixed: Vec<f32> = row.windows(4).map(|w| w.iter().sum()).collect();
            gram.add(&mixed);
        }
        gram
    }

    #[test]
    fn codes_take_the_bits_that_were_asked_for() {
        for bits in [1.5, 2.6, 4.0, 6.0] {
            let mut weights = [weight("a", 1.0), weight("b", 0.1)];
            let all: Vec<_> = weights.iter_mut().collect();
            let steps = steps(&all, bits).unwrap();
            for inputs in [None, Some(&inputs())] {
                let bytes = all.iter().zip(&steps).map(|(weight, steps)| {
                    let (matrix, _) = round(weight, steps, inputs).unwrap();
                    matrix.parts()[0].1.data().len()
                });
                let taken = 8.0 * bytes.sum::<usize>() as f64 / (2 * SHAPE[0] * SHAPE[1]) as f64;
                assert!((taken - bits).abs() < 0.15, "{taken} bits, not {bits}");
            }
        }
    }

    #[test]
    fn rounds_to_the_nearest_and_a_second_time_changes_nothing() {
        let mut first = weight("a", 1.0);
        let before = first.matrix().to_f32();
        let steps = steps(&[&mut first], 3.0).unwrap().remove(0);
        let step = steps.classes[0];
        let once = round(&first, &steps, None).unwrap().0.to_f32();
        assert!(before.iter().zip(&once).all(|(a, b)| (a - b).abs() <= 0.5001 * step));
        assert!(once.contains(&0.0));
        let again = Weight::new("a", Box::new(Float32::new(SHAPE, once.clone())), None);
        assert_eq!(round(&again, &steps, None).unwrap().0.to_f32(), once);
    }

    #[test]
    fn outputs_are_nearer_with_the_same_steps_and_making_up() {
        let (mut weight, gram) = (weight("a", 1.0), inputs());
        let before = weight.matrix().to_f32();
        let steps = steps(&[&mut weight], 2.5).unwrap().remove(0);
        let error = |inputs| {
            let ours = round(&weight, &steps, inputs).unwrap().0.to_f32();
            let off: Vec<f32> = before.iter().zip(&ours).map(|(a, b)| a - b).collect();
            let width = SHAPE[1];
            let each = off.chunks_exact(width).flat_map(|d| {
                let gram = &gram;
                let pairs = (0..width * width).map(|at| (at / width, at % width));
                pairs.map(move |(i, j)| f64::from(d[i] * d[j] * gram.at(i, j)))
            });
            each.sum::<f64>()
        };
        let (ours, plain) = (error(Some(&gram)), error(None));
        assert!(ours < 0.7 * plain, "{ours} {plain}");
    }

    #[test]
    fn pruned_weights_stay_zero() {
        for inputs in [None, Some(&inputs())] {
            let mut weight = weight("a", 1.0);
            let mask: Vec<bool> = (0..SHAPE[0] * SHAPE[1]).map(|at| at % 3 == 0).collect();
            let values = weight.matrix().to_f32();
            weight.prune(values, Some(vec![0.0; SHAPE[0]]), mask.clone()).unwrap();
            let steps = steps(&[&mut weight], 3.0).unwrap().remove(0);
            let ours = round(&weight, &steps, inputs).unwrap().0.to_f32();
            assert!(ours.iter().zip(&mask).all(|(value, gone)| !gone || *value == 0.0));
        }
    }

    #[test]
    fn frequent_pieces_have_finer_steps() {
        let scores = (0..SHAPE[0]).map(|row| -0.2 * row as f32).collect();
        let mut weight = weight("embedding", 1.0).with_scores(scores).unwrap();
        let steps = steps(&[&mut weight], 3.0).unwrap().remove(0);
        let step = |row: usize| steps.classes[usize::from(steps.rows[row])];
        assert!((1..SHAPE[0]).all(|row| step(row) >= step(row - 1)));
        // From a score of −6 to one of −14.
        let spread = step(95) / step(0);
        assert!((spread / (8.0 * SLOPE).exp() - 1.0).abs() < 0.01, "{spread}");
    }

    #[test]
    fn nothing_but_zeros_is_named() {
        let mut zeros = Weight::new("w", Box::new(Float32::new([1, 2], vec![0.0; 2])), None);
        let error = steps(&[&mut zeros], 3.0).unwrap_err().to_string();
        assert!(error.contains("matrix \"w\"") && error.contains("zeros"), "{error}");
    }
}
