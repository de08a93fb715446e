//! The keys of `quantize`.

use serde::Deserialize;
use serde_json::Value;

use super::{Method, Step, invalid};
use crate::codec::int::{Bits, GroupSize};
use crate::compress::target::Target;
use crate::error::Result;

/// What weights are rounded to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// Half floats.
    Half,
    /// Codes in groups.
    Codes {
        /// Bits a code.
        bits: Bits,
        /// Columns that share a scale.
        group: Group,
        /// How codes and scales are chosen.
        rounding: Rounding,
    },
}

/// Columns that share a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// So many.
    Columns(GroupSize),
    /// All of a row: products with such a matrix stay in integers on the CPU.
    Row,
}

impl Group {
    /// The size of groups in rows of `columns`.
    ///
    /// # Errors
    /// `InvalidInput` for a matrix without columns.
    pub fn size(self, columns: usize) -> Result<GroupSize> {
        match self {
            Group::Columns(size) => Ok(size),
            Group::Row => GroupSize::new(columns as u64),
        }
    }
}

/// How codes are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest, and the scale such that the largest weight fits.
    Nearest,
    /// To the nearest, and the scale of least squared error, which may cut the largest weights off.
    Mse,
    /// Each column making up for the errors of those before it, for the inputs of the calibration.
    Gptq,
}

/// Columns a group where a recipe does not say.
const GROUP_SIZE: u64 = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    target: Target,
    bits: u64,
    group_size: Option<Value>,
    rounding: Option<Rounding>,
}

/// The step that these keys mean.
pub(super) fn read(step: Keys) -> Result<Step> {
    let precision = if step.bits == 16 {
        let unused =
            [("group_size", step.group_size.is_some()), ("rounding", step.rounding.is_some())];
        if let Some((key, _)) = unused.iter().find(|(_, given)| *given) {
            return Err(invalid(key, "half floats, which 16 bits mean, have no such setting"));
        }
        Precision::Half
    } else {
        let bits = Bits::new(step.bits).map_err(|_| {
            invalid("bits", format!("expected 2 to 8, or 16 for half floats, found {}", step.bits))
        })?;
        let group =
            step.group_size.map_or_else(|| Ok(Value::from(GROUP_SIZE)), Ok).and_then(group)?;
        let rounding = step.rounding.unwrap_or(Rounding::Nearest);
        Precision::Codes { bits, group, rounding }
    };
    Ok(Step { target: step.target, method: Method::Quantize(precision) })
}

fn group(value: Value) -> Result<Group> {
    let columns = value.as_u64().and_then(|columns| GroupSize::new(columns).ok());
    match (columns, value.as_str()) {
        (Some(columns), _) => Ok(Group::Columns(columns)),
        (None, Some("row")) => Ok(Group::Row),
        _ => Err(invalid("group_size", format!("expected 1 or more, or \"row\", found {value}"))),
    }
}
