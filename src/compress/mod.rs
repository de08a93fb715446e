//! Making models smaller: tensors and statistics in, tensors out. Nothing here runs a model; what
//! enters its products comes as [`Statistics`], which `lab` gathers.
//!
//! A [`recipe::Recipe`] is a list of steps, a step a method for the matrices that its target names.
//! [`apply`] takes one. Methods: [`quantize`], [`prune`], [`low_rank`] and [`codebook`], each with
//! its papers cited; those that take parts of the network out, [`neurons`], [`heads`] and [`layers`],
//! which know one layer or one package; and those for what a package knows of words, of which
//! [`screening`] stands here. `lab` applies these.

pub mod codebook;
mod factor;
pub mod heads;
pub mod layers;
pub mod low_rank;
pub mod neurons;
pub mod presets;
pub mod prune;
pub mod quantize;
mod random;
pub mod recipe;
pub(crate) mod refit;
pub mod report;
pub mod screening;
pub mod statistics;
pub mod target;
pub mod weight;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use random::Random;
pub use recipe::{Recipe, Step};
pub use statistics::Gram;
pub use weight::Weight;

use crate::codec::Matrix;
use crate::error::{At, Error, Result};
use recipe::{Coding, Method};

/// What enters the product with each matrix, by its name. Matrices with the same input share it.
pub type Statistics = BTreeMap<String, Arc<Gram>>;

/// Those of `weights` that a step changes.
///
/// # Errors
/// `InvalidInput` when there are none.
pub fn choose<'a>(step: &Step, weights: &'a mut [Weight]) -> Result<Vec<&'a mut Weight>> {
    let chosen: Vec<_> =
        weights.iter_mut().filter(|weight| step.target.matches(&weight.name)).collect();
    if chosen.is_empty() {
        return Err(Error::invalid(format!(
            "key `target`: `{}` matches no matrix of this model",
            step.target
        )));
    }
    Ok(chosen)
}

/// What a method puts in place of a matrix `[out, in]` and its bias.
type Replacement = (Matrix, Option<Vec<f32>>);

/// Applies a method to matrices. `progress` hears the name of each before its turn.
///
/// # Errors
/// `InvalidInput`, naming the matrix, when one that needs statistics has none, and when nothing of
/// one would be left; some may have been changed then. Also for a method that changes the package as
/// a whole.
pub fn apply(
    method: &Method,
    weights: &mut [&mut Weight],
    statistics: &Statistics,
    progress: &mut dyn FnMut(&str),
) -> Result<()> {
    let mut each = |one: &dyn Fn(&Weight, Option<&Gram>) -> Result<Replacement>| {
        weights.iter_mut().try_for_each(|weight| {
            progress(&weight.name);
            let inputs = statistics.get(&weight.name).map(|gram| &**gram);
            let place = format!("matrix \"{}\"", weight.name);
            one(weight, inputs).and_then(|(matrix, bias)| weight.replace(matrix, bias)).at(place)
        })
    };
    match method {
        Method::Quantize(precision) => {
            quantize::quantize(weights, *precision, statistics, progress)
        }
        Method::QuantizeMixed(mixed) => quantize::mixed(weights, mixed, statistics, progress),
        Method::LowRank(rank, _) => {
            each(&|weight, inputs| low_rank::low_rank(weight, *rank, inputs))
        }
        Method::Codebook(vectors) => {
            each(&|weight, inputs| codebook::codebook(weight, *vectors, inputs))
        }
        Method::Prune(criterion, amount, coding) => {
            prune::prune(weights, *criterion, *amount, statistics, progress)?;
            let sparse = weights.iter_mut().filter(|_| *coding == Coding::Sparse);
            for weight in sparse {
                let place = format!("matrix \"{}\"", weight.name);
                weight.hold_sparse().at(place)?;
            }
            Ok(())
        }
        Method::Structure(_) => {
            Err(Error::invalid("changes the network, and not its matrices alone"))
        }
        Method::Screen(_) | Method::TrimVocabulary(_) => {
            Err(Error::invalid("changes the package, and not its matrices alone"))
        }
    }
}
