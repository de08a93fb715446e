//! Another width of the hidden states. Encodings of positions are fixed numbers, sines in the first
//! half of the elements and cosines in the second, from fast to slow whatever the width; so each new
//! element takes after the old one whose sine is nearest in frequency. Narrower: what reads hidden
//! states is refitted to those that are left. Wider: elements are repeated, and what reads them is
//! split among the copies. (From 256 to 192 this left a model of English and Portuguese more of its
//! chrF, 21, than the elements of most variance did, 17.)
//!
//! Either way the function changes: layer norms see other means and variances, and positions other
//! frequencies. Where the width is a multiple, only the frequencies differ.

use std::collections::BTreeSet;

use super::parts;
use crate::compress::refit::{Affine, refit};
use crate::compress::{Random, Statistics};
use crate::error::{At, Error, Result};
use crate::format::Package;
use crate::lab::calibrate::calibrate;

/// The old element, of `from`, that stands at each place of `to`.
pub fn sources(from: usize, to: usize) -> Vec<usize> {
    let (n, m) = (from / 2, to / 2);
    let half: Vec<usize> = super::depth::sources(n, m);
    half.iter().copied().chain(half.iter().map(|at| at + n)).collect()
}

/// Gives the hidden states of a package the width `to`; heads stay as wide as they are.
///
/// # Errors
/// `InvalidInput` when it gets smaller and there is no calibration text.
pub fn change(
    package: &mut Package,
    to: usize,
    calibration: &[String],
    random: &mut Random,
    progress: &mut dyn FnMut(&str, f64),
) -> Result<()> {
    let architecture = &package.metadata.architecture;
    let (from, head) = (architecture.width, architecture.head_width());
    let (encoder, decoder) = (architecture.encoder(), architecture.decoder());
    let names: BTreeSet<String> = package.metadata.matrices.keys().cloned().collect();
    let reads = |name: &&String| ["q", "k", "v", "w1", "candidate", "forget"].contains(&part(name));
    let mut statistics = Statistics::new();
    if to < from {
        if calibration.is_empty() {
            return Err(Error::invalid("less needs calibration text, and none was given"));
        }
        let wanted = names.iter().filter(reads).cloned().collect();
        statistics =
            calibrate(package, calibration, wanted, &mut |share| progress("calibration", share))?;
    }
    let places = sources(from, to);
    for name in names.iter().filter(reads) {
        let (whole, [rows, _]) = parts::read(package, name)?;
        let narrower = if to < from {
            let unheard = || Error::invalid("the calibration did not reach it");
            let inputs = statistics.get(name).ok_or_else(unheard);
            let weights = parts::gather_columns(&whole.weights, from, &places);
            let start = Affine { weights, bias: whole.bias.clone() };
            let fit = |inputs: &std::sync::Arc<_>| refit(&whole, &start, &places, inputs);
            inputs.and_then(fit).at(format!("matrix \"{name}\""))?
        } else {
            let weights = parts::split_columns(&whole.weights, from, &places, random);
            Affine { weights, bias: whole.bias }
        };
        parts::write(package, name, [rows, to], narrower)?;
    }
    for name in &names {
        if !["o", "w2", "candidate", "forget"].contains(&part(name)) {
            continue;
        }
        let (layer, [_, columns]) = parts::read(package, name)?;
        let weights = parts::gather_rows(&layer.weights, columns, &places);
        let bias = layer.bias.map(|bias| places.iter().map(|&at| bias[at]).collect());
        parts::write(package, name, [to, columns], Affine { weights, bias })?;
    }
    for name in package.vector_names().iter().filter(|name| name.contains(".norm.")) {
        parts::gather_vector(package, name, from, &places)?;
    }
    embedding(package, from, &places, decoder.len())?;
    let architecture = &mut package.metadata.architecture;
    (architecture.width, architecture.heads) = (to, to / head);
    architecture.set_layers(encoder, decoder);
    Ok(())
}

/// The last part of a name.
fn part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Embeddings are multiplied by √d where they come in and by nothing where logits are made of them;
/// the norm before the logits makes up for what that and repetitions change there.
fn embedding(package: &mut Package, from: usize, places: &[usize], depth: usize) -> Result<()> {
    let to = places.len();
    let (whole, [rows, _]) = parts::read(package, "embedding")?;
    let scale = (from as f32 / to as f32).sqrt();
    let mut weights = parts::gather_columns(&whole.weights, from, places);
    weights.iter_mut().for_each(|value| *value *= scale);
    parts::write(package, "embedding", [rows, to], Affine { weights, bias: None })?;
    // Products are sums over all old elements: copies share one, and fewer stand for those that went.
    let mut copies = vec![0.0f32; from];
    places.iter().for_each(|&at| copies[at] += 1.0);
    let stands_for = (from as f32 / to as f32).max(1.0);
    for vector in ["scale", "bias"] {
        let name = format!("decoder.{}.ffn.norm.{vector}", depth - 1);
        let mut values = package.vector(&name, to)?;
        for (value, &at) in values.iter_mut().zip(places) {
            *value *= stands_for / (scale * copies[at]);
        }
        package.set_vector(&name, &values)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_keep_their_half_and_their_order() {
        assert_eq!(sources(8, 4), [0, 3, 4, 7]);
        assert_eq!(sources(4, 8), [0, 0, 1, 1, 2, 2, 3, 3]);
        let narrow = sources(256, 192);
        assert!(narrow.windows(2).all(|pair| pair[0] < pair[1]), "none comes twice");
        assert_eq!((narrow[95], narrow[96]), (127, 128));
    }
}
