//! Neurons merge without data: Srinivas & Babu 2015, "Data-free Parameter Pruning for Deep Neural
//! Networks". Of two neurons i and j that see their inputs nearly alike, one can give what both
//! gave: j goes, and its outgoing weights are added to those of i. The expected error of the outputs
//! is at most in proportion to `‖out_j‖² · ‖in_i − in_j‖²` (section 3, equation 7; the mean over the
//! outputs is taken there, which is the same up to a factor), biases being weights. The pair of least
//! saliency goes first, and what i now gives counts from then on.

use super::pairs::Pairs;
use super::{Layer, Rest, outgoing, square};
use crate::compress::refit::Affine;

/// Merges so many neurons into others.
pub fn merge(layer: &Layer, bias: Option<&[f32]>, gone: usize) -> Rest {
    let distance = |one: usize, other: usize| -> f32 {
        let pairs = layer.first(one).iter().zip(layer.first(other));
        pairs.map(|(a, b)| (a - b) * (a - b)).sum()
    };
    let mut pairs = Pairs::new(layer.count, distance);
    let mut second = layer.second.clone();
    let width = second.len() / layer.count;
    let mut squares: Vec<f32> = second.chunks_exact(width).map(square).collect();
    for _ in 0..gone {
        let Some((goes, twin)) = pairs.cheapest(&squares) else { break };
        for at in 0..width {
            second[twin * width + at] += second[goes * width + at];
        }
        squares[twin] = square(&second[twin * width..][..width]);
        pairs.remove(goes);
    }
    let kept = pairs.left();
    let weights = outgoing(&second, width, &kept);
    Rest { kept, merged: Some(Affine { weights, bias: bias.map(<[f32]>::to_vec) }) }
}
