//! Who is missed least once the others have made up for it: Optimal Brain Surgeon (Hassibi & Stork
//! 1993) with a neuron's weights in W₂ in the place of one weight, as in Kurtić et al. 2023, "ZipLM".
//! With P the inverse of the outputs' damped Gram matrix, losing neuron j costs `‖w_j‖² / P[j][j]`
//! when all others, and the bias, make up for it as well as they can; what they then become, and P
//! without it, are one update each.

use faer::linalg::solvers::DenseSolveCore;

use super::Layer;
use crate::compress::Gram;
use crate::compress::refit::factor;
use crate::error::Result;

/// The neurons that stay when so many go, one after the other, each the one that costs least then.
///
/// # Errors
/// `InvalidInput` when no outputs were seen but zeros.
pub fn keep(layer: &Layer, bias: bool, gone: usize, outputs: &Gram) -> Result<Vec<usize>> {
    let (count, width) = (layer.count, layer.second.len() / layer.count);
    let mut kept: Vec<usize> = (0..count).collect();
    let inverse = factor(&kept, bias, outputs)?.inverse();
    // Of the inverse the lower triangle, of neurons only: nobody asks what the constant is worth.
    let mut inverse: Vec<f64> =
        (0..count * count).map(|at| inverse[(at / count, at % count)]).collect();
    let mut weights: Vec<f64> = layer.second.iter().copied().map(f64::from).collect();
    for _ in 0..gone {
        let cost = |&neuron: &usize| {
            let own = &weights[neuron * width..][..width];
            own.iter().map(|w| w * w).sum::<f64>() / inverse[neuron * count + neuron]
        };
        let costs: Vec<f64> = kept.iter().map(cost).collect();
        let least = (0..costs.len()).min_by(|&a, &b| costs[a].total_cmp(&costs[b]));
        let Some(least) = least else { break };
        let neuron = kept.remove(least);
        let place = |other: usize| neuron.max(other) * count + neuron.min(other);
        let line: Vec<f64> = (0..count).map(|other| inverse[place(other)]).collect();
        let own = weights[neuron * width..][..width].to_vec();
        for &other in &kept {
            let share = line[other] / line[neuron];
            let row = &mut weights[other * width..][..width];
            row.iter_mut().zip(&own).for_each(|(weight, own)| *weight -= share * own);
            let row = &mut inverse[other * count..][..=other];
            row.iter_mut().zip(&line).for_each(|(value, line)| *value -= share * line);
        }
    }
    Ok(kept)
}
