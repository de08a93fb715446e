//! The keys of `prune_neurons`.

use serde::Deserialize;

use super::{Method, Step, Structure, invalid};
use crate::compress::target::Target;
use crate::error::Result;

/// Which neurons of a feed-forward layer go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeuronCriterion {
    /// Those of least weights.
    Magnitude,
    /// Those whose outputs give the layer's least.
    Activation,
    /// Those most like another one, which then gives what they gave.
    Merge,
    /// Those whose outputs another one's tell best, which then gives what they gave.
    Correlation,
}

/// Neurons to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neurons {
    /// The share of each layer's neurons, above 0 and below 1.
    pub share: f64,
    /// Which.
    pub criterion: NeuronCriterion,
    /// Whether the others' outgoing weights make up for them, by least squares.
    pub refit: bool,
}

impl Neurons {
    /// Whether it asks what the neurons put out.
    pub fn needs_calibration(self) -> bool {
        self.refit || self.criterion.needs_calibration()
    }
}

impl NeuronCriterion {
    fn needs_calibration(self) -> bool {
        matches!(self, NeuronCriterion::Activation | NeuronCriterion::Correlation)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    target: Target,
    share: f64,
    criterion: NeuronCriterion,
    refit: Option<bool>,
}

/// The step that these keys mean.
pub(super) fn read(step: Keys) -> Result<Step> {
    let Keys { target, share, criterion, refit } = step;
    let share = expect_share(share)?;
    let refit = refit.unwrap_or_else(|| criterion.needs_calibration());
    let neurons = Neurons { share, criterion, refit };
    Ok(Step { target, method: Method::Structure(Structure::Neurons(neurons)) })
}

/// A share of a layer's parts.
pub(super) fn expect_share(share: f64) -> Result<f64> {
    match share > 0.0 && share < 1.0 {
        true => Ok(share),
        false => {
            Err(invalid("share", format!("expected a share above 0 and below 1, found {share}")))
        }
    }
}
