//! Our package: one safetensors file with weights, vocabulary, shortlist or screening, and one
//! JSON value.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use safetensors::tensor::{Metadata as Header, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::Architecture;
use super::screening::{Screening, ScreeningInfo};
use super::shortlist::Shortlist;
use crate::codec::{self, Matrix};
use crate::error::{At, Error, Result};
use crate::tensor::{Dtype, Tensor};

/// The version of the package format that this build reads and writes.
pub const FORMAT: u32 = 1;

/// The key of our JSON value in a safetensors file's `__metadata__`.
const KEY: &str = "pocketglot";
const VOCABULARY: &str = "vocabulary";
const SHORTLIST: &str = "shortlist";

/// Everything about a model that is not a tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The version of the package format: [`FORMAT`].
    pub format: u32,
    /// The sizes of the network.
    pub architecture: Architecture,
    /// What it translates.
    pub languages: Languages,
    /// The codec and shape of each weight matrix, by name.
    pub matrices: BTreeMap<String, MatrixInfo>,
    /// What takes the place of a shortlist, where anything does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screening: Option<ScreeningInfo>,
    /// The recipe that made this model smaller, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<serde_json::Value>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// A direction of translation, as BCP 47 language tags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Languages {
    /// The language that goes in.
    pub source: String,
    /// The language that comes out.
    pub target: String,
}

/// How one matrix is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixInfo {
    /// A name from [`codec::TABLE`].
    pub codec: String,
    /// `[out, in]`; for the embedding `[vocabulary, width]`.
    pub shape: [usize; 2],
    /// What the codec must know besides, such as `bits`. All other keys: the codec refuses those
    /// that it does not have.
    #[serde(flatten)]
    pub parameters: codec::Parameters,
}

/// Where a model comes from and under which terms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The files that it was imported from.
    pub sources: Vec<SourceFile>,
    /// SPDX licence expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Who made the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// Where its source form is to be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_url: Option<String>,
}

/// One file that a model was imported from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its name, without folders.
    pub name: String,
    /// Its length in bytes.
    pub bytes: usize,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

/// A model as named tensors. The names are those of the network's parts, for example
/// `encoder.0.ffn.w1`; a matrix is stored as the parts of its codec, `encoder.0.ffn.w1.codes`.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// Everything that is not a tensor.
    pub metadata: Metadata,
    /// Every tensor, by its full name.
    pub tensors: BTreeMap<String, Tensor>,
}

impl Package {
    /// Reads a package file. Tensors share `bytes`; nothing is copied.
    ///
    /// # Errors
    /// `Malformed` with the place, or `Unsupported` for a later format version.
    pub fn read(bytes: Bytes) -> Result<Self> {
        let (_, header) = SafeTensors::read_metadata(&bytes)
            .map_err(|error| Error::malformed(format!("no sound safetensors file: {error}")))?;
        let metadata = read_metadata(&header)?;
        let file = SafeTensors::deserialize(&bytes)
            .map_err(|error| Error::malformed(format!("no sound safetensors file: {error}")))?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.iter() {
            let data = bytes.slice_ref(view.data());
            let tensor = from_safetensors(view.dtype())
                .and_then(|dtype| Tensor::new(dtype, view.shape().to_vec(), data));
            tensors.insert(name.to_owned(), tensor.at(format!("tensor \"{name}\""))?);
        }
        Ok(Package { metadata, tensors })
    }

    /// The package file. The same model gives the same bytes.
    ///
    /// # Errors
    /// `InvalidInput` when a name is not fit for a safetensors file.
    pub fn write(&self) -> Result<Vec<u8>> {
        let broken = |error: &dyn std::fmt::Display| Error::invalid(format!("package: {error}"));
        let json = serde_json::to_string(&self.metadata).map_err(|error| broken(&error))?;
        let views = self.tensors.iter().map(|(name, tensor)| {
            let view = TensorView::new(
                to_safetensors(tensor.dtype()),
                tensor.shape().to_vec(),
                tensor.data(),
            );
            view.map(|view| (name, view))
        });
        let views = views.collect::<Result<Vec<_>, _>>().map_err(|error| broken(&error))?;
        let metadata = HashMap::from([(KEY.to_owned(), json)]);
        safetensors::serialize(views, Some(metadata)).map_err(|error| broken(&error))
    }

    /// Adds a matrix under `name`, in its codec's parts, in place of the one that was there.
    pub fn insert_matrix(&mut self, name: &str, matrix: &Matrix) {
        let info = MatrixInfo {
            codec: matrix.name().to_owned(),
            shape: matrix.shape(),
            parameters: matrix.parameters(),
        };
        let before = self.metadata.matrices.insert(name.to_owned(), info);
        // Another codec's parts would stay as dead weight.
        for part in before.iter().flat_map(|info| codec::find(&info.codec)).flat_map(|c| c.parts) {
            self.tensors.remove(&format!("{name}.{part}"));
        }
        for (part, tensor) in matrix.parts() {
            self.tensors.insert(format!("{name}.{part}"), tensor);
        }
    }

    /// The matrix `name`, which must be `shape` `[out, in]`.
    ///
    /// # Errors
    /// `Malformed` when it is missing, has another shape or does not fit its codec.
    pub fn matrix(&self, name: &str, shape: [usize; 2]) -> Result<Matrix> {
        let place = || format!("matrix \"{name}\"");
        let info = self.metadata.matrices.get(name);
        let info =
            info.ok_or_else(|| Error::malformed("is missing from the metadata")).at(place())?;
        if info.shape != shape {
            return Err(Error::malformed(format!(
                "expected shape {shape:?}, the metadata says {:?}",
                info.shape
            ))
            .at(place()));
        }
        let part = |suffix: &str| self.tensors.get(&format!("{name}.{suffix}")).cloned();
        codec::find(&info.codec)
            .and_then(|codec| codec.read(shape, &info.parameters, part))
            .at(place())
    }

    /// The names of all vectors: biases, and the scales of norms.
    pub fn vector_names(&self) -> Vec<String> {
        self.tensors.keys().filter(|name| is_vector(name)).cloned().collect()
    }

    /// The vector `name`, F32 or F16, which must be `length` long.
    ///
    /// # Errors
    /// `Malformed` when it is missing, has another length or another element type.
    pub fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>> {
        let place = format!("tensor \"{name}\"");
        let tensor = self.tensors.get(name).ok_or_else(|| Error::malformed("is missing"));
        let tensor = tensor.at(&place)?;
        if tensor.shape() != [length] {
            return Err(Error::malformed(format!(
                "expected shape [{length}], the file holds {:?}",
                tensor.shape()
            ))
            .at(place));
        }
        tensor.floats().at(place)
    }

    /// Sets the vector `name`, in the element type that it has.
    ///
    /// # Errors
    /// As [`Tensor::halved`].
    pub fn set_vector(&mut self, name: &str, values: &[f32]) -> Result<()> {
        let mut tensor = Tensor::from_f32(vec![values.len()], values);
        if self.tensors.get(name).is_some_and(|before| before.dtype() == Dtype::F16) {
            tensor = tensor.halved().at(format!("tensor \"{name}\""))?;
        }
        self.tensors.insert(name.to_owned(), tensor);
        Ok(())
    }

    /// The vocabulary: a SentencePiece model, as its maker wrote it.
    ///
    /// # Errors
    /// `Malformed` when the package holds none.
    pub fn vocabulary(&self) -> Result<&Bytes> {
        let tensor = self.tensors.get(VOCABULARY);
        Ok(tensor.ok_or_else(|| Error::malformed("the package holds no vocabulary"))?.data())
    }

    /// The lexical shortlist, where the package holds one.
    ///
    /// # Errors
    /// `Malformed` when it is damaged.
    pub fn shortlist(&self) -> Result<Option<Shortlist>> {
        let read = |tensor: &Tensor| {
            Shortlist::read(tensor.data().clone(), self.metadata.architecture.vocabulary)
        };
        self.tensors.get(SHORTLIST).map(read).transpose().at("shortlist")
    }

    /// The screening, where the package holds one.
    ///
    /// # Errors
    /// `Malformed` when it is damaged.
    pub fn screening(&self) -> Result<Option<Screening>> {
        let width = self.metadata.architecture.width;
        let read = |info| Screening::read(&self.tensors, info, width);
        self.metadata.screening.as_ref().map(read).transpose().at("screening")
    }

    /// Sets the screening, in place of the one that was there.
    pub fn set_screening(&mut self, screening: Option<&Screening>) {
        self.metadata.screening = screening.map(Screening::info);
        match screening {
            Some(screening) => screening.write(&mut self.tensors),
            None => Screening::remove(&mut self.tensors),
        }
    }

    /// Sets the vocabulary, as the bytes of its file, and the shortlist.
    pub fn set_texts(&mut self, vocabulary: Bytes, shortlist: Option<&Shortlist>) {
        self.tensors.insert(VOCABULARY.to_owned(), Tensor::from_bytes(vocabulary));
        match shortlist.map(|shortlist| shortlist.packed().clone()) {
            Some(bytes) => self.tensors.insert(SHORTLIST.to_owned(), Tensor::from_bytes(bytes)),
            None => self.tensors.remove(SHORTLIST),
        };
    }
}

/// Whether a tensor of that name is a vector: a bias, or the scale of a norm.
pub fn is_vector(name: &str) -> bool {
    name.ends_with(".bias") || name.ends_with(".norm.scale")
}

fn read_metadata(header: &Header) -> Result<Metadata> {
    let json = header.metadata().as_ref().and_then(|map| map.get(KEY)).ok_or_else(|| {
        Error::malformed(format!(
            "a safetensors file, but no `{KEY}` in its metadata: not one of ours"
        ))
    })?;
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let broken = |error: serde_json::Error| Error::malformed(error.to_string()).at("metadata");
    // The version first: a later format may well have other fields.
    let Version { format } = serde_json::from_str(json).map_err(broken)?;
    if format != FORMAT {
        return Err(Error::unsupported(format!(
            "package format {format}; this build reads format {FORMAT}"
        )));
    }
    let metadata: Metadata = serde_json::from_str(json).map_err(broken)?;
    metadata.architecture.validate().at("metadata")?;
    Ok(metadata)
}

fn from_safetensors(dtype: safetensors::Dtype) -> Result<Dtype> {
    match dtype {
        safetensors::Dtype::U8 => Ok(Dtype::U8),
        safetensors::Dtype::I8 => Ok(Dtype::I8),
        safetensors::Dtype::F16 => Ok(Dtype::F16),
        safetensors::Dtype::F32 => Ok(Dtype::F32),
        safetensors::Dtype::U32 => Ok(Dtype::U32),
        other => Err(Error::unsupported(format!("elements of type {other:?}"))),
    }
}

fn to_safetensors(dtype: Dtype) -> safetensors::Dtype {
    match dtype {
        Dtype::U8 => safetensors::Dtype::U8,
        Dtype::I8 => safetensors::Dtype::I8,
        Dtype::F16 => safetensors::Dtype::F16,
        Dtype::F32 => safetensors::Dtype::F32,
        Dtype::U32 => safetensors::Dtype::U32,
    }
}
