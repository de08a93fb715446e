//! A recipe's way from package to package.

use std::time::Instant;

use super::calibrate::calibrate;
use crate::codec::Matrix;
use crate::compress::report::MatrixReport;
use crate::compress::{self, Recipe, Statistics, Weight};
use crate::error::{At, Error, Result};
use crate::format::Package;

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
    /// Each of its matrices, by name.
    pub matrices: Vec<MatrixReport>,
    /// Seconds that it took.
    pub seconds: f64,
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
    let start = Instant::now();
    let mut result = package.clone();
    let mut weights = package
        .metadata
        .matrices
        .iter()
        .map(|(name, info)| Ok(Weight::new(name, package.matrix(name, info.shape)?)))
        .collect::<Result<Vec<_>>>()?;
    let steps = recipe.steps().len();
    for (step, number) in recipe.steps().iter().zip(1..) {
        let place = || format!("step {number} ({})", step.method.name());
        let mut tell =
            |what: &str, done: f64| progress(Progress { step: number, steps, what, done });
        let needs_calibration = step.method.needs_calibration();
        let statistics = if needs_calibration {
            if calibration.is_empty() {
                return Err(
                    Error::invalid("needs calibration text, and none was given").at(place())
                );
            }
            let target = step.target.clone();
            let wanted = move |name: &str| target.matches(name);
            let mut share = |share: f64| tell("calibration", share * CALIBRATION);
            calibrate(&result, calibration, wanted, &mut share).at(place())?
        } else {
            Statistics::new()
        };
        let chosen = weights.iter().filter(|weight| step.target.matches(&weight.name)).count();
        let before = if needs_calibration { CALIBRATION } else { 0.0 };
        let mut turn = 0;
        let mut next = |name: &str| {
            tell(name, before + (1.0 - before) * f64::from(turn) / chosen as f64);
            turn += 1;
        };
        compress::apply(step, &mut weights, &statistics, &mut next).at(place())?;
        for weight in weights.iter().filter(|weight| step.target.matches(&weight.name)) {
            result.insert_matrix(&weight.name, weight.matrix());
        }
    }
    result.metadata.recipe = Some(recipe.after(package.metadata.recipe.as_ref()));
    let seconds = start.elapsed().as_secs_f64();
    let report = |weight: &Weight| -> Result<MatrixReport> {
        let before: Matrix = package.matrix(&weight.name, weight.matrix().shape())?;
        Ok(MatrixReport::new(&weight.name, &before, weight.matrix()))
    };
    let matrices = weights.iter().map(report).collect::<Result<_>>()?;
    Ok(Compressed { package: result, matrices, seconds })
}

/// The share of a step's time that calibration is taken to need, for progress.
const CALIBRATION: f64 = 0.5;
