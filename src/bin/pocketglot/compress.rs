//! `pocketglot compress`: a recipe's way from package to package, and what it did.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use pocketglot::compress::report::MatrixReport;
use pocketglot::compress::{Recipe, presets};
use pocketglot::error::{At, Error, Result};
use pocketglot::eval::distortion::Distortion;
use pocketglot::format::Package;
use pocketglot::lab::bytes::{Bytes, memory_bytes};
use pocketglot::lab::calibrate::text_in;
use pocketglot::lab::compress::{Compressed, Progress, compress};
use pocketglot::lab::report::Compression;

use crate::files;

#[derive(clap::Args)]
pub struct Options {
    /// The package to make smaller.
    model: PathBuf,
    /// A TOML file, or the name of a preset.
    #[arg(long, value_name = "RECIPE")]
    recipe: String,
    /// Text in the model's source language, a line a segment, for methods that look at what enters
    /// each layer; without it, text of our own.
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
    /// The package to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Our own text, both languages, all of it: `data/README.md` tells what it is.
const SENTENCES: &str = include_str!("../../../data/sentences.en-pt.tsv");

pub fn run(options: &Options, out: &mut impl Write) -> Result<()> {
    let recipe = read_recipe(&options.recipe)?;
    let loaded = files::read_package(&options.model)?;
    let calibration = read_calibration(options, &recipe, &loaded.package)?;
    // Drawn to stderr, and only where that is a terminal.
    let bar = ProgressBar::new(PARTS);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {msg}") {
        bar.set_style(style);
    }
    let mut progress = |Progress { step, steps, what, done }: Progress<'_>| {
        let share = ((step - 1) as f64 + done) / steps as f64;
        bar.set_position((share * PARTS as f64) as u64);
        bar.set_message(format!("step {step} of {steps}: {what}"));
    };
    let start = Instant::now();
    let Compressed { package, matrices } =
        compress(&loaded.package, &recipe, &calibration, &mut progress)
            .at(files::place(&options.model))?;
    let seconds = start.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let before = Bytes {
        wire_bytes: loaded.wire_bytes()?,
        file_bytes: loaded.file_bytes(),
        memory_bytes: memory_bytes(&loaded.package)?,
    };
    let written = files::write_package(&options.output, &package)?;
    let after = Bytes {
        wire_bytes: written.wire_bytes()?,
        file_bytes: written.file_bytes(),
        memory_bytes: memory_bytes(&package)?,
    };
    let recipe = recipe.given().clone();
    let report = Compression { recipe, seconds, before, after, tensors: matrices };
    if options.json {
        let json = serde_json::to_string_pretty(&report);
        writeln!(out, "{}", json.map_err(|error| Error::invalid(error.to_string()))?)?;
        return Ok(());
    }
    print(&report, out)
}

/// Steps of the progress bar.
const PARTS: u64 = 1000;

/// A preset where there is one of that name, else a file.
fn read_recipe(name: &str) -> Result<Recipe> {
    let path = Path::new(name);
    if presets::find(name).is_none() && path.exists() {
        let text = files::read_lines(path)?.join("\n");
        return Recipe::from_toml(&text).at(name);
    }
    presets::named(name).at(name)
}

/// The lines of the file that was given, or what we have ourselves in the source language.
fn read_calibration(options: &Options, recipe: &Recipe, package: &Package) -> Result<Vec<String>> {
    if let Some(path) = &options.calibration {
        return files::read_lines(path);
    }
    if !recipe.needs_calibration() {
        return Ok(Vec::new());
    }
    text_in(SENTENCES, &package.metadata.languages.source)
}

/// What stands where there is nothing to say.
const NONE: &str = "–";

fn print(report: &Compression, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "{:28} {:8} {:>10} {:>10} {:>8} {:>7} {:>8} {:>7} {:>7}",
        "matrix", "codec", "before", "after", "error", "dB", "exact", "to zero", "flipped"
    )?;
    for tensor in &report.tensors {
        let MatrixReport { name, codec, bytes_before, bytes_after, weights, distortion } = tensor;
        let codec = codec.as_deref().unwrap_or(NONE);
        let number = |value: Option<String>| value.unwrap_or_else(|| NONE.to_owned());
        let share = |count: fn(&Distortion) -> usize| {
            let share = |d| format!("{:.1} %", 100.0 * count(d) as f64 / *weights as f64);
            number(distortion.as_ref().map(share))
        };
        let error = number(distortion.map(|d| format!("{:.4}", d.relative_error)));
        let snr = number(distortion.and_then(|d| d.snr_db).map(|db| format!("{db:.1}")));
        writeln!(
            out,
            "{name:28} {codec:8} {bytes_before:>10} {bytes_after:>10} {error:>8} {snr:>7} {:>8} {:>7} {:>7}",
            share(|d| d.exact),
            share(|d| d.flushed),
            share(|d| d.sign_flips),
        )?;
    }
    let Compression { before, after, .. } = report;
    writeln!(out)?;
    writeln!(out, "{:.1} seconds", report.seconds)?;
    for (what, before, after) in [
        ("gzipped (download)", before.wire_bytes, after.wire_bytes),
        ("as a file", before.file_bytes, after.file_bytes),
        ("weights in memory", before.memory_bytes, after.memory_bytes),
    ] {
        let share = 100.0 * after as f64 / before as f64;
        writeln!(out, "{before} → {after} bytes {what}, {share:.1} %")?;
    }
    Ok(())
}
