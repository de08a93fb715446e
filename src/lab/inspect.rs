//! What a package holds, part by part.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::codec::Parameters;
use crate::error::Result;
use crate::format::{Metadata, Package};
use crate::tensor::Dtype;

/// What there is to know of a package without running it.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// What it says of itself.
    #[serde(flatten)]
    pub metadata: Metadata,
    /// Weights in all.
    pub parameters: usize,
    /// Its parts, by name.
    pub tensors: Vec<Row>,
}

/// One part of the network, or one file inside the package.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// That of the matrix, the vector or the file.
    pub name: String,
    /// How it is kept; "file" for a file.
    pub codec: String,
    /// Of the codec, such as `bits`.
    #[serde(flatten)]
    pub parameters: Parameters,
    /// `[out, in]` of a matrix.
    pub shape: Vec<usize>,
    /// Of all tensors that it is kept in.
    pub bytes: usize,
}

impl Row {
    /// A whole tensor.
    fn new(name: &str, codec: &str, shape: &[usize]) -> Self {
        let (name, codec) = (name.to_owned(), codec.to_owned());
        Row { name, codec, parameters: Parameters::new(), shape: shape.to_vec(), bytes: 0 }
    }

    /// The codec with its parameters, for people.
    pub fn codec(&self) -> String {
        describe(&self.codec, &self.parameters)
    }
}

/// A codec with its parameters, of which one may be another codec with its own.
fn describe(codec: &str, parameters: &Parameters) -> String {
    let describe = |(name, value): (&String, &Value)| match value {
        Value::Object(inner) => {
            let mut inner = inner.clone();
            let codec = inner.remove("codec");
            let codec = codec.as_ref().and_then(Value::as_str).unwrap_or_default();
            format!(", {name} ({})", self::describe(codec, &inner))
        }
        _ => format!(", {name} {value}"),
    };
    format!("{codec}{}", parameters.iter().map(describe).collect::<String>())
}

impl Inspection {
    /// Looks at a package.
    ///
    /// # Errors
    /// `Malformed` when its tensors do not bear out what its metadata says of a matrix.
    pub fn new(package: &Package) -> Result<Self> {
        for (name, info) in &package.metadata.matrices {
            package.matrix(name, info.shape)?;
        }
        let tensors = rows(package);
        let weights = tensors.iter().filter(|row| row.codec != FILE);
        let parameters = weights.map(|row| row.shape.iter().product::<usize>()).sum();
        Ok(Inspection { metadata: package.metadata.clone(), parameters, tensors })
    }
}

/// The "codec" of a vocabulary or a shortlist.
const FILE: &str = "file";

/// A matrix is one row, whatever number of tensors its codec needs.
fn rows(package: &Package) -> Vec<Row> {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for (name, tensor) in &package.tensors {
        // Parts of a matrix within a matrix have longer suffixes.
        let mut stems = name.match_indices('.').map(|(at, _)| &name[..at]);
        let matrix = stems.find_map(|stem| package.metadata.matrices.get_key_value(stem));
        let row = match matrix {
            // The bias of a product is a tensor of its own beside the parts of the matrix.
            Some((stem, info)) if !name.ends_with(".bias") => {
                let row = Row::new(stem, &info.codec, &info.shape);
                (stem, Row { parameters: info.parameters.clone(), ..row })
            }
            _ if tensor.dtype() == Dtype::U8 => (name, Row::new(name, FILE, tensor.shape())),
            _ => {
                let codec = if tensor.dtype() == Dtype::F16 { "f16" } else { "f32" };
                (name, Row::new(name, codec, tensor.shape()))
            }
        };
        rows.entry(row.0).or_insert(row.1).bytes += tensor.data().len();
    }
    rows.into_values().collect()
}
