//! The keys of `prune_heads`.

use serde::Deserialize;

use super::prune_neurons::expect_share;
use super::{Method, Step, Structure, invalid};
use crate::compress::target::Target;
use crate::error::{Error, Result};

/// Which heads of an attention layer go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadCriterion {
    /// Those of least weights in the value and output matrices.
    Magnitude,
    /// Those whose outputs give the layer's least.
    Activation,
}

/// How many heads of each attention layer go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HeadsGone {
    /// A share of them, above 0 and below 1.
    Share(f64),
    /// So many.
    Count(usize),
}

/// Heads to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heads {
    /// How many.
    pub gone: HeadsGone,
    /// Which.
    pub criterion: HeadCriterion,
    /// Whether the others' output weights make up for them, by least squares.
    pub refit: bool,
}

impl Heads {
    /// Whether it asks what the heads put out.
    pub fn needs_calibration(self) -> bool {
        self.refit || self.criterion == HeadCriterion::Activation
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    target: Target,
    share: Option<f64>,
    heads: Option<usize>,
    criterion: HeadCriterion,
    refit: Option<bool>,
}

/// The step that these keys mean.
pub(super) fn read(step: Keys) -> Result<Step> {
    let Keys { target, share, heads, criterion, refit } = step;
    let gone = match (share, heads) {
        (Some(share), None) => HeadsGone::Share(expect_share(share)?),
        (None, Some(0)) => return Err(invalid("heads", "expected 1 or more, found 0")),
        (None, Some(count)) => HeadsGone::Count(count),
        (Some(_), Some(_)) => return Err(invalid("heads", "give one of `heads` and `share`")),
        (None, None) => return Err(Error::invalid("one of `heads` and `share` is missing")),
    };
    let refit = refit.unwrap_or(criterion == HeadCriterion::Activation);
    let heads = Heads { gone, criterion, refit };
    Ok(Step { target, method: Method::Structure(Structure::Heads(heads)) })
}
