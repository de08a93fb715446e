//! Fewer weights: the least important become zero. That shrinks the file, since zeros compress well;
//! products take as long as before.
//!
//! | criterion | importance of a weight w, h being Σx² of its input | compared with |
//! | --- | --- | --- |
//! | magnitude | `∣w∣` | as the scope says: See et al. 2016 |
//! | obd | `∣w∣ · √h` | as the scope says |
//! | wanda | `∣w∣ · √h` | its row: Sun et al. 2023 |
//! | obs | see `prune/obs.rs` | its block of columns: Frantar & Alistarh 2023 |
//!
//! Optimal Brain Damage (LeCun et al. 1990) takes from the second derivatives of the loss those of
//! single weights. Of a layer's squared error they are 2h, and the saliency is `w² · h`: the square
//! of Wanda's, which therefore differs in nothing but what it compares. Where inputs are known, what a
//! weight gave on average goes to the bias.

mod obs;
pub(crate) mod select;

use super::recipe::{Amount, Criterion, Scope};
use super::{Gram, Statistics, Weight};
use crate::error::{At, Error, Result};

/// Neighbours of which two go.
const FOUR: usize = 4;

/// Prunes `weights` together.
///
/// # Errors
/// `InvalidInput` when a matrix has no statistics and the criterion needs them, or when nothing of a
/// matrix would be left.
pub fn prune(
    weights: &mut [&mut Weight],
    criterion: Criterion,
    amount: Amount,
    statistics: &Statistics,
    progress: &mut dyn FnMut(&str),
) -> Result<()> {
    let mut inputs: Vec<Option<&Gram>> = Vec::with_capacity(weights.len());
    for weight in weights.iter() {
        let gram = statistics.get(&weight.name).map(|gram| &**gram);
        if criterion != Criterion::Magnitude && gram.is_none() {
            let message = "this criterion needs the inputs of products, and there are none: prune \
                           the embedding by magnitude";
            return Err(Error::invalid(message).at(place(weight)));
        }
        inputs.push(gram.filter(|_| criterion != Criterion::Magnitude));
    }
    if criterion == Criterion::Obs {
        for (weight, inputs) in weights.iter_mut().zip(inputs) {
            progress(&weight.name);
            let Some(inputs) = inputs else { continue };
            let place = place(weight);
            let obs::Pruned { weights, bias, mask } =
                obs::obs(weight, amount, inputs).at(place.as_str())?;
            weight.prune(weights, bias, mask).at(place)?;
        }
        return Ok(());
    }
    let mut saliences = Vec::with_capacity(weights.len());
    for (weight, inputs) in weights.iter().zip(&inputs) {
        progress(&weight.name);
        saliences.push(salience(weight, *inputs));
    }
    let masks = match amount {
        Amount::TwoOfFour => {
            let columns = |n: usize| weights[n].matrix().shape()[1];
            saliences.iter().enumerate().map(|(n, s)| two_of_four(s, columns(n))).collect()
        }
        Amount::Share(share, _) if criterion == Criterion::Wanda => {
            let columns = |n: usize| weights[n].matrix().shape()[1];
            saliences.iter().enumerate().map(|(n, s)| by_row(s, columns(n), share)).collect()
        }
        Amount::Share(share, scope) => by_scope(&saliences, share, scope),
    };
    for ((weight, mask), inputs) in weights.iter_mut().zip(masks).zip(inputs) {
        let place = place(weight);
        let before = weight.matrix().to_f32();
        let kept = before.iter().zip(&mask).map(|(value, gone)| if *gone { 0.0 } else { *value });
        let values: Vec<f32> = kept.collect();
        // After a ReLU inputs are never negative, and the loss of what they gave would shift every
        // output.
        let bias = weight.bias().map(|bias| match inputs {
            None => bias.to_vec(),
            Some(inputs) => inputs.keep_means(bias, &before, &values),
        });
        weight.prune(values, bias, mask).at(place)?;
    }
    Ok(())
}

fn place(weight: &Weight) -> String {
    format!("matrix \"{}\"", weight.name)
}

/// Each weight, times the norm of its input where there are inputs: `[out, in]`.
fn salience(weight: &Weight, inputs: Option<&Gram>) -> Vec<f32> {
    let mut values = weight.matrix().to_f32();
    if let Some(inputs) = inputs {
        let norms: Vec<f32> = inputs.diagonal().map(f32::sqrt).collect();
        for row in values.chunks_exact_mut(norms.len()) {
            row.iter_mut().zip(&norms).for_each(|(value, norm)| *value *= norm);
        }
    }
    values
}

/// The share of all, of each class, or of all in units of their class's standard deviation.
fn by_scope(classes: &[Vec<f32>], share: f64, scope: Scope) -> Vec<Vec<bool>> {
    let units: Vec<f32> = match scope {
        Scope::Uniform => {
            let mask = |class: &Vec<f32>| select::smallest(class.iter().copied(), share);
            return classes.iter().map(mask).collect();
        }
        Scope::Blind => vec![1.0; classes.len()],
        Scope::Distribution => classes.iter().map(|class| deviation(class)).collect(),
    };
    let scaled = |(class, unit): (&'_ Vec<f32>, f32)| -> Vec<f32> {
        // A class of equal weights has no spread to measure them by.
        let inverse = if unit > 0.0 { 1.0 / unit } else { 1.0 };
        class.iter().map(|value| value * inverse).collect()
    };
    let all: Vec<f32> = classes.iter().zip(units).flat_map(scaled).collect();
    let mut mask = select::smallest(all.into_iter(), share).into_iter();
    classes.iter().map(|class| mask.by_ref().take(class.len()).collect()).collect()
}

fn deviation(class: &[f32]) -> f32 {
    let count = class.len() as f64;
    let mean = class.iter().copied().map(f64::from).sum::<f64>() / count;
    let variance =
        class.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / count;
    variance.sqrt() as f32
}

fn by_row(saliences: &[f32], columns: usize, share: f64) -> Vec<bool> {
    let rows = saliences.chunks_exact(columns);
    rows.flat_map(|row| select::smallest(row.iter().copied(), share)).collect()
}

/// The lesser two of each four neighbours; what is left at a row's end is cut in half the same way.
fn two_of_four(saliences: &[f32], columns: usize) -> Vec<bool> {
    let rows = saliences.chunks_exact(columns);
    let fours = rows.flat_map(|row| row.chunks(FOUR));
    fours.flat_map(|four| select::least(four.iter().copied(), four.len() / 2)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::codec::float::Float32;

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        let wave = |n: usize| ((n as f32 + seed) * 12.9898).sin() * 4375.8547;
        (0..count).map(wave).map(|x| x - x.floor() - 0.5).collect()
    }

    fn weights() -> Vec<Weight> {
        let matrix = |name: &str, shape: [usize; 2], scale: f32| {
            let values = numbers(shape[0] * shape[1], scale).iter().map(|v| v * scale).collect();
            Weight::new(name, Box::new(Float32::new(shape, values)), Some(vec![0.0; shape[0]]))
        };
        vec![matrix("a", [10, 16], 1.0), matrix("b", [30, 16], 0.1), matrix("c", [7, 9], 3.0)]
    }

    fn statistics(weights: &[Weight]) -> Statistics {
        let gram = |weight: &Weight| {
            let width = weight.matrix().shape()[1];
            let mut gram = Gram::new(width);
            for (row, x) in numbers(60 * width, 5.0).chunks_exact(width).enumerate() {
                let scaled: Vec<f32> =
                    x.iter().enumerate().map(|(n, v)| v * (1 + (n + row) % 5) as f32).collect();
                gram.add(&scaled);
            }
            (weight.name.clone(), Arc::new(gram))
        };
        weights.iter().map(gram).collect()
    }

    fn run(weights: &mut [Weight], criterion: Criterion, amount: Amount) -> Result<()> {
        let statistics = statistics(weights);
        let mut all: Vec<_> = weights.iter_mut().collect();
        prune(&mut all, criterion, amount, &statistics, &mut |_| {})
    }

    fn zeros(weight: &Weight) -> usize {
        weight.matrix().to_f32().iter().filter(|value| **value == 0.0).count()
    }

    fn elements(weight: &Weight) -> usize {
        weight.matrix().shape().iter().product()
    }

    proptest! {
        #[test]
        fn exactly_the_share_goes_and_a_second_time_changes_nothing(
            share in 0.01f64..0.9,
            criterion in prop::sample::select(vec![Criterion::Magnitude, Criterion::Obd]),
            scope in prop::sample::select(vec![Scope::Blind, Scope::Uniform, Scope::Distribution]),
        ) {
            let mut weights = weights();
            // A matrix of small weights may lose all of them to the blind: that is refused.
            if run(&mut weights, criterion, Amount::Share(share, scope)).is_err() {
                prop_assert!(scope == Scope::Blind);
                return Ok(());
            }
            let count = |n: usize| (n as f64 * share).round() as usize;
            if scope == Scope::Uniform {
                for weight in &weights {
                    prop_assert_eq!(zeros(weight), count(elements(weight)));
                }
            } else {
                let total = weights.iter().map(elements).sum();
                prop_assert_eq!(weights.iter().map(zeros).sum::<usize>(), count(total));
            }
            let before: Vec<_> = weights.iter().map(|weight| weight.matrix().to_f32()).collect();
            // What is compared by a class's deviation changes with it.
            if scope != Scope::Distribution {
                run(&mut weights, criterion, Amount::Share(share, scope)).unwrap();
                for (weight, before) in weights.iter().zip(before) {
                    prop_assert_eq!(weight.matrix().to_f32(), before);
                }
            }
        }
    }

    #[test]
    fn scopes_compare_as_they_say() {
        let shares = |scope| {
            let mut weights = weights();
            run(&mut weights, Criterion::Magnitude, Amount::Share(0.3, scope)).unwrap();
            let share = |weight: &Weight| zeros(weight) as f64 / elements(weight) as f64;
            weights.iter().map(share).collect::<Vec<_>>()
        };
        let [blind, uniform, distribution] =
            [Scope::Blind, Scope::Uniform, Scope::Distribution].map(shares);
        assert!(blind[1] > 0.4 && blind[0] < 0.1 && blind[2] < 0.05, "{blind:?}");
        assert!(uniform.iter().all(|share| (share - 0.3).abs() < 0.01), "{uniform:?}");
        // All three are spread evenly, each over its own range.
        assert!(distribution.iter().all(|share| (share - 0.3).abs() < 0.1), "{distribution:?}");
    }

    #[test]
    fn wanda_takes_as_many_of_each_row() {
        let mut weights = weights();
        let before = weights[0].matrix().to_f32();
        let norms: Vec<f32> = statistics(&weights)["a"].diagonal().map(f32::sqrt).collect();
        run(&mut weights, Criterion::Wanda, Amount::Share(0.25, Scope::Blind)).unwrap();
        for (row, before) in weights[0].matrix().to_f32().chunks(16).zip(before.chunks(16)) {
            let score = |at: usize| before[at].abs() * norms[at];
            let (gone, kept): (Vec<_>, Vec<_>) = (0..16).partition(|&at| row[at] == 0.0);
            assert_eq!(gone.len(), 4);
            let most = gone.into_iter().map(score).fold(0.0, f32::max);
            assert!(kept.into_iter().all(|at| score(at) >= most && row[at] == before[at]));
        }
    }

    #[test]
    fn what_went_leaves_its_mean_to_the_bias() {
        for criterion in [Criterion::Wanda, Criterion::Obd, Criterion::Obs] {
            let mut weights = weights();
            let before = weights[0].matrix().to_f32();
            let means: Vec<f32> = statistics(&weights)["a"].means().collect();
            run(&mut weights, criterion, Amount::Share(0.5, Scope::Uniform)).unwrap();
            let (after, bias) = (weights[0].matrix().to_f32(), weights[0].bias().unwrap());
            let mean = |row: &[f32]| row.iter().zip(&means).map(|(w, m)| w * m).sum::<f32>();
            for (row, bias) in bias.iter().enumerate() {
                let place = row * 16..(row + 1) * 16;
                let (old, new) = (mean(&before[place.clone()]), mean(&after[place]) + bias);
                assert!((old - new).abs() < 0.02, "{criterion:?}: {old} before, {new} after");
            }
        }
        let mut weights = weights();
        run(&mut weights, Criterion::Magnitude, Amount::Share(0.5, Scope::Uniform)).unwrap();
        assert!(weights[0].bias().unwrap().iter().all(|bias| *bias == 0.0), "nothing is known");
    }

    #[test]
    fn two_of_four_neighbours_go_whatever_the_criterion() {
        for criterion in [Criterion::Magnitude, Criterion::Wanda, Criterion::Obd, Criterion::Obs] {
            let mut weights = weights();
            run(&mut weights, criterion, Amount::TwoOfFour).unwrap();
            for (weight, columns) in weights.iter().zip([16, 16, 9]) {
                for row in weight.matrix().to_f32().chunks(columns) {
                    for four in row.chunks(4) {
                        let gone = four.iter().filter(|value| **value == 0.0).count();
                        assert_eq!(gone, four.len() / 2, "{criterion:?} {four:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_has_no_statistics_or_would_be_empty_is_named() {
        let mut weights = weights();
        let mut all: Vec<_> = weights.iter_mut().collect();
        let share = Amount::Share(0.5, Scope::Blind);
        let none = Statistics::new();
        let error = prune(&mut all, Criterion::Wanda, share, &none, &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains("matrix \"a\""), "{error}");
        let share = Amount::Share(0.8, Scope::Blind);
        let error = run(&mut weights, Criterion::Magnitude, share).unwrap_err().to_string();
        assert!(error.contains("matrix \"b\"") && error.contains("no weight but zeros"), "{error}");
    }
}
