//! `pocketglot heal`: a compressed model learns again what it lost.

use std::io::Write;
use std::path::PathBuf;

use pocketglot::error::Result;

use crate::{files, training};

#[derive(clap::Args)]
pub struct Options {
    /// The model to train.
    model: PathBuf,
    #[command(flatten)]
    training: training::Options,
}

pub fn run(options: &Options, out: &mut impl Write) -> Result<()> {
    let student = files::read_package(&options.model)?;
    let (teachers, texts) = (options.training.teachers()?, options.training.texts()?);
    let wire_bytes = student.wire_bytes()?;
    training::train(&student.package, wire_bytes, &teachers, texts, &options.training, out)
}
