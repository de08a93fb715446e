//! The keys of `low_rank`.

use serde::Deserialize;

use super::{Method, Step, invalid};
use crate::compress::target::Target;
use crate::error::{Error, Result};

/// How much of a matrix is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rank {
    /// This rank.
    Fixed(usize),
    /// The least rank that keeps this share of the sum of squared singular values, above 0 and at
    /// most 1.
    Energy(f64),
    /// The highest rank whose factors, in half floats, take at most this share of the bytes that
    /// the matrix takes now.
    Size(f64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    target: Target,
    rank: Option<u32>,
    energy: Option<f64>,
    size: Option<f64>,
    #[serde(default)]
    whiten: bool,
}

/// The step that these keys mean.
pub(super) fn read(step: Keys) -> Result<Step> {
    let share = |key: &str, share: f64| {
        if share > 0.0 && share <= 1.0 {
            return Ok(share);
        }
        Err(invalid(key, format!("expected a share above 0 and at most 1, found {share}")))
    };
    let rank = match (step.rank, step.energy, step.size) {
        (Some(0), None, None) => return Err(invalid("rank", "expected 1 or more, found 0")),
        (Some(rank), None, None) => Rank::Fixed(rank as usize),
        (None, Some(energy), None) => Rank::Energy(share("energy", energy)?),
        (None, None, Some(size)) => Rank::Size(share("size", size)?),
        _ => return Err(Error::invalid("expected one of `rank`, `energy` and `size`")),
    };
    Ok(Step { target: step.target, method: Method::LowRank(rank, step.whiten) })
}
