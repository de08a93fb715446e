//! What a model takes: on the wire, as a file, in memory.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use crate::backend::cpu::Cpu;
use crate::error::Result;
use crate::format::Package;
use crate::translate::Translator;

/// The three sizes of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bytes {
    /// The length of the gzipped package: what a user downloads.
    pub wire_bytes: usize,
    /// The length of the package as a plain file.
    pub file_bytes: usize,
    /// What the weights occupy where the CPU runs them.
    pub memory_bytes: usize,
}

/// See [`Bytes::memory_bytes`].
///
/// # Errors
/// `Malformed` or `Unsupported` when the package holds no model that runs.
pub fn memory_bytes(package: &Package) -> Result<usize> {
    Ok(Translator::load(Cpu::default(), package)?.network().weight_bytes())
}

/// A file as it is served: `gzip -9`, the same bytes on every machine.
///
/// # Errors
/// `Io`, in practice never: it all happens in memory.
pub fn gzip(file: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(file)?;
    Ok(encoder.finish()?)
}
