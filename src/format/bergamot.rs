//! Marian's `.bin` models, as the Bergamot project ships them, to a package, without loss.
//!
//! The file, all little-endian: u64 version (1), u64 n; n headers of four u64 (name length, type,
//! rank, data length); the names, NUL-terminated; the shapes, i32; u64 padding and that many
//! bytes; then the data in order. See Marian's `src/common/binary.cpp`.

mod choose;

use std::collections::BTreeMap;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::package::{FORMAT, Languages, Metadata, Package, Provenance, SourceFile};
use super::reader::Reader;
use super::shortlist::Shortlist;
use super::{marian_config, marian_names};
use crate::codec::float::Float32;
use crate::codec::int8::Int8;
use crate::codec::{Codec, Matrix};
use crate::error::{At, Error, Result};
use crate::tensor::{Dtype, Tensor};

const VERSION: u64 = 1;
const CONFIG: &str = "special:model.yml";
/// Marian's type codes: class in the high byte, bytes an element in the low one.
const FLOAT32: u64 = 0x0404;
const INT8: u64 = 0x0101;
/// 8-bit integers for intgemm, in the layout that fits every processor.
const INTGEMM8: u64 = 0x4101;
/// No header is shorter than four words, so a file can't hold more tensors than this allows.
const HEADER_BYTES: usize = 32;
const MAX_RANK: u64 = 8;

/// A file and its name, for the provenance.
#[derive(Clone, Debug)]
pub struct Named {
    /// The file's name, without folders.
    pub name: String,
    /// What it holds.
    pub bytes: Bytes,
}

/// What an import is made from.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Marian's `.bin`.
    pub model: Named,
    /// The SentencePiece `.spm` that both languages share.
    pub vocabulary: Named,
    /// The binary lexical shortlist, where there is one.
    pub shortlist: Option<Named>,
}

/// Turns Marian's files into a package. Weights, multipliers and vocabulary are kept to the bit, and
/// every entry of the shortlist, packed as [`Shortlist`] says; licence, credit and source address come from `provenance`, whose list of files is
/// filled in here.
///
/// # Errors
/// `Malformed` or `Unsupported`, with file and place.
pub fn import(sources: &Sources, languages: Languages, provenance: Provenance) -> Result<Package> {
    let mut package = read_model(sources.model.bytes.clone(), languages, provenance)
        .at(sources.model.name.as_str())?;
    let shortlist = sources.shortlist.as_ref();
    let pieces = package.metadata.architecture.vocabulary;
    let lists = shortlist
        .map(|named| Shortlist::read(named.bytes.clone(), pieces).at(named.name.as_str()))
        .transpose()?;
    package.set_texts(sources.vocabulary.bytes.clone(), lists.as_ref());
    package.metadata.provenance.sources =
        [Some(&sources.model), Some(&sources.vocabulary), shortlist]
            .into_iter()
            .flatten()
            .map(|named| SourceFile {
                name: named.name.clone(),
                bytes: named.bytes.len(),
                sha256: Sha256::digest(&named.bytes).iter().map(|b| format!("{b:02x}")).collect(),
            })
            .collect();
    Ok(package)
}

fn read_model(bytes: Bytes, languages: Languages, provenance: Provenance) -> Result<Package> {
    let mut items = read_items(bytes)?;
    let config = items.remove(CONFIG);
    let config = config.ok_or_else(|| Error::malformed(format!("holds no `{CONFIG}`")))?;
    let architecture = marian_config::read(&config.data).at(CONFIG)?;
    let metadata = Metadata {
        format: FORMAT,
        architecture,
        languages,
        matrices: BTreeMap::new(),
        screening: None,
        recipe: None,
        provenance,
    };
    let mut package = Package { metadata, tensors: BTreeMap::new() };
    for (name, item) in &items {
        let place = || format!("tensor \"{name}\"");
        match marian_names::translate(name) {
            Some(marian_names::Role::Matrix { name: ours, input_scale, transposed }) => {
                let input_scale = items.get(&input_scale).map(Item::scalar).transpose();
                let matrix = input_scale.and_then(|scale| item.matrix(scale, transposed));
                package.insert_matrix(&ours, &matrix.at(place())?);
            }
            Some(marian_names::Role::Vector(ours)) => {
                package.tensors.insert(ours, item.vector().at(place())?);
            }
            Some(marian_names::Role::InputScale) => {}
            None => {
                return Err(Error::unsupported(
                    "is no part of the networks that this build runs (post-norm Transformer \
                     encoder, SSRU decoder, one tied embedding)",
                )
                .at(place()));
            }
        }
    }
    Ok(package)
}

/// One tensor as Marian stores it.
struct Item {
    kind: u64,
    shape: Vec<usize>,
    /// Elements only, without padding or multiplier.
    data: Bytes,
    /// Of intgemm types: `weight = code / multiplier`.
    multiplier: Option<f32>,
}

fn read_items(bytes: Bytes) -> Result<BTreeMap<String, Item>> {
    let mut reader = Reader::new(bytes);
    let version = reader.u64("version")?;
    if version != VERSION {
        return Err(Error::unsupported(format!(
            "no Marian binary model: these begin with the version {VERSION}, this file with {version}"
        )));
    }
    let count = reader.u64("number of tensors")?;
    let headers = reader.take_items(count, HEADER_BYTES, "tensor headers")?;
    let headers: Vec<[u64; 4]> = headers
        .as_chunks::<HEADER_BYTES>()
        .0
        .iter()
        .map(|h| std::array::from_fn(|i| u64::from_le_bytes(h.as_chunks().0[i])))
        .collect();
    let mut names = Vec::with_capacity(headers.len());
    for (index, [length, ..]) in headers.iter().enumerate() {
        let name = reader.take(*length, &format!("name of tensor {index}"))?;
        let name = name.strip_suffix(b"\0").and_then(|name| str::from_utf8(name).ok());
        let name = name.ok_or_else(|| {
            Error::malformed(format!("the name of tensor {index} is no NUL-terminated text"))
        })?;
        names.push(name.to_owned());
    }
    let mut shapes = Vec::with_capacity(headers.len());
    for (name, [_, _, rank, _]) in names.iter().zip(&headers) {
        shapes.push(read_shape(&mut reader, *rank).at(format!("tensor \"{name}\""))?);
    }
    let padding = reader.u64("padding")?;
    reader.take(padding, "padding")?;
    let mut items = BTreeMap::new();
    for ((name, [_, kind, _, length]), shape) in names.into_iter().zip(headers).zip(shapes) {
        let data = reader.take(length, &format!("data of tensor \"{name}\""))?;
        let item = Item::new(kind, shape, &data).at(format!("tensor \"{name}\""))?;
        if items.insert(name.clone(), item).is_some() {
            return Err(Error::malformed(format!("holds tensor \"{name}\" twice")));
        }
    }
    match reader.left() {
        0 => Ok(items),
        left => Err(Error::malformed(format!("{left} bytes follow the last tensor"))),
    }
}

fn read_shape(reader: &mut Reader, rank: u64) -> Result<Vec<usize>> {
    if rank > MAX_RANK {
        return Err(Error::malformed(format!("{rank} dimensions, expected at most {MAX_RANK}")));
    }
    let sides = reader.take_items(rank, 4, "shape")?;
    let sides = sides.as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b));
    sides
        .map(|side| {
            usize::try_from(side)
                .map_err(|_| Error::malformed(format!("a dimension of length {side}")))
        })
        .collect()
}

impl Item {
    /// Cuts `stored` to the elements and the multiplier; what is left is padding.
    fn new(kind: u64, shape: Vec<usize>, stored: &Bytes) -> Result<Self> {
        let elements = shape.iter().try_fold(1u64, |n, &side| n.checked_mul(side as u64));
        let elements =
            elements.ok_or_else(|| Error::malformed(format!("shape {shape:?} is absurd")))?;
        let size = match kind {
            FLOAT32 => 4,
            INT8 | INTGEMM8 => 1,
            other => {
                return Err(Error::unsupported(format!(
                    "type {other:#x}; this build reads {FLOAT32:#x} (float), {INT8:#x} (bytes) and \
                     {INTGEMM8:#x} (8-bit integers in the layout for any processor)"
                )));
            }
        };
        let mut reader = Reader::new(stored.clone());
        let data = reader.take_items(elements, size, "elements")?;
        let multiplier = if kind == INTGEMM8 {
            let bytes = reader.take(4, "quantisation multiplier")?;
            Some(f32::from_le_bytes(*bytes.as_array().expect("take gave 4 bytes")))
        } else {
            None
        };
        Ok(Item { kind, shape, data, multiplier })
    }

    fn scalar(&self) -> Result<f32> {
        self.tensor_f32(vec![self.shape.iter().product()])?.to_scalar().at("input multiplier")
    }

    fn tensor_f32(&self, shape: Vec<usize>) -> Result<Tensor> {
        if self.kind != FLOAT32 {
            return Err(Error::unsupported(format!("type {:#x} where floats belong", self.kind)));
        }
        Tensor::new(Dtype::F32, shape, self.data.clone())
    }

    /// A bias or a norm: Marian's `[1, n]` becomes `[n]`.
    fn vector(&self) -> Result<Tensor> {
        match self.shape[..] {
            [n] | [1, n] => self.tensor_f32(vec![n]),
            _ => Err(Error::malformed(format!("shape {:?} is no vector", self.shape))),
        }
    }

    /// A matrix `[out, in]`. Marian's products are x·W with W of shape (in, out), which it stores
    /// as it is for floats and transposed, out-major, for intgemm; the embedding is looked up by
    /// rows and never transposed.
    fn matrix(&self, input_scale: Option<f32>, product: bool) -> Result<Matrix> {
        let [rows, columns] = self.shape[..] else {
            return Err(Error::malformed(format!("shape {:?} is no matrix", self.shape)));
        };
        let shape = if product { [columns, rows] } else { [rows, columns] };
        match self.multiplier {
            Some(multiplier) => {
                let codes = Tensor::new(Dtype::I8, shape.to_vec(), self.data.clone())?;
                Ok(Box::new(Int8::new(codes, multiplier, input_scale)?))
            }
            None => {
                let values = self.tensor_f32(vec![rows, columns])?.to_f32()?;
                let values = if product { transpose(&values, rows, columns) } else { values };
                Ok(Box::new(Float32::new(shape, values)) as Box<dyn Codec>)
            }
        }
    }
}

/// `[rows, columns]` to `[columns, rows]`.
fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|c| (0..rows).map(move |r| values[r * columns + c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transpose_swaps_rows_and_columns() {
        assert_eq!(transpose(&[1., 2., 3., 4., 5., 6.], 2, 3), [1., 4., 2., 5., 3., 6.]);
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        let read = |bytes: &'static [u8]| read_items(Bytes::from_static(bytes)).err().unwrap();
        assert!(read(b"").to_string().contains("version: needs 8 bytes"));
        assert!(read(b"PK\x03\x04 a zip file").to_string().contains("version"));
        let absurd: &[u8] = b"\x01\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff";
        assert!(read(absurd).to_string().contains("tensor headers"));
    }
}
