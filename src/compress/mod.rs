//! Making models smaller: tensors and statistics in, tensors out. Nothing here runs a model; what
//! enters its products comes as [`Statistics`], which `lab` gathers.
//!
//! A [`recipe::Recipe`] is a list of steps, a step a method for the matrices that its target names.
//! [`apply`] takes one. Methods: [`quantize`] and [`prune`], each with its papers cited; and those
//! that take parts of the network out, [`neurons`], [`heads`] and [`layers`], which know one layer or
//! one package, and which `lab` applies.

mod factor;
pub mod heads;
pub mod layers;
pub mod neurons;
pub mod presets;
pub mod prune;
pub mod quantize;
pub mod recipe;
mod refit;
pub mod report;
pub mod statistics;
pub mod target;
pub mod weight;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use recipe::{Recipe, Step};
pub use statistics::Gram;
pub use weight::Weight;

use crate::error::{Error, Result};
use recipe::Method;

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

/// Applies a method to matrices. `progress` hears the name of each before its turn.
///
/// # Errors
/// `InvalidInput`, naming the matrix, when one that needs statistics has none, and when nothing of
/// one would be left; some may have been changed then. Also for a method that changes the network.
pub fn apply(
    method: &Method,
    weights: &mut [&mut Weight],
    statistics: &Statistics,
    progress: &mut dyn FnMut(&str),
) -> Result<()> {
    match method {
        Method::Quantize(precision) => {
            quantize::quantize(weights, *precision, statistics, progress)
        }
        Method::Prune(criterion, amount) => {
            prune::prune(weights, *criterion, *amount, statistics, progress)
        }
        Method::Structure(_) => {
            Err(Error::invalid("changes the network, and not its matrices alone"))
        }
    }
}
