//! Fewer bits a weight. Half floats and rounding to nearest: Aji & Heafield 2020, "Compressing
//! Neural Machine Translation Models with 4-bit Precision"; `quantize/clip.rs`: scales of least squared
//! error; `quantize/gptq.rs`: Frantar et al. 2022; `quantize/coded.rs`: one grid, entropy-coded.

mod clip;
mod coded;
mod gptq;

use super::recipe::{Group, Mixed, Precision, Rounding};
use super::target::{EMBEDDING, Target};
use super::{Gram, Replacement, Statistics, Weight, low_rank};
use crate::codec::float::Float32;
use crate::codec::float16::Float16;
use crate::codec::int::{Bits, Int};
use crate::codec::{Matrix, Stored};
use crate::error::{At, Error, Result};

/// Rounds `weights`. Zeros that were pruned stay zero. `progress` hears the name of each before its
/// turn.
///
/// The embedding is looked up by rows, so that no inputs say which of its columns matter; with
/// [`Rounding::Gptq`] it is rounded as with [`Rounding::Mse`], or to the nearest on a grid.
///
/// # Errors
/// `InvalidInput`, naming the matrix, when inputs are needed and missing, when no scale fits its
/// weights, or when nothing of it would be left.
pub fn quantize(
    weights: &mut [&mut Weight],
    precision: Precision,
    statistics: &Statistics,
    progress: &mut dyn FnMut(&str),
) -> Result<()> {
    let grids = match precision {
        Precision::Coded { bits, .. } => coded::steps(weights, bits)?,
        _ => Vec::new(),
    };
    for (at, weight) in weights.iter_mut().enumerate() {
        progress(&weight.name);
        let inputs = inputs(weight, precision, statistics);
        let rounded = inputs.and_then(|inputs| match (grids.get(at), weight.matrix().stored()) {
            (Some(_), Stored::LowRank { .. }) => {
                Err(Error::invalid("a pair of factors is rounded in groups, without `coding`"))
            }
            (Some(steps), _) => {
                let (matrix, bias) = coded::round(weight, steps, inputs)?;
                Ok((Box::new(matrix) as Matrix, bias))
            }
            (None, Stored::LowRank { .. }) if precision == Precision::Single => {
                Err(Error::invalid(
                    "a pair of factors is held in half floats (`bits = 16`) or in codes, no larger",
                ))
            }
            (None, Stored::LowRank { left, right }) => {
                low_rank::quantize(weight, [left, right], precision, inputs)
            }
            (None, _) => one(weight, precision, inputs),
        });
        let place = format!("matrix \"{}\"", weight.name);
        rounded.and_then(|(matrix, bias)| weight.replace(matrix, bias)).at(place)?;
    }
    Ok(())
}

/// As [`quantize`], with a precision of its own for each class of `weights`: those that an exception
/// names, and all others. What is chosen for all matrices together is chosen for a class.
///
/// # Errors
/// As [`quantize`]; and when an exception names no matrix, or one that another names.
pub fn mixed(
    weights: &mut [&mut Weight],
    mixed: &Mixed,
    statistics: &Statistics,
    progress: &mut dyn FnMut(&str),
) -> Result<()> {
    let mut classes: Vec<Vec<&mut Weight>> = (0..=mixed.except.len()).map(|_| Vec::new()).collect();
    for weight in weights.iter_mut() {
        let named = |(_, (target, _)): &(usize, &(_, _))| Target::matches(target, &weight.name);
        let mut naming = mixed.except.iter().enumerate().filter(named);
        let class = naming.next();
        if let (Some((_, (one, _))), Some((_, (other, _)))) = (class, naming.next()) {
            let message = format!("key `except`: `{one}` and `{other}` both name it");
            return Err(Error::invalid(message).at(format!("matrix \"{}\"", weight.name)));
        }
        classes[class.map_or(mixed.except.len(), |(at, _)| at)].push(&mut **weight);
    }
    if let Some(at) = (0..mixed.except.len()).find(|&at| classes[at].is_empty()) {
        let target = &mixed.except[at].0;
        let message = format!("key `except`: `{target}` matches no matrix of this step");
        return Err(Error::invalid(message));
    }
    let precisions = mixed.except.iter().map(|(_, own)| *own).chain([mixed.precision]);
    for (class, precision) in classes.iter_mut().zip(precisions) {
        if !class.is_empty() {
            quantize(class, precision, statistics, progress)?;
        }
    }
    Ok(())
}

/// One matrix in floats or groups of codes, for the inputs that are given, and its bias.
///
/// # Errors
/// `InvalidInput` when no scale fits its weights, or it would take a grid, which is chosen for all
/// matrices together.
pub fn one(weight: &Weight, precision: Precision, inputs: Option<&Gram>) -> Result<Replacement> {
    match precision {
        Precision::Single => Ok(single(weight)),
        Precision::Half => half(weight),
        Precision::Codes { bits, group, rounding } => codes(weight, bits, group, rounding, inputs),
        Precision::Coded { .. } => Err(Error::invalid("a grid is for all matrices together")),
    }
}

/// What enters the product with a matrix, where rounding asks for that.
fn inputs<'a>(
    weight: &Weight,
    precision: Precision,
    statistics: &'a Statistics,
) -> Result<Option<&'a Gram>> {
    if !precision.is_calibrated() || weight.name == EMBEDDING {
        return Ok(None);
    }
    let gram = statistics.get(&weight.name).map(|gram| &**gram);
    let missing = || Error::invalid("GPTQ needs calibration, and it did not reach this matrix");
    Ok(Some(gram.ok_or_else(missing)?))
}

fn single(weight: &Weight) -> Replacement {
    let matrix = Float32::new(weight.matrix().shape(), weight.matrix().to_f32());
    (Box::new(matrix), weight.bias().map(<[f32]>::to_vec))
}

fn half(weight: &Weight) -> Result<Replacement> {
    let matrix = Float16::round(weight.matrix().shape(), &weight.matrix().to_f32())?;
    Ok((Box::new(matrix), weight.bias().map(<[f32]>::to_vec)))
}

fn codes(
    weight: &Weight,
    bits: Bits,
    group: Group,
    rounding: Rounding,
    inputs: Option<&Gram>,
) -> Result<Replacement> {
    let shape = weight.matrix().shape();
    let group = group.size(shape[1])?;
    let values = weight.matrix().to_f32();
    let matrix = match (rounding, inputs) {
        (Rounding::Gptq, Some(inputs)) => {
            let (matrix, bias) = gptq::gptq(weight, bits, group, inputs)?;
            return Ok((Box::new(matrix), bias));
        }
        (Rounding::Nearest, _) => Int::nearest(shape, bits, group, &values)?,
        (Rounding::Mse | Rounding::Gptq, _) => clip::mse(shape, bits, group, &values)?,
    };
    Ok((Box::new(matrix), weight.bias().map(<[f32]>::to_vec)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compress::Recipe;
    use crate::compress::recipe::Method;

    const NAMES: [&str; 3] = ["embedding", "encoder.0.ffn.w1", "encoder.0.ffn.w2"];

    fn weights() -> Vec<Weight> {
        let values: Vec<f32> = (0..64).map(|n| (n as f32 * 1.7).sin()).collect();
        let matrix = || Box::new(Float32::new([8, 8], values.clone()));
        NAMES.iter().map(|name| Weight::new(*name, matrix(), None)).collect()
    }

    fn run(except: &str, weights: &mut [Weight]) -> Result<()> {
        let step = "[[step]]\nmethod = \"quantize\"\ntarget = \"all\"\nbits = 4\ngroup_size = 8\n";
        let recipe = Recipe::from_toml(&format!("{step}except = {{ {except} }}\n"))?;
        let Method::QuantizeMixed(all) = &recipe.steps()[0].method else { panic!("{recipe:?}") };
        let mut all_weights: Vec<&mut Weight> = weights.iter_mut().collect();
        mixed(&mut all_weights, all, &Statistics::new(), &mut |_| {})
    }

    #[test]
    fn exceptions_have_their_own_bits_and_codec_and_the_rest_the_same() {
        let mut weights = weights();
        run("embedding = 6, \"*.w2\" = { bits = 16 }", &mut weights).unwrap();
        let bits = |at: usize| weights[at].matrix().parameters().get("bits").cloned();
        assert_eq!([bits(0), bits(1)], [Some(6.into()), Some(4.into())]);
        assert_eq!(weights[2].matrix().name(), "f16");
    }

    #[test]
    fn exceptions_that_name_nothing_or_the_same_are_refused_before_anything_changes() {
        for (except, words) in [
            ("\"decoder.*\" = 3", "`decoder.*` matches no matrix"),
            ("ffn = 3, \"*.w1\" = 5", "matrix \"encoder.0.ffn.w1\": key `except`"),
        ] {
            let mut weights = weights();
            let error = run(except, &mut weights).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert!(weights.iter().all(|weight| weight.matrix().name() == "f32"));
        }
    }
}
