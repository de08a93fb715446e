//! The keys of `prune`.

use serde::Deserialize;

use super::{Method, Step, invalid};
use crate::compress::target::Target;
use crate::error::{Error, Result};

/// Which weights are the least important.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The smallest.
    Magnitude,
    /// The smallest, each times the norm of its input, row by row.
    Wanda,
    /// Those whose loss adds the least error, each by itself.
    Obd,
    /// Those whose loss adds the least error after the others have made up for it.
    Obs,
}

/// How many weights go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// A share of all, above 0 and below 1. The scope says what is compared with what, where the
    /// criterion leaves that open.
    Share(f64, Scope),
    /// Two of each four neighbours in a row.
    TwoOfFour,
}

/// What weights are compared with, after See et al. 2016, section 3.2. A class is a matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All others, whatever their class.
    #[default]
    Blind,
    /// Those of their class: each loses the same share.
    Uniform,
    /// All others, each divided by the standard deviation of its class.
    Distribution,
}

/// How a file holds what is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coding {
    /// With its zeros.
    #[default]
    Dense,
    /// Without them, and a bit for each weight.
    Sparse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    target: Target,
    criterion: Criterion,
    scope: Option<Scope>,
    sparsity: Option<f64>,
    pattern: Option<String>,
    #[serde(default)]
    coding: Coding,
}

/// The step that these keys mean.
pub(super) fn read(step: Keys) -> Result<Step> {
    let amount = match (step.sparsity, step.pattern.as_deref()) {
        (Some(share), None) if share > 0.0 && share < 1.0 => {
            Amount::Share(share, step.scope.unwrap_or_default())
        }
        (Some(share), None) => {
            return Err(invalid(
                "sparsity",
                format!("expected a share above 0 and below 1, found {share}"),
            ));
        }
        (None, Some("2:4")) => Amount::TwoOfFour,
        (None, Some(other)) => {
            return Err(invalid("pattern", format!("expected \"2:4\", found \"{other}\"")));
        }
        (Some(_), Some(_)) => {
            return Err(invalid("pattern", "fixes the sparsity: give one of the two"));
        }
        (None, None) => return Err(Error::invalid("one of `sparsity` and `pattern` is missing")),
    };
    // Rows are compared within themselves (Wanda), blocks of columns within themselves (OBS).
    let free = matches!(step.criterion, Criterion::Magnitude | Criterion::Obd)
        && matches!(amount, Amount::Share(..));
    if step.scope.is_some() && !free {
        return Err(invalid("scope", "goes with `magnitude` or `obd`, and with `sparsity`"));
    }
    Ok(Step { target: step.target, method: Method::Prune(step.criterion, amount, step.coding) })
}
