//! Reading and writing files, with their names in every error.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use pocketglot::backend::reference::Reference;
use pocketglot::error::{At, Error, Result};
use pocketglot::format::Package;
use pocketglot::lab::bytes::gzip;
use pocketglot::translate::Translator;

const GZIP: [u8; 2] = [0x1f, 0x8b];
/// More than any model here, less than would hurt: a small file can unpack to a thousand times
/// its size.
const MAX_FILE_BYTES: u64 = 4 << 30;

/// A package and the file that it came in.
pub struct Loaded {
    pub package: Package,
    path: PathBuf,
    /// The file as it is stored, perhaps gzipped.
    stored: Bytes,
    plain: Bytes,
}

impl Loaded {
    /// The length of the plain file.
    pub fn file_bytes(&self) -> usize {
        self.plain.len()
    }

    /// The length of the gzipped file, which is what a user downloads: of this file, of the `.gz`
    /// beside it when that holds the same, else of what gzip would make of it.
    pub fn wire_bytes(&self) -> Result<usize> {
        if self.stored.starts_with(&GZIP) {
            return Ok(self.stored.len());
        }
        let beside = fs::read(format!("{}.gz", self.path.display()));
        match beside {
            Ok(gzipped) if inflate(&gzipped).is_ok_and(|plain| plain == self.plain) => {
                Ok(gzipped.len())
            }
            _ => gzip(&self.plain).map(|gzipped| gzipped.len()).at(place(&self.path)),
        }
    }
}

pub fn place(path: &Path) -> String {
    path.display().to_string()
}

pub fn read(path: &Path) -> Result<Bytes> {
    fs::read(path).map(Bytes::from).at(place(path))
}

/// Reads a package, plain or gzipped.
pub fn read_package(path: &Path) -> Result<Loaded> {
    let stored = read(path)?;
    let load = || -> Result<Loaded> {
        let plain = if stored.starts_with(&GZIP) { inflate(&stored)? } else { stored.clone() };
        let package = Package::read(plain.clone())?;
        Ok(Loaded { package, path: path.to_owned(), stored: stored.clone(), plain })
    };
    load().at(place(path))
}

fn inflate(gzipped: &[u8]) -> Result<Bytes> {
    let mut plain = Vec::new();
    MultiGzDecoder::new(gzipped).take(MAX_FILE_BYTES + 1).read_to_end(&mut plain)?;
    if plain.len() as u64 > MAX_FILE_BYTES {
        return Err(Error::malformed(format!("unpacks to more than {MAX_FILE_BYTES} bytes")));
    }
    Ok(plain.into())
}

/// Reads a package and takes its model to a backend.
pub fn load_translator<B: pocketglot::backend::Backend>(
    backend: B,
    package: &Package,
    path: &Path,
    no_shortlist: bool,
) -> Result<Translator<B>> {
    let translator = Translator::load(backend, package).at(place(path))?;
    Ok(if no_shortlist { translator.without_shortlist() } else { translator })
}

/// Writes a model, gzipped where the name ends in `.gz`; what was written.
pub fn write_package(path: &Path, package: &Package) -> Result<Loaded> {
    // A package that does not load is better not written.
    Translator::load(Reference, package)?;
    let plain = Bytes::from(package.write()?);
    let gzipped = path.extension().is_some_and(|extension| extension == "gz");
    let stored = if gzipped { gzip(&plain)?.into() } else { plain.clone() };
    write(path, &stored)?;
    Ok(Loaded { package: package.clone(), path: path.to_owned(), stored, plain })
}

/// Writes a file whole or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    fs::write(partial, bytes)
        .and_then(|()| fs::rename(partial, path))
        .inspect_err(|_| drop(fs::remove_file(partial)))
        .at(place(path))
}

/// The lines of a text file.
pub fn read_lines(path: &Path) -> Result<Vec<String>> {
    let text = read(path)?;
    let text = str::from_utf8(&text).map_err(|error| {
        let line = 1 + text[..error.valid_up_to()].iter().filter(|&&b| b == b'\n').count();
        Error::malformed(format!("line {line} is not UTF-8 text")).at(place(path))
    })?;
    Ok(text.lines().map(str::to_owned).collect())
}
