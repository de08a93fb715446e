//! Fewer attention heads: those of least weight in their layer go, with their rows of the query, key
//! and value matrices and their columns of the output matrix, and with them bytes and products. Voita et
//! al. 2019, "Analyzing Multi-Head Self-Attention", and Behnke & Heafield 2021, "Pruning Neural
//! Machine Translation for Speed Using Group Lasso", take heads out while they train; here none is
//! trained, and what is left of the output matrix makes up for what went where a refit is asked for.

use super::prune::select;
use super::recipe::{HeadCriterion, Heads, HeadsGone};
use super::refit::{Affine, refit};
use super::{Gram, Weight};
use crate::error::{Error, Result};

/// The matrices of an attention layer.
#[derive(Debug)]
pub struct Attention<'a> {
    /// Queries, `[heads, in]`, `heads` being the width of all heads together.
    pub q: &'a mut Weight,
    /// Keys, `[heads, in]`.
    pub k: &'a mut Weight,
    /// Values, `[heads, in]`.
    pub v: &'a mut Weight,
    /// `[out, heads]`.
    pub o: &'a mut Weight,
}

/// Takes heads, each `width` wide, out of a layer. `mixed` is what its heads put out over some text:
/// the inputs of `o`.
///
/// # Errors
/// `InvalidInput` when no head would be left, when `mixed` is needed and missing, or when the weights
/// that would change were pruned by a step before.
///
/// # Panics
/// When `width` or `mixed` does not fit the matrices.
pub fn prune(layer: Attention<'_>, width: usize, step: Heads, mixed: Option<&Gram>) -> Result<()> {
    let Attention { q, k, v, o } = layer;
    let [outputs, columns] = o.matrix().shape();
    assert!(columns.is_multiple_of(width), "{}: heads of {width} do not fill it", o.name);
    let count = columns / width;
    let gone = match step.gone {
        HeadsGone::Share(share) => (count as f64 * share).round() as usize,
        HeadsGone::Count(gone) => gone,
    };
    if gone >= count {
        return Err(Error::invalid(format!(
            "this step would leave no head of {count}: take fewer"
        )));
    }
    let mixed = || mixed.ok_or_else(|| Error::invalid("the calibration did not reach it"));
    let (values, weights) = (v.matrix().to_f32(), o.matrix().to_f32());
    let costs: Vec<f32> = match step.criterion {
        HeadCriterion::Magnitude => {
            let inputs = values.len() / columns;
            let norm = |values: &mut dyn Iterator<Item = f32>| values.map(|w| w * w).sum::<f32>();
            let cost = |head: usize| {
                let rows = &values[head * width * inputs..][..width * inputs];
                let places =
                    (0..outputs * width).map(|at| at / width * columns + head * width + at % width);
                norm(&mut rows.iter().copied()) * norm(&mut places.map(|at| weights[at]))
            };
            (0..count).map(cost).collect()
        }
        HeadCriterion::Activation => {
            let mixed = mixed()?;
            assert_eq!(mixed.width(), columns, "inputs of another matrix than {}", o.name);
            (0..count).map(|head| given(&weights, columns, head, width, mixed)).collect()
        }
    };
    let lost = select::least(costs.into_iter(), gone);
    let kept: Vec<usize> = (0..columns).filter(|column| !lost[column / width]).collect();
    if step.refit {
        let bias = o.bias().map(<[f32]>::to_vec);
        let row = |row: usize| kept.iter().map(move |column| row * columns + column);
        let start = (0..outputs).flat_map(row).map(|at| weights[at]).collect();
        let start = Affine { weights: start, bias: bias.clone() };
        let Affine { weights, bias } = refit(&Affine { weights, bias }, &start, &kept, mixed()?)?;
        o.narrow(kept.len(), &weights, bias)?;
    } else {
        o.keep_columns(&kept)?;
    }
    [q, k, v].into_iter().try_for_each(|matrix| matrix.keep_rows(&kept))
}

/// `Σ‖O z‖²` over the text, z being what one head put out and O its columns of `weights`
/// `[out, columns]`: what the layer's output loses with it.
fn given(weights: &[f32], columns: usize, head: usize, width: usize, mixed: &Gram) -> f32 {
    let first = head * width;
    let square = |row: &[f32]| -> f32 {
        let own = &row[first..][..width];
        let product = |i: usize| -> f32 {
            own.iter().enumerate().map(|(j, w)| w * mixed.at(first + i, first + j)).sum()
        };
        own.iter().enumerate().map(|(i, w)| w * product(i)).sum()
    };
    weights.chunks_exact(columns).map(square).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::float::Float32;

    const WIDTH: usize = 2;

    fn matrix(name: &str, shape: [usize; 2], seed: f32) -> Weight {
        let values = (0..shape[0] * shape[1]).map(|n| (n as f32 * 1.7 + seed).sin()).collect();
        Weight::new(name, Box::new(Float32::new(shape, values)), Some(vec![0.5; shape[0]]))
    }

    /// Three heads of 2, over inputs of 5.
    fn layer() -> [Weight; 4] {
        let [q, k, v] = [("q", 0.0), ("k", 1.0), ("v", 2.0)].map(|(n, s)| matrix(n, [6, 5], s));
        [q, k, v, matrix("o", [5, 6], 3.0)]
    }

    /// What three heads put out: the first little, and the third the sum of the other two.
    fn inputs() -> impl Iterator<Item = [f32; 6]> {
        (0..100).map(|n| n as f32).map(|n| {
            let ([a, b], [c, d]) = ([n.sin(), (0.3 * n).cos()], [(0.9 * n).sin(), (2.1 * n).cos()]);
            [0.5 * c, 0.5 * d, a, b, a + 0.5 * c, b + 0.5 * d]
        })
    }

    fn mixed() -> Gram {
        let mut gram = Gram::new(6);
        inputs().for_each(|x| gram.add(&x));
        gram
    }

    fn step(gone: HeadsGone, criterion: HeadCriterion, refit: bool) -> Heads {
        Heads { gone, criterion, refit }
    }

    fn run(weights: &mut [Weight; 4], step: Heads, mixed: Option<&Gram>) -> Result<()> {
        let [q, k, v, o] = weights;
        prune(Attention { q, k, v, o }, WIDTH, step, mixed)
    }

    #[test]
    fn a_head_goes_from_all_four_matrices() {
        let (mut weights, before) = (layer(), layer());
        let step = step(HeadsGone::Share(1.0 / 3.0), HeadCriterion::Activation, false);
        run(&mut weights, step, Some(&mixed())).unwrap();
        for (weight, before) in weights.iter().zip(&before).take(3) {
            assert_eq!(weight.matrix().shape(), [4, 5], "{}", weight.name);
            assert_eq!(weight.matrix().to_f32(), before.matrix().to_f32()[10..]);
            assert_eq!(weight.bias().map(<[f32]>::len), Some(4));
        }
        let (after, before) = (weights[3].matrix().to_f32(), before[3].matrix().to_f32());
        let rows = after.chunks(4).zip(before.chunks(6));
        rows.for_each(|(after, before)| assert_eq!(after, &before[2..], "the first was the least"));
    }

    #[test]
    fn magnitude_compares_what_heads_read_and_write() {
        let mut weights = layer();
        let mut values = weights[2].matrix().to_f32();
        values[10..20].iter_mut().for_each(|value| *value *= 0.01);
        weights[2] = Weight::new("v", Box::new(Float32::new([6, 5], values)), Some(vec![0.0; 6]));
        let before = weights[0].matrix().to_f32();
        run(&mut weights, step(HeadsGone::Count(1), HeadCriterion::Magnitude, false), None)
            .unwrap();
        let expected = [&before[..10], &before[20..]].concat();
        assert_eq!(weights[0].matrix().to_f32(), expected, "the second read least");
    }

    /// Mean squared error of the outputs when one head is gone, over inputs as [`mixed`] has them.
    fn error(refit: bool) -> f32 {
        let (before, mut weights) = (layer(), layer());
        let step = step(HeadsGone::Count(1), HeadCriterion::Activation, refit);
        run(&mut weights, step, Some(&mixed())).unwrap();
        // The first head, which gives least.
        let (old, new) = (before[3].matrix().to_f32(), weights[3].matrix().to_f32());
        assert_eq!(weights[0].matrix().to_f32(), before[0].matrix().to_f32()[10..]);
        let bias = weights[3].bias().unwrap();
        let mut sum = 0.0;
        for x in inputs() {
            for row in 0..5 {
                let product = |weights: &[f32], x: &[f32]| -> f32 {
                    weights.iter().zip(x).map(|(w, x)| w * x).sum()
                };
                let old = product(&old[6 * row..][..6], &x) + 0.5;
                let new = product(&new[4 * row..][..4], &x[2..]) + bias[row];
                sum += (old - new).powi(2);
            }
        }
        sum
    }

    #[test]
    fn the_others_make_up_for_a_head() {
        let (plain, fitted) = (error(false), error(true));
        assert!(fitted < 0.9 * plain, "{plain}, refitted {fitted}");
    }

    #[test]
    fn the_last_head_stays() {
        for gone in [HeadsGone::Count(3), HeadsGone::Count(9), HeadsGone::Share(0.9)] {
            let step = step(gone, HeadCriterion::Magnitude, false);
            let error = run(&mut layer(), step, None).unwrap_err().to_string();
            assert!(error.contains("no head of 3"), "{error}");
        }
        let step = step(HeadsGone::Count(1), HeadCriterion::Activation, false);
        assert!(run(&mut layer(), step, None).unwrap_err().to_string().contains("calibration"));
    }
}
