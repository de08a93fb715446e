//! `pocketglot inspect`: what a package holds.

use std::io::Write;
use std::path::PathBuf;

use pocketglot::error::{At, Error, Result};
use pocketglot::lab::inspect::{Inspection, Row};
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
struct Report {
    #[serde(flatten)]
    inspection: Inspection,
    wire_bytes: usize,
    file_bytes: usize,
}

pub fn run(options: &Options, out: &mut impl Write) -> Result<()> {
    let loaded = files::read_package(&options.model)?;
    let report = Report {
        inspection: Inspection::new(&loaded.package).at(files::place(&options.model))?,
        wire_bytes: loaded.wire_bytes()?,
        file_bytes: loaded.file_bytes(),
    };
    if options.json {
        let json = serde_json::to_string_pretty(&report);
        writeln!(out, "{}", json.map_err(|error| Error::invalid(error.to_string()))?)?;
    } else {
        print(&report, out)?;
    }
    Ok(())
}

fn print(report: &Report, out: &mut impl Write) -> Result<()> {
    let Inspection { metadata, parameters, tensors } = &report.inspection;
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
    writeln!(out, "{parameters} parameters")?;
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
    let codecs: Vec<_> = tensors.iter().map(Row::codec).collect();
    let width = codecs.iter().map(String::len).fold(8, usize::max);
    writeln!(out, "{:36} {:width$} {:>16} {:>10}", "tensor", "codec", "shape", "bytes")?;
    for (row, codec) in tensors.iter().zip(&codecs) {
        let shape: Vec<_> = row.shape.iter().map(usize::to_string).collect();
        let shape = shape.join(" × ");
        writeln!(out, "{:36} {codec:width$} {shape:>16} {:>10}", row.name, row.bytes)?;
    }
    Ok(())
}
