//! `pocketglot distill`: a student of another shape learns to say what its teacher says.

use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};
use pocketglot::error::{Error, Result};
use pocketglot::lab::bytes::gzip;
use pocketglot::lab::student::{Shape, student};

use crate::training;

#[derive(clap::Args)]
pub struct Options {
    /// Layers of the encoder and of the decoder, as in `4+1`.
    #[arg(long, value_name = "N+N")]
    layers: Option<String>,
    /// Neurons of feed-forward layers: of all, or of the encoder's and the decoder's, as in
    /// `1024+512`.
    #[arg(long, value_name = "N")]
    ffn: Option<String>,
    /// Heads of attention layers, each as wide as the teacher's, likewise.
    #[arg(long, value_name = "N")]
    heads: Option<String>,
    /// The width of the network.
    #[arg(long, value_name = "N")]
    width: Option<usize>,
    #[command(flatten)]
    training: training::Options,
}

/// Lines of the text by which a student is initialised: more tell little, and would take memory.
const CALIBRATION: usize = 300;
/// Steps of the progress bar.
const PARTS: u64 = 1000;

pub fn run(options: &Options, out: &mut impl Write) -> Result<()> {
    let (layers, ffn, heads) = (&options.layers, &options.ffn, &options.heads);
    let sizes = |what: &str, text: &Option<String>| {
        text.as_deref().map(|text| Shape::parse_sizes(what, text)).transpose()
    };
    let shape = Shape {
        layers: layers.as_deref().map(Shape::parse_layers).transpose()?,
        ffn: sizes("ffn", ffn)?,
        heads: sizes("heads", heads)?,
        width: options.width,
    };
    let (teachers, texts) = (options.training.teachers()?, options.training.texts()?);
    let first = teachers.first().ok_or_else(|| Error::invalid("there is no teacher"))?;
    // Drawn to stderr, and only where that is a terminal.
    let bar = ProgressBar::new(PARTS);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {msg}") {
        bar.set_style(style);
    }
    let mut progress = |what: &str, done: f64| {
        bar.set_position((done * PARTS as f64) as u64);
        bar.set_message(format!("a student of the teacher's layers: {what}"));
    };
    let calibration = &texts[..texts.len().min(CALIBRATION)];
    let student = student(first, &shape, calibration, &mut progress)?;
    bar.finish_and_clear();
    let wire_bytes = gzip(&student.write()?)?.len();
    training::train(&student, wire_bytes, &teachers, texts, &options.training, out)
}
