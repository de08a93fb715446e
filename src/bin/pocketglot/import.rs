//! `pocketglot import`: other projects' files to a package.

use std::io::Write;
use std::path::{Path, PathBuf};

use pocketglot::error::{At, Error, Result};
use pocketglot::format::bergamot::{self, Named, Sources};
use pocketglot::format::{Languages, Provenance};

use crate::files;

#[derive(clap::Subcommand)]
pub enum Format {
    /// A Marian model as the Bergamot project ships it: `.bin`, `.spm` and `lex.*.bin`.
    Bergamot(Bergamot),
}

#[derive(clap::Args)]
pub struct Bergamot {
    /// Marian's binary model.
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// The SentencePiece vocabulary of both languages.
    #[arg(long, value_name = "FILE")]
    vocab: PathBuf,
    /// The binary lexical shortlist.
    #[arg(long, value_name = "FILE")]
    shortlist: Option<PathBuf>,
    /// The language that it translates from, as a BCP 47 tag.
    #[arg(long, value_name = "TAG", value_parser = language)]
    from: String,
    /// The language that it translates to.
    #[arg(long, value_name = "TAG", value_parser = language)]
    to: String,
    /// The model's licence, as an SPDX expression.
    #[arg(long, value_name = "SPDX")]
    licence: Option<String>,
    /// Who made the model.
    #[arg(long, value_name = "NAME")]
    credit: Option<String>,
    /// Where its source form is to be had.
    #[arg(long, value_name = "URL")]
    source_url: Option<String>,
    /// The package to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

fn language(tag: &str) -> Result<String, String> {
    let subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    if tag.split('-').all(subtag) {
        Ok(tag.to_owned())
    } else {
        Err("expected a language tag such as `en` or `pt-BR`".to_owned())
    }
}

pub fn run(format: &Format, out: &mut impl Write) -> Result<()> {
    let Format::Bergamot(options) = format;
    let sources = Sources {
        model: named(&options.model)?,
        vocabulary: named(&options.vocab)?,
        shortlist: options.shortlist.as_deref().map(named).transpose()?,
    };
    let languages = Languages { source: options.from.clone(), target: options.to.clone() };
    let provenance = Provenance {
        sources: Vec::new(),
        licence: options.licence.clone(),
        credit: options.credit.clone(),
        source_url: options.source_url.clone(),
    };
    let package = bergamot::import(&sources, languages, provenance)?;
    let written = files::write_package(&options.output, &package)?;
    writeln!(
        out,
        "{}: {} bytes, {} tensors",
        files::place(&options.output),
        written.file_bytes(),
        package.tensors.len()
    )?;
    Ok(())
}

fn named(path: &Path) -> Result<Named> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Error::invalid("the file's name is not UTF-8 text"));
    Ok(Named { name: name.at(files::place(path))?.to_owned(), bytes: files::read(path)? })
}
