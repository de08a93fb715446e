//! Other sizes inside the layers: neurons and heads.

use super::parts;
use crate::compress::heads::{self, Attention};
use crate::compress::recipe::{HeadCriterion, Heads, HeadsGone, NeuronCriterion, Neurons};
use crate::compress::refit::Affine;
use crate::compress::{Random, Statistics, neurons};
use crate::error::Result;
use crate::format::Package;
use crate::lab::compress::{insert, read};

/// Gives a feed-forward layer `to` neurons. Fewer: those stay without which its outputs, made up for by
/// least squares, lose least. More: neurons are split, and the function is kept.
pub fn set_neurons(
    package: &mut Package,
    layer: &str,
    [from, to]: [usize; 2],
    statistics: &Statistics,
    random: &mut Random,
) -> Result<()> {
    let [first, second] = ["w1", "w2"].map(|part| format!("{layer}.{part}"));
    if to < from {
        let (mut w1, mut w2) = (read(package, &first)?, read(package, &second)?);
        let share = (from - to) as f64 / from as f64;
        let step = Neurons { share, criterion: NeuronCriterion::Activation, refit: true };
        neurons::prune(&mut w1, &mut w2, step, statistics.get(&second).map(|gram| &**gram))?;
        return [w1, w2].iter().try_for_each(|weight| insert(package, weight));
    }
    let places: Vec<usize> = (0..to).map(|neuron| neuron % from).collect();
    let (w1, [_, width]) = parts::read(package, &first)?;
    let bias = w1.bias.map(|bias| places.iter().map(|&at| bias[at]).collect());
    let wider = Affine { weights: parts::gather_rows(&w1.weights, width, &places), bias };
    parts::write(package, &first, [to, width], wider)?;
    let (w2, [out, _]) = parts::read(package, &second)?;
    let weights = parts::split_columns(&w2.weights, from, &places, random);
    parts::write(package, &second, [out, to], Affine { weights, bias: w2.bias })
}

/// Gives an attention layer `to` heads, each `width` wide. Fewer: those that give least go, and the
/// others make up for them. More: the new ones look at random and nothing of them is used yet, so
/// that the function is kept.
pub fn set_heads(
    package: &mut Package,
    layer: &str,
    [from, to]: [usize; 2],
    width: usize,
    statistics: &Statistics,
    random: &mut Random,
) -> Result<()> {
    let names = ["q", "k", "v", "o"].map(|part| format!("{layer}.{part}"));
    if to < from {
        let read = |name: &String| read(package, name);
        let [mut q, mut k, mut v, mut o] =
            [read(&names[0])?, read(&names[1])?, read(&names[2])?, read(&names[3])?];
        let gone = HeadsGone::Count(from - to);
        let step = Heads { gone, criterion: HeadCriterion::Activation, refit: true };
        let mixed = statistics.get(&names[3]).map(|gram| &**gram);
        let attention = Attention { q: &mut q, k: &mut k, v: &mut v, o: &mut o };
        heads::prune(attention, width, step, mixed)?;
        return [q, k, v, o].iter().try_for_each(|weight| insert(package, weight));
    }
    let more = (to - from) * width;
    for name in &names[..3] {
        let (mut layer, [rows, columns]) = parts::read(package, name)?;
        // As large as the weights that are there: uniform numbers up to √3 have mean square 1.
        let mean = layer.weights.iter().map(|w| w * w).sum::<f32>() / layer.weights.len() as f32;
        let most = (3.0 * mean).sqrt();
        layer.weights.extend((0..more * columns).map(|_| most * random.signed()));
        if let Some(bias) = &mut layer.bias {
            bias.resize(rows + more, 0.0);
        }
        parts::write(package, name, [rows + more, columns], layer)?;
    }
    let (o, [out, columns]) = parts::read(package, &names[3])?;
    let row = |row: &[f32]| [row, &vec![0.0; more]].concat();
    let weights = o.weights.chunks_exact(columns).flat_map(row).collect();
    parts::write(package, &names[3], [out, columns + more], Affine { weights, bias: o.bias })
}
