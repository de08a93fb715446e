//! Fewer neurons in feed-forward layers `y = W₂ relu(W₁ x + b₁) + b₂`: rows of W₁ and columns of W₂
//! go, and with them bytes and products.
//!
//! | criterion | who goes | what happens to what it gave |
//! | --- | --- | --- |
//! | magnitude | the least `‖in‖ · ‖out‖` | |
//! | activation | the least `‖h‖ · ‖out‖`; with a refit see `neurons/least.rs` | |
//! | merge | see `neurons/merge.rs`: Srinivas & Babu 2015 | its twin gives it |
//! | correlation | see `neurons/correlation.rs`: Babaeizadeh et al. 2016 | its twin and the bias give it |
//!
//! `in` and `out` are a neuron's weights in W₁ and W₂, h what it puts out over some text. With a
//! refit, what is left of W₂ and b₂ makes up for what went, whatever the criterion.

mod correlation;
mod least;
mod merge;
mod pairs;

use super::prune::select;
use super::recipe::{NeuronCriterion, Neurons};
use super::refit::{Affine, refit};
use super::{Gram, Weight};
use crate::error::{Error, Result};

/// A layer's weights by neuron.
struct Layer {
    count: usize,
    /// Norms of the neurons' weights in W₁, their biases among them: `[count]`.
    incoming: Vec<f32>,
    /// W₁ and b₁, `[count, in + 1]`.
    first: Vec<f32>,
    /// W₂ transposed: `[count, out]`.
    second: Vec<f32>,
}

/// The neurons that stay, in their order, and what W₂ and b₂ become where a criterion changes them.
struct Rest {
    kept: Vec<usize>,
    merged: Option<Affine>,
}

/// Takes neurons out of a layer. `outputs` is what the neurons put out over some text: the inputs of
/// `second`.
///
/// # Errors
/// `InvalidInput` when no neuron would be left, when `outputs` are needed and missing, or when the
/// weights that would change were pruned by a step before.
///
/// # Panics
/// When the two matrices do not fit each other, or the outputs do not fit them.
pub fn prune(
    first: &mut Weight,
    second: &mut Weight,
    step: Neurons,
    outputs: Option<&Gram>,
) -> Result<()> {
    let layer = Layer::new(first, second);
    let gone = (layer.count as f64 * step.share).round() as usize;
    if gone >= layer.count {
        return Err(Error::invalid(format!(
            "this step would leave no neuron of {}: give a lower `share`",
            layer.count
        )));
    }
    let outputs = || outputs.ok_or_else(|| Error::invalid("the calibration did not reach it"));
    let rest = match step.criterion {
        NeuronCriterion::Magnitude => layer.without_least(gone, &layer.incoming),
        // What the layer's output loses with a neuron: all that it gave, or what the others can't.
        NeuronCriterion::Activation if step.refit => {
            let kept = least::keep(&layer, second.bias().is_some(), gone, outputs()?)?;
            Rest { kept, merged: None }
        }
        NeuronCriterion::Activation => {
            let norms: Vec<f32> = outputs()?.diagonal().map(f32::sqrt).collect();
            layer.without_least(gone, &norms)
        }
        NeuronCriterion::Merge => merge::merge(&layer, second.bias(), gone),
        NeuronCriterion::Correlation => correlation::merge(&layer, second.bias(), gone, outputs()?),
    };
    if step.refit {
        let bias = second.bias().map(<[f32]>::to_vec);
        let whole = Affine { weights: second.matrix().to_f32(), bias: bias.clone() };
        let start = match rest.merged {
            Some(merged) => merged,
            None => Affine { weights: layer.outgoing(&rest.kept), bias },
        };
        let Affine { weights, bias } = refit(&whole, &start, &rest.kept, outputs()?)?;
        second.narrow(rest.kept.len(), &weights, bias)?;
    } else if let Some(Affine { weights, bias }) = rest.merged {
        second.narrow(rest.kept.len(), &weights, bias)?;
    } else {
        second.keep_columns(&rest.kept)?;
    }
    first.keep_rows(&rest.kept)
}

impl Layer {
    fn new(first: &Weight, second: &Weight) -> Self {
        let ([count, inputs], [outputs, inner]) = (first.matrix().shape(), second.matrix().shape());
        assert_eq!(count, inner, "{} and {} do not fit each other", first.name, second.name);
        let zeros = vec![0.0; count];
        let biases = first.bias().unwrap_or(&zeros);
        let weights = first.matrix().to_f32();
        let rows = weights.chunks_exact(inputs).zip(biases);
        let first: Vec<f32> =
            rows.flat_map(|(row, bias)| row.iter().chain([bias]).copied()).collect();
        let weights = second.matrix().to_f32();
        let column = |neuron: usize| (0..outputs).map(move |row| (row, neuron));
        let second = (0..count).flat_map(column).map(|(row, n)| weights[row * count + n]).collect();
        let incoming = first.chunks_exact(inputs + 1).map(norm).collect();
        Layer { count, incoming, first, second }
    }

    /// A neuron's weights in W₁, and its bias.
    fn first(&self, neuron: usize) -> &[f32] {
        let width = self.first.len() / self.count;
        &self.first[neuron * width..][..width]
    }

    /// A neuron's weights in W₂.
    fn second(&self, neuron: usize) -> &[f32] {
        let width = self.second.len() / self.count;
        &self.second[neuron * width..][..width]
    }

    /// Those columns of W₂: `[out, kept]`.
    fn outgoing(&self, kept: &[usize]) -> Vec<f32> {
        outgoing(&self.second, self.second.len() / self.count, kept)
    }

    /// Without the neurons whose output, so large, moves the layer's least.
    fn without_least(&self, gone: usize, sizes: &[f32]) -> Rest {
        let costs = (0..self.count).map(|neuron| sizes[neuron] * norm(self.second(neuron)));
        let gone = select::least(costs.collect::<Vec<_>>().into_iter(), gone);
        Rest { kept: (0..self.count).filter(|&neuron| !gone[neuron]).collect(), merged: None }
    }
}

/// Rows of W₂ transposed, `[_, width]`, as columns again: `[width, kept]`.
fn outgoing(second: &[f32], width: usize, kept: &[usize]) -> Vec<f32> {
    let row = |row: usize| kept.iter().map(move |neuron| second[neuron * width + row]);
    (0..width).flat_map(row).collect()
}

/// `‖v‖`.
fn norm(values: &[f32]) -> f32 {
    square(values).sqrt()
}

/// `‖v‖²`.
fn square(values: &[f32]) -> f32 {
    values.iter().map(|value| value * value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::float::Float32;

    /// Neurons, over three inputs, with two outputs.
    const COUNT: usize = 6;

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        (0..count).map(|n| (n as f32 * 1.7 + seed).sin()).collect()
    }

    fn layer(first: Vec<f32>, biases: Vec<f32>, second: Vec<f32>) -> [Weight; 2] {
        [
            Weight::new("w1", Box::new(Float32::new([COUNT, 3], first)), Some(biases)),
            Weight::new("w2", Box::new(Float32::new([2, COUNT], second)), Some(vec![0.5, -0.5])),
        ]
    }

    fn any() -> [Weight; 2] {
        layer(numbers(18, 0.0), numbers(COUNT, 1.0), numbers(12, 2.0))
    }

    /// The last neuron is the first once more, with other weights of its own to the outputs.
    fn twins() -> [Weight; 2] {
        let (mut first, mut biases) = (numbers(18, 0.0), numbers(COUNT, 1.0));
        first.copy_within(0..3, 15);
        biases[5] = biases[0];
        layer(first, biases, numbers(12, 2.0))
    }

    fn inputs() -> Vec<f32> {
        numbers(3 * 80, 5.0).iter().map(|value| 2.0 * value).collect()
    }

    fn product(weight: &Weight, x: &[f32]) -> Vec<f32> {
        let rows = weight.matrix().to_f32();
        let rows = rows.chunks_exact(x.len()).zip(weight.bias().unwrap());
        rows.map(|(row, bias)| row.iter().zip(x).map(|(w, x)| w * x).sum::<f32>() + bias).collect()
    }

    fn inside([first, _]: &[Weight; 2], x: &[f32]) -> Vec<f32> {
        product(first, x).into_iter().map(|value| value.max(0.0)).collect()
    }

    fn outputs(layer: &[Weight; 2]) -> Vec<f32> {
        inputs().chunks_exact(3).flat_map(|x| product(&layer[1], &inside(layer, x))).collect()
    }

    fn gram(layer: &[Weight; 2]) -> Gram {
        let mut gram = Gram::new(layer[1].matrix().shape()[1]);
        inputs().chunks_exact(3).for_each(|x| gram.add(&inside(layer, x)));
        gram
    }

    /// Mean squared difference of the outputs.
    fn error(one: &[Weight; 2], other: &[Weight; 2]) -> f32 {
        let (a, b) = (outputs(one), outputs(other));
        a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>() / a.len() as f32
    }

    fn run(
        layer: &mut [Weight; 2],
        criterion: NeuronCriterion,
        gone: usize,
        refit: bool,
    ) -> Result<()> {
        let share = gone as f64 / COUNT as f64;
        let gram = gram(layer);
        let [first, second] = layer;
        prune(first, second, Neurons { share, criterion, refit }, Some(&gram))
    }

    const ALL: [NeuronCriterion; 4] = [
        NeuronCriterion::Magnitude,
        NeuronCriterion::Activation,
        NeuronCriterion::Merge,
        NeuronCriterion::Correlation,
    ];

    #[test]
    fn neurons_go_from_both_matrices_and_a_refit_helps_them_all() {
        for criterion in ALL {
            let (whole, [mut plain, mut fitted]) = (any(), [any(), any()]);
            run(&mut plain, criterion, 2, false).unwrap();
            run(&mut fitted, criterion, 2, true).unwrap();
            for layer in [&plain, &fitted] {
                assert_eq!(layer[0].matrix().shape(), [4, 3]);
                assert_eq!(layer[1].matrix().shape(), [2, 4]);
                assert_eq!(layer[0].bias().unwrap().len(), 4);
            }
            let (plain, fitted) = (error(&whole, &plain), error(&whole, &fitted));
            assert!(fitted < plain, "{criterion:?}: {plain}, refitted {fitted}");
        }
    }

    #[test]
    fn twins_become_one_without_loss() {
        for criterion in [NeuronCriterion::Merge, NeuronCriterion::Correlation] {
            let (whole, mut layer) = (twins(), twins());
            run(&mut layer, criterion, 1, false).unwrap();
            let error = error(&whole, &layer);
            assert!(error < 1e-9, "{criterion:?}: {error}");
        }
    }

    #[test]
    fn a_neuron_that_follows_another_is_expressed_by_it() {
        // The last one is three times the first, and never below zero where the first is not.
        let mut first = numbers(18, 0.0);
        let mut biases = numbers(COUNT, 1.0);
        for at in 0..3 {
            first[15 + at] = 3.0 * first[at];
        }
        biases[5] = 3.0 * biases[0];
        let whole = || layer(first.clone(), biases.clone(), numbers(12, 2.0));
        let mut by_outputs = whole();
        run(&mut by_outputs, NeuronCriterion::Correlation, 1, false).unwrap();
        let [one, other] = [error(&whole(), &by_outputs), {
            let mut by_weights = whole();
            run(&mut by_weights, NeuronCriterion::Merge, 1, false).unwrap();
            error(&whole(), &by_weights)
        }];
        assert!(one < 1e-9, "{one}");
        assert!(other > 1e-3, "weights alone do not show it: {other}");
    }

    #[test]
    fn a_neuron_that_always_says_the_same_becomes_a_bias() {
        let (mut first, mut biases) = (numbers(18, 0.0), numbers(COUNT, 1.0));
        first[6..9].fill(0.0);
        biases[2] = 0.7;
        let whole = || layer(first.clone(), biases.clone(), numbers(12, 2.0));
        let mut small = whole();
        run(&mut small, NeuronCriterion::Correlation, 1, false).unwrap();
        assert!(error(&whole(), &small) < 1e-9);
        assert!(!small[0].matrix().to_f32().chunks(3).any(|row| row == [0.0; 3]));
    }

    #[test]
    fn the_least_of_weights_and_of_outputs_are_not_the_same() {
        let (mut first, mut second) = (numbers(18, 0.0), numbers(12, 2.0));
        let mut biases = vec![0.2; COUNT];
        // Large weights, but silent.
        biases[4] = -100.0;
        first[12..15].fill(9.0);
        // Small ones.
        second[1] = 1e-3;
        second[COUNT + 1] = 1e-3;
        let whole = layer(first, biases, second);
        let rows = |layer: &[Weight; 2]| layer[0].matrix().to_f32();
        let without = |neuron: usize| {
            let mut all = rows(&whole);
            all.drain(3 * neuron..3 * neuron + 3);
            all
        };
        for (criterion, gone) in [(NeuronCriterion::Magnitude, 1), (NeuronCriterion::Activation, 4)]
        {
            let mut small =
                layer(rows(&whole), whole[0].bias().unwrap().to_vec(), whole[1].matrix().to_f32());
            run(&mut small, criterion, 1, false).unwrap();
            assert_eq!(rows(&small), without(gone), "{criterion:?}");
        }
    }

    #[test]
    fn who_is_missed_least_is_found_among_all_choices() {
        let whole = any();
        let gram = gram(&whole);
        let pruned = |gone: usize| -> f32 {
            let layer = Layer::new(&whole[0], &whole[1]);
            let kept: Vec<usize> = (0..COUNT).filter(|&neuron| neuron != gone).collect();
            let bias = whole[1].bias().map(<[f32]>::to_vec);
            let start = Affine { weights: layer.outgoing(&kept), bias: bias.clone() };
            let all = Affine { weights: whole[1].matrix().to_f32(), bias };
            let fitted = refit(&all, &start, &kept, &gram).unwrap();
            let mut small = any();
            small[1].narrow(5, &fitted.weights, fitted.bias).unwrap();
            small[0].keep_rows(&kept).unwrap();
            error(&whole, &small)
        };
        let errors: Vec<f32> = (0..COUNT).map(pruned).collect();
        let mut small = any();
        run(&mut small, NeuronCriterion::Activation, 1, true).unwrap();
        let least = errors.iter().copied().fold(f32::INFINITY, f32::min);
        // The damping, which is meant for more neurons and less text, may change the order of near
        // ones; the worst choice costs seven times the best.
        assert!(error(&whole, &small) <= 1.5 * least, "{} of {errors:?}", error(&whole, &small));
    }

    #[test]
    fn a_layer_keeps_a_neuron_and_what_was_pruned_stays_so() {
        for criterion in ALL {
            let [first, second] = &mut any();
            let step = Neurons { share: 0.99, criterion, refit: false };
            let error = prune(first, second, step, Some(&gram(&any()))).unwrap_err().to_string();
            assert!(error.contains("no neuron of 6"), "{error}");
        }
        let [mut first, mut second] = any();
        let mut mask = vec![false; 12];
        mask[3] = true;
        let bias = second.bias().map(<[f32]>::to_vec);
        second.prune(second.matrix().to_f32(), bias, mask).unwrap();
        let step = Neurons { share: 0.2, criterion: NeuronCriterion::Merge, refit: false };
        let error = prune(&mut first, &mut second, step, None).unwrap_err().to_string();
        assert!(error.contains("a step before pruned"), "{error}");
        let step = Neurons { criterion: NeuronCriterion::Magnitude, ..step };
        prune(&mut first, &mut second, step, None).unwrap();
        assert!(second.pruned().is_some());
        let step = Neurons { criterion: NeuronCriterion::Activation, ..step };
        let error = prune(&mut first, &mut second, step, None).unwrap_err().to_string();
        assert!(error.contains("calibration"), "{error}");
    }
}
