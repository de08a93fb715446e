//! All that training needs to go on as if it had not been interrupted, as one safetensors file.

use std::collections::HashMap;

use bytes::Bytes;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};

use super::examples::Place;
use super::weights::Weights;
use crate::error::{At, Error, Result};
use crate::format::Package;

/// Of this file.
const FORMAT: u32 = 2;
/// The key of its JSON value.
const KEY: &str = "pocketglot-training";
/// The best package so far, as its file.
const BEST: &str = "best";

/// Where training stands, but for the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    format: u32,
    /// What training was begun with: models, texts and options, as one number.
    pub identity: u64,
    /// Steps that were made.
    pub step: u64,
    /// The next sentences.
    pub place: Place,
    /// chrF on held-out text before the first step.
    pub first: f64,
    /// The best since, that among them; of one that is pruned, since it has been.
    pub best: Option<f64>,
    /// Something is still to be pruned.
    pub to_prune: bool,
    /// Judgements since the best one.
    pub since_best: u32,
    /// The mean of the last losses.
    pub loss: Option<f64>,
    /// The share of the training that was done, from 0 to 1.
    pub done: f64,
}

impl State {
    /// Before the first step.
    pub fn new(identity: u64, chrf: f64, to_prune: bool) -> Self {
        State {
            format: FORMAT,
            identity,
            step: 0,
            place: Place::default(),
            first: chrf,
            best: (!to_prune).then_some(chrf),
            to_prune,
            since_best: 0,
            loss: None,
            done: 0.0,
        }
    }
}

/// The file.
///
/// # Errors
/// `InvalidInput` when a name is not fit for a safetensors file.
pub fn write(state: &State, weights: &Weights, best: &Package) -> Result<Vec<u8>> {
    let broken = |error: &dyn std::fmt::Display| Error::invalid(format!("checkpoint: {error}"));
    let json = serde_json::to_string(state).map_err(|error| broken(&error))?;
    let best = best.write()?;
    let view = |dtype, length, data| TensorView::new(dtype, vec![length], data);
    let mut views = vec![(BEST.to_owned(), view(Dtype::U8, best.len(), &best[..]))];
    for weight in weights.iter() {
        let moments = &weight.moments;
        let parts = [
            ("parameters", &weight.parameters),
            ("mean", &moments.mean),
            ("square", &moments.square),
        ];
        for (part, values) in parts {
            let data = bytemuck::cast_slice(values);
            views.push((format!("{}.{part}", weight.name), view(Dtype::F32, values.len(), data)));
        }
    }
    let views = views.into_iter().map(|(name, view)| view.map(|view| (name, view)));
    let views = views.collect::<Result<Vec<_>, _>>().map_err(|error| broken(&error))?;
    let metadata = HashMap::from([(KEY.to_owned(), json)]);
    safetensors::serialize(views, Some(metadata)).map_err(|error| broken(&error))
}

/// Takes weights back to where they were; gives the state and the best package.
///
/// # Errors
/// `Malformed` for a file that is no checkpoint of ours; `InvalidInput` for one of another training
/// than that of `identity`, before any weight has changed.
pub fn read(file: &Bytes, identity: u64, weights: &mut Weights) -> Result<(State, Package)> {
    let broken = |error: &dyn std::fmt::Display| {
        Error::malformed(format!("no sound checkpoint of a training: {error}"))
    };
    let (_, header) = SafeTensors::read_metadata(file).map_err(|error| broken(&error))?;
    let json = header.metadata().as_ref().and_then(|map| map.get(KEY));
    let json = json.ok_or_else(|| broken(&format!("no `{KEY}` in its metadata")))?;
    let state: State = serde_json::from_str(json).map_err(|error| broken(&error))?;
    if state.format != FORMAT {
        let format = state.format;
        return Err(Error::unsupported(format!(
            "checkpoint format {format}; this build reads format {FORMAT}"
        )));
    }
    if state.identity != identity {
        return Err(Error::invalid(
            "this checkpoint is of a training of another model, or with other teachers, text or \
             options",
        ));
    }
    let tensors = SafeTensors::deserialize(file).map_err(|error| broken(&error))?;
    for weight in weights.iter_mut() {
        let moments = &mut weight.moments;
        let parts = [
            ("parameters", &mut weight.parameters),
            ("mean", &mut moments.mean),
            ("square", &mut moments.square),
        ];
        for (part, values) in parts {
            let name = format!("{}.{part}", weight.name);
            let tensor = tensors.tensor(&name).map_err(|error| broken(&error))?;
            let (floats, rest) = tensor.data().as_chunks::<4>();
            if tensor.dtype() != Dtype::F32 || floats.len() != values.len() || !rest.is_empty() {
                let expected = values.len();
                let message = format!("expected {expected} floats, found {:?}", tensor.shape());
                return Err(Error::malformed(message).at(format!("tensor \"{name}\"")));
            }
            values.iter_mut().zip(floats).for_each(|(to, from)| *to = f32::from_le_bytes(*from));
        }
    }
    let best = tensors.tensor(BEST).map_err(|error| broken(&error))?;
    Ok((state, Package::read(file.slice_ref(best.data())).at(BEST)?))
}
