//! The keys of `codebook`.

use serde::Deserialize;

use super::{Method, Step, invalid};
use crate::codec::codebook::{Dimension, MOST_CODES};
use crate::compress::target::Target;
use crate::error::Result;

/// Runs of weights that share codes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vectors {
    /// Weights a run.
    pub dimension: Dimension,
    /// Codes at most, 2 to [`MOST_CODES`].
    pub codes: usize,
    /// Which runs share them.
    pub books: Books,
    /// How runs find their code.
    pub choice: Choice,
    /// Where the random numbers begin, which choose the first codes.
    pub seed: u64,
}

/// Which runs share their codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Books {
    /// All of a matrix.
    #[default]
    Matrix,
    /// Those of the same columns.
    Columns,
}

/// How runs find their code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The nearest.
    #[default]
    Nearest,
    /// The nearest, each weight counting as much as its input does in the calibration.
    Weighted,
    /// Each column making up for the errors of those before it, for the inputs of the calibration.
    Gptq,
}

/// Codes where a recipe does not say.
const CODES: u64 = MOST_CODES as u64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    target: Target,
    dimension: u64,
    codes: Option<u64>,
    #[serde(default)]
    books: Books,
    rounding: Option<Choice>,
    #[serde(default)]
    seed: u64,
}

/// The step that these keys mean.
pub(super) fn read(step: Keys) -> Result<Step> {
    let dimension = Dimension::new(step.dimension).map_err(|_| {
        invalid("dimension", format!("expected 1 to 16 weights a code, found {}", step.dimension))
    })?;
    let codes = step.codes.unwrap_or(CODES);
    if !(2..=CODES).contains(&codes) {
        return Err(invalid("codes", format!("expected 2 to {CODES}, found {codes}")));
    }
    let choice = step.rounding.unwrap_or_default();
    let (books, codes) = (step.books, codes as usize);
    let vectors = Vectors { dimension, codes, books, choice, seed: step.seed };
    Ok(Step { target: step.target, method: Method::Codebook(vectors) })
}
