//! The keys of `screen`.

use serde::Deserialize;

use super::{Method, Step, invalid};
use crate::compress::target::Target;
use crate::error::Result;

/// How large a screening is, and how much it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Numbers that a state and a piece are mapped to.
    pub rank: usize,
    /// Pieces of which exact logits are computed, about.
    pub candidates: usize,
}

/// The rank where a recipe does not say.
const RANK: u32 = 48;
/// The candidates where a recipe does not say.
const CANDIDATES: u32 = 600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    rank: Option<u32>,
    candidates: Option<u32>,
}

/// The step that these keys mean.
pub(super) fn read(step: Keys) -> Result<Step> {
    let positive = |key, value: Option<u32>, otherwise| match value.unwrap_or(otherwise) {
        0 => Err(invalid(key, "expected 1 or more, found 0")),
        value => Ok(value as usize),
    };
    let rank = positive("rank", step.rank, RANK)?;
    let candidates = positive("candidates", step.candidates, CANDIDATES)?;
    Ok(Step { target: Target::all(), method: Method::Screen(Screen { rank, candidates }) })
}
