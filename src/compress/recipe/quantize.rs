//! The keys of `quantize`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Method, Step, fields, invalid};
use crate::codec::int::{Bits, GroupSize};
use crate::compress::target::Target;
use crate::error::{At, Error, Result};

/// What weights are rounded to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// Single floats, which hold what there is as it is.
    Single,
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
    /// Codes on one grid a matrix, coded by how often they occur.
    Coded {
        /// Bits a weight, on average.
        bits: f64,
        /// How codes are chosen: not [`Rounding::Mse`].
        rounding: Rounding,
    },
}

impl Precision {
    /// Whether codes are chosen for what enters products.
    pub fn is_calibrated(self) -> bool {
        match self {
            Precision::Single | Precision::Half => false,
            Precision::Codes { rounding, .. } | Precision::Coded { rounding, .. } => {
                rounding == Rounding::Gptq
            }
        }
    }
}

/// One precision for the matrices of a step, and others for some of them: matrices differ in what
/// rounding them costs (Dong et al. 2019, "HAWQ"). All are rounded for the same inputs, those of the
/// model before the step.
#[derive(Clone, Debug)]
pub struct Mixed {
    /// Of matrices that no exception names.
    pub precision: Precision,
    /// Exceptions: no matrix may be named by two.
    pub except: Vec<(Target, Precision)>,
}

impl Mixed {
    /// Whether any codes are chosen for what enters products.
    pub fn is_calibrated(&self) -> bool {
        let exceptions = self.except.iter().map(|(_, precision)| precision);
        [&self.precision].into_iter().chain(exceptions).any(|precision| precision.is_calibrated())
    }
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
    except: Option<Map<String, Value>>,
    bits: f64,
    coding: Option<String>,
    group_size: Option<Value>,
    rounding: Option<Rounding>,
}

/// What says to what a matrix is rounded.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Setting {
    bits: f64,
    coding: Option<String>,
    group_size: Option<Value>,
    rounding: Option<Rounding>,
}

/// The step that these keys mean.
pub(super) fn read(step: Keys) -> Result<Step> {
    let Keys { target, except, bits, coding, group_size, rounding } = step;
    let setting = Setting { bits, coding, group_size, rounding };
    let precision = setting.clone().precision()?;
    let Some(except) = except else {
        return Ok(Step { target, method: Method::Quantize(precision) });
    };
    let exception = |(pattern, value): (String, Value)| -> Result<(Target, Precision)> {
        let own = match value {
            // The same in all but its bits.
            Value::Number(bits) => {
                let bits = bits.as_f64().unwrap_or(f64::NAN);
                Setting { bits, ..setting.clone() }
            }
            Value::Object(keys) => fields(keys)?,
            other => {
                let expected = "expected bits, or a table with `bits` and how they are held";
                return Err(Error::invalid(format!("{expected}, found {other}")));
            }
        };
        let target = Target::try_from(pattern).map_err(Error::invalid)?;
        if target.is_vectors() {
            return Err(Error::invalid("vectors are held by a step of their own"));
        }
        Ok((target, own.precision()?))
    };
    let except = except.into_iter().map(|(pattern, value)| {
        let place = format!("key `except`: `{pattern}`");
        exception((pattern, value)).at(place)
    });
    let mixed = Mixed { precision, except: except.collect::<Result<_>>()? };
    Ok(Step { target, method: Method::QuantizeMixed(mixed) })
}

impl Setting {
    fn precision(self) -> Result<Precision> {
        match self.coding.as_deref() {
            None => plain(self),
            Some("entropy") => coded(self),
            Some(other) => {
                Err(invalid("coding", format!("expected \"entropy\", found \"{other}\"")))
            }
        }
    }
}

fn plain(step: Setting) -> Result<Precision> {
    let floats = [(16.0, "half", Precision::Half), (32.0, "single", Precision::Single)];
    if let Some((bits, kind, precision)) = floats.into_iter().find(|(bits, ..)| *bits == step.bits)
    {
        let unused =
            [("group_size", step.group_size.is_some()), ("rounding", step.rounding.is_some())];
        if let Some((key, _)) = unused.iter().find(|(_, given)| *given) {
            let message = format!("{kind} floats, which {bits} bits mean, have no such setting");
            return Err(invalid(key, message));
        }
        return Ok(precision);
    }
    let whole = (step.bits.fract() == 0.0 && step.bits >= 0.0).then_some(step.bits as u64);
    let bits = whole.and_then(|bits| Bits::new(bits).ok()).ok_or_else(|| {
        let expected = "expected 2 to 8, or 16 for half and 32 for single floats";
        invalid("bits", format!("{expected}, found {}", step.bits))
    })?;
    let group = step.group_size.map_or_else(|| Ok(Value::from(GROUP_SIZE)), Ok).and_then(group)?;
    let rounding = step.rounding.unwrap_or(Rounding::Nearest);
    Ok(Precision::Codes { bits, group, rounding })
}

/// Bits on average, least and most: with less than 1 hardly anything but zeros is left, and 7 are
/// about what codes from −127 to 127 take.
const LEAST_BITS: f64 = 1.0;
const MOST_BITS: f64 = 7.0;

fn coded(step: Setting) -> Result<Precision> {
    if step.group_size.as_ref().and_then(Value::as_str) != Some("matrix") {
        let message = "`coding = \"entropy\"` needs `group_size = \"matrix\"`, one grid for all";
        return Err(invalid("group_size", message));
    }
    if !(LEAST_BITS..=MOST_BITS).contains(&step.bits) {
        return Err(invalid(
            "bits",
            format!("expected {LEAST_BITS} to {MOST_BITS} on average, found {}", step.bits),
        ));
    }
    let rounding = step.rounding.unwrap_or(Rounding::Nearest);
    if rounding == Rounding::Mse {
        return Err(invalid("rounding", "a grid cuts nothing off: `nearest` or `gptq`"));
    }
    Ok(Precision::Coded { bits: step.bits, rounding })
}

fn group(value: Value) -> Result<Group> {
    let columns = value.as_u64().and_then(|columns| GroupSize::new(columns).ok());
    match (columns, value.as_str()) {
        (Some(columns), _) => Ok(Group::Columns(columns)),
        (None, Some("row")) => Ok(Group::Row),
        (None, Some("matrix")) => {
            Err(invalid("group_size", "\"matrix\" goes with `coding = \"entropy\"`"))
        }
        _ => Err(invalid("group_size", format!("expected 1 or more, or \"row\", found {value}"))),
    }
}
