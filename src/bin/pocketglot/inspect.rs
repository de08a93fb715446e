//! `pocketglot inspect`: what a package holds.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use pocketglot::codec::Parameters;
use pocketglot::error::{At, Error, Result};
use pocketglot::format::Metadata;
use serde::Serialize;

use crate::files;

#[derive(clap::Args)]
pub struct Options {
    /// The package.
    model: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    metadata: &'a Metadata,
    wire_bytes: usize,
    file_bytes: usize,
    /// Weight elements.
    parameters: usize,
    tensors: Vec<Row>,
}

/// One part of the network, or one file inside the package.
#[derive(Serialize)]
struct Row {
    name: String,
    codec: String,
    /// Of the codec, such as `bits`.
    #[serde(flatten)]
    parameters: Parameters,
    shape: Vec<usize>,
    bytes: usize,
}

impl Row {
    /// A whole tensor.
    fn new(name: &str, codec: &str, shape: &[usize]) -> Self {
        let (name, codec) = (name.to_owned(), codec.to_owned());
        Row { name, codec, parameters: Parameters::new(), shape: shape.to_vec(), bytes: 0 }
    }

    /// The codec with its parameters, for people.
    fn codec(&self) -> String {
        let parameters = self.parameters.iter().map(|(name, value)| format!(", {name} {value}"));
        format!("{}{}", self.codec, parameters.collect::<String>())
    }
}

pub fn run(options: &Options, out: &mut impl Write) -> Result<()> {
    let loaded = files::read_package(&options.model)?;
    let metadata = &loaded.package.metadata;
    // What the metadata says of a matrix is shown only when its tensors bear it out.
    for (name, info) in &metadata.matrices {
        loaded.package.matrix(name, info.shape).at(files::place(&options.model))?;
    }
    let tensors = rows(&loaded.package);
    let weights = tensors.iter().filter(|row| row.codec != FILE);
    let parameters = weights.map(|row| row.shape.iter().product::<usize>()).sum();
    let report = Report {
        metadata,
        wire_bytes: loaded.wire_bytes()?,
        file_bytes: loaded.file_bytes(),
        parameters,
        tensors,
    };
    if options.json {
        let json = serde_json::to_string_pretty(&report);
        writeln!(out, "{}", json.map_err(|error| Error::invalid(error.to_string()))?)?;
    } else {
        print(&report, out)?;
    }
    Ok(())
}

/// The "codec" of a vocabulary or a shortlist.
const FILE: &str = "file";

/// A matrix is one row, whatever number of tensors its codec needs.
fn rows(package: &pocketglot::format::Package) -> Vec<Row> {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for (name, tensor) in &package.tensors {
        let matrix = name.rsplit_once('.').map(|(stem, _)| stem);
        let matrix = matrix.and_then(|stem| package.metadata.matrices.get_key_value(stem));
        let row = match matrix {
            // The bias of a product is a tensor of its own beside the parts of the matrix.
            Some((stem, info)) if !name.ends_with(".bias") => {
                let row = Row::new(stem, &info.codec, &info.shape);
                (stem, Row { parameters: info.parameters.clone(), ..row })
            }
            _ if tensor.dtype() == pocketglot::tensor::Dtype::U8 => {
                (name, Row::new(name, FILE, tensor.shape()))
            }
            _ => (name, Row::new(name, "f32", tensor.shape())),
        };
        rows.entry(row.0).or_insert(row.1).bytes += tensor.data().len();
    }
    rows.into_values().collect()
}

fn print(report: &Report, out: &mut impl Write) -> Result<()> {
    let Report { metadata, .. } = report;
    let a = &metadata.architecture;
    writeln!(out, "{} → {}", metadata.languages.source, metadata.languages.target)?;
    writeln!(
        out,
        "encoder {} layers, decoder {} layers ({:?}), width {}, {} heads, feed-forward {}, vocabulary {}",
        a.encoder_layers, a.decoder_layers, a.decoder_cell, a.width, a.heads, a.ffn, a.vocabulary
    )?;
    for (stack, sizes) in [("encoder", &a.encoder_sizes), ("decoder", &a.decoder_sizes)] {
        if !sizes.is_empty() {
            let layers: Vec<_> =
                sizes.iter().map(|layer| format!("{} and {}", layer.heads, layer.ffn)).collect();
            writeln!(out, "{stack} layers, heads and feed-forward: {}", layers.join(", "))?;
        }
    }
    writeln!(out, "{} parameters", report.parameters)?;
    writeln!(
        out,
        "{} bytes gzipped (download), {} bytes as a file",
        report.wire_bytes, report.file_bytes
    )?;
    let provenance = &metadata.provenance;
    writeln!(out, "licence {}", provenance.licence.as_deref().unwrap_or("not stated"))?;
    for (what, value) in [("made by", &provenance.credit), ("source", &provenance.source_url)] {
        if let Some(value) = value {
            writeln!(out, "{what} {value}")?;
        }
    }
    for source in &provenance.sources {
        writeln!(
            out,
            "imported from {} ({} bytes, SHA-256 {})",
            source.name, source.bytes, source.sha256
        )?;
    }
    writeln!(out)?;
    let codecs: Vec<_> = report.tensors.iter().map(Row::codec).collect();
    let width = codecs.iter().map(String::len).fold(8, usize::max);
    writeln!(out, "{:36} {:width$} {:>16} {:>10}", "tensor", "codec", "shape", "bytes")?;
    for (row, codec) in report.tensors.iter().zip(&codecs) {
        let shape: Vec<_> = row.shape.iter().map(usize::to_string).collect();
        let shape = shape.join(" × ");
        writeln!(out, "{:36} {codec:width$} {shape:>16} {:>10}", row.name, row.bytes)?;
    }
    Ok(())
}
