//! Matrices within matrices. A codec that is made of others keeps the parts of the matrix `left` as
//! `NAME.left.values`, …, and its codec and the parameters of that as an object under the parameter
//! `left`: `{"codec": "int", "bits": 4, "group_size": 64}`.

use serde_json::Value;

use super::{Codec, Entry, Matrix, Parameters, Parts, find};
use crate::error::{At, Error, Result};
use crate::tensor::Tensor;

/// The key that names a codec.
const CODEC: &str = "codec";

/// What a file says of a matrix within a matrix.
pub struct Inner<'a> {
    /// Its codec.
    pub entry: &'static Entry,
    /// The parameters of that.
    pub parameters: Parameters,
    name: &'a str,
    parts: &'a Parts<'a>,
}

impl<'a> Parts<'a> {
    /// The matrix `name` within this one, in one of the codecs `allowed`.
    pub(super) fn inner(&'a self, name: &'a str, allowed: &[&Entry]) -> Result<Inner<'a>> {
        let value = self.parameters.get(name);
        let value =
            value.ok_or_else(|| Error::malformed(format!("the parameter `{name}` is missing")))?;
        let mut parameters = value.as_object().cloned().unwrap_or_default();
        let codec = parameters.remove(CODEC);
        let known = |codec: &str| allowed.iter().find(|entry| entry.name == codec);
        match codec.as_ref().and_then(Value::as_str).and_then(known) {
            Some(entry) => Ok(Inner { entry: find(entry.name)?, parameters, name, parts: self }),
            None => {
                let names: Vec<_> = allowed.iter().map(|entry| entry.name).collect();
                Err(Error::malformed(format!(
                    "parameter `{name}`: expected an object with the codec {}, found {value}",
                    names.join(" or ")
                )))
            }
        }
    }
}

impl Inner<'_> {
    /// Its part of that suffix.
    pub fn part(&self, suffix: &str) -> Option<Tensor> {
        self.parts.tensors.get(format!("{}.{suffix}", self.name).as_str()).cloned()
    }

    /// All its parts.
    pub fn parts(&self) -> Vec<(&'static str, Tensor)> {
        let parts = self.entry.parts.iter();
        parts.filter_map(|suffix| Some((*suffix, self.part(suffix)?))).collect()
    }

    /// Reads it, with another tensor in place of the part of that suffix where there is one.
    pub fn read(&self, shape: [usize; 2], replaced: Option<(&str, Tensor)>) -> Result<Matrix> {
        let part = |suffix: &str| match &replaced {
            Some((name, tensor)) if *name == suffix => Some(tensor.clone()),
            _ => self.part(suffix),
        };
        self.entry.read(shape, &self.parameters, part).at(format!("`{}`", self.name))
    }
}

/// The parameter that stands for a matrix within a matrix.
pub fn parameter(name: &str, matrix: &dyn Codec) -> (String, Value) {
    let mut parameters = matrix.parameters();
    parameters.insert(CODEC.to_owned(), matrix.name().into());
    (name.to_owned(), parameters.into())
}

/// The parts of a matrix within a matrix, by their suffixes in `entry`.
pub fn parts(
    entry: &Entry,
    name: &str,
    parts: Vec<(&'static str, Tensor)>,
) -> Vec<(&'static str, Tensor)> {
    let is = |part: &str, suffix: &str| {
        part.strip_prefix(name).and_then(|part| part.strip_prefix('.')) == Some(suffix)
    };
    let full = |suffix: &str| entry.parts.iter().find(|part| is(part, suffix));
    parts.into_iter().filter_map(|(suffix, tensor)| Some((*full(suffix)?, tensor))).collect()
}
