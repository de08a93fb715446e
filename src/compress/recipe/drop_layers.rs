//! The keys of `drop_layers`.

use serde::Deserialize;
use serde_json::Value;

use super::{Method, Step, Structure, invalid};
use crate::compress::target::Target;
use crate::error::{Error, Result};

/// Which layers of a stack go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// So many, one after the other: always the one without which translations change least.
    Cheapest(usize),
    /// These, counted from 0, ascending.
    These(Vec<usize>),
}

/// Layers to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// Of the encoder.
    pub encoder: Which,
    /// Of the decoder.
    pub decoder: Which,
}

impl Layers {
    /// Whether it asks what the model makes of some text.
    pub fn needs_calibration(&self) -> bool {
        let measured = |which: &Which| matches!(which, Which::Cheapest(1..));
        measured(&self.encoder) || measured(&self.decoder)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    encoder: Option<Value>,
    decoder: Option<Value>,
}

/// The step that these keys mean.
pub(super) fn read(step: Keys) -> Result<Step> {
    if step.encoder.is_none() && step.decoder.is_none() {
        return Err(Error::invalid("one of `encoder` and `decoder` is missing"));
    }
    let read = |key: &str, value: Option<Value>| {
        value.map_or_else(|| Ok(Which::Cheapest(0)), |value| which(key, &value))
    };
    let layers =
        Layers { encoder: read("encoder", step.encoder)?, decoder: read("decoder", step.decoder)? };
    Ok(Step { target: Target::all(), method: Method::Structure(Structure::Layers(layers)) })
}

fn which(key: &str, value: &Value) -> Result<Which> {
    let wrong = || {
        let expected = "expected a number of layers, 1 or more, or a list of layers from 0 on";
        invalid(key, format!("{expected}, found {value}"))
    };
    let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok());
    if let Some(count) = number(value) {
        return if count > 0 { Ok(Which::Cheapest(count)) } else { Err(wrong()) };
    }
    let listed = value.as_array().filter(|list| !list.is_empty()).ok_or_else(wrong)?;
    let these = listed.iter().map(|value| number(value).ok_or_else(wrong));
    let mut these = these.collect::<Result<Vec<_>>>()?;
    these.sort_unstable();
    match these.windows(2).find(|two| two[0] == two[1]) {
        None => Ok(Which::These(these)),
        Some(two) => Err(invalid(key, format!("layer {} stands there twice", two[0]))),
    }
}
