//! A recipe's way from package to package.

use super::calibrate::calibrate;
use super::{structure, vocabulary};
use crate::codec::Matrix;
use crate::compress::recipe::{Method, Precision};
use crate::compress::report::MatrixReport;
use crate::compress::target::EMBEDDING;
use crate::compress::{self, Recipe, Statistics, Step, Weight};
use crate::error::{At, Error, Result};
use crate::format::Package;
use crate::format::package::MatrixInfo;
use crate::tensor::Tensor;
use crate::text::vocabulary::scores;

/// How far a recipe has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The step, counted from 1.
    pub step: usize,
    /// Steps in all.
    pub steps: usize,
    /// What is going on: calibration, or the matrix whose turn it is.
    pub what: &'a str,
    /// The share of the step that is done, from 0 to 1.
    pub done: f64,
}

/// A model made smaller, and what that did to it.
#[derive(Debug)]
pub struct Compressed {
    /// The model.
    pub package: Package,
    /// Each matrix of the model that it was made of, by the name that it had there.
    pub matrices: Vec<MatrixReport>,
}

/// Applies a recipe to a model, a step to what the step before it left. Steps that need to know what
/// enters products translate `calibration`, text in the source language, with the model as it then
/// is.
///
/// # Errors
/// `InvalidInput` with the number of the step, when its target matches nothing, when it needs
/// calibration and there is none, or when it would leave a matrix empty.
pub fn compress(
    package: &Package,
    recipe: &Recipe,
    calibration: &[String],
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Compressed> {
    let mut result = package.clone();
    let names = package.metadata.matrices.keys();
    let mut weights = names.map(|name| read(package, name)).collect::<Result<Vec<_>>>()?;
    let steps = recipe.steps().len();
    for (step, number) in recipe.steps().iter().zip(1..) {
        let mut tell = |what: &str, done| progress(Progress { step: number, steps, what, done });
        take(step, &mut weights, &mut result, calibration, &mut tell)
            .at(format!("step {number} ({})", step.method.name()))?;
    }
    result.metadata.recipe = Some(recipe.after(package.metadata.recipe.as_ref()));
    let report = |(name, info): (&String, &MatrixInfo)| -> Result<MatrixReport> {
        let before: Matrix = package.matrix(name, info.shape)?;
        let after = weights.iter().find(|weight| weight.origin() == name);
        Ok(MatrixReport::new(name, &before, after.map(Weight::matrix)))
    };
    let matrices = package.metadata.matrices.iter().map(report).collect::<Result<_>>()?;
    Ok(Compressed { package: result, matrices })
}

/// Takes one step; `package` follows `weights`.
pub(super) fn take(
    step: &Step,
    weights: &mut Vec<Weight>,
    package: &mut Package,
    calibration: &[String],
    tell: &mut dyn FnMut(&str, f64),
) -> Result<()> {
    if step.target.is_vectors() {
        return hold_vectors(step, package);
    }
    if step.method.needs_calibration() && calibration.is_empty() {
        return Err(Error::invalid("needs calibration text, and none was given"));
    }
    match &step.method {
        Method::Structure(structure) => {
            return structure::take(structure, &step.target, weights, package, calibration, tell);
        }
        Method::Screen(screen) => {
            return vocabulary::screen(*screen, package, calibration, tell);
        }
        Method::TrimVocabulary(keep) => {
            return vocabulary::trim(*keep, weights, package, calibration, tell);
        }
        _ => {}
    }
    let mut chosen = compress::choose(step, weights)?;
    let (mut statistics, mut before) = (Statistics::new(), 0.0);
    if step.method.needs_calibration() {
        let products = chosen.iter().filter(|weight| weight.name != EMBEDDING);
        let wanted = products.map(|weight| weight.name.clone()).collect();
        before = CALIBRATION;
        let mut progress = |share| tell("calibration", CALIBRATION * share);
        statistics = calibrate(package, calibration, wanted, &mut progress)?;
    }
    let (each, mut turn) = ((1.0 - before) / chosen.len() as f64, 0);
    let mut next = |name: &str| {
        tell(name, before + each * f64::from(turn));
        turn += 1;
    };
    compress::apply(&step.method, &mut chosen, &statistics, &mut next)?;
    for weight in chosen {
        insert(package, weight)?;
    }
    Ok(())
}

/// Holds all vectors in half or single floats, the one thing that can be done to them.
fn hold_vectors(step: &Step, package: &mut Package) -> Result<()> {
    let hold = match step.method {
        Method::Quantize(Precision::Half) => Tensor::halved,
        Method::Quantize(Precision::Single) => Tensor::widened,
        _ => {
            let message = "key `target`: vectors can be held in half floats (`bits = 16`) or in \
                           single ones (`bits = 32`), no more";
            return Err(Error::invalid(message));
        }
    };
    for name in package.vector_names() {
        let held = hold(&package.tensors[&name]).at(format!("tensor \"{name}\""))?;
        package.tensors.insert(name, held);
    }
    Ok(())
}

/// Puts a matrix and its bias in the place of those that the package had.
///
/// # Errors
/// `InvalidInput` where biases are held in half floats and one is above the largest of them.
pub(super) fn insert(package: &mut Package, weight: &Weight) -> Result<()> {
    package.insert_matrix(&weight.name, weight.matrix());
    match weight.bias() {
        Some(bias) => package.set_vector(&bias_of(&weight.name), bias),
        None => Ok(()),
    }
}

/// The share of a step's time that calibration needs, about, for progress.
pub(super) const CALIBRATION: f64 = 0.5;

/// A matrix of a package with its bias, where it has one.
pub(super) fn read(package: &Package, name: &str) -> Result<Weight> {
    let info = &package.metadata.matrices[name];
    let matrix = package.matrix(name, info.shape)?;
    let bias = bias_of(name);
    let bias = package.tensors.contains_key(&bias).then(|| package.vector(&bias, info.shape[0]));
    let weight = Weight::new(name, matrix, bias.transpose()?);
    if name != EMBEDDING {
        return Ok(weight);
    }
    weight.with_scores(scores(package.vocabulary()?)?)
}

fn bias_of(name: &str) -> String {
    format!("{name}.bias")
}
