//! `pocketglot eval`: BLEU, chrF, speed and bytes of a model on a test set.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use pocketglot::backend::Backend;
use pocketglot::error::{At, Error, Result};
use pocketglot::eval::bootstrap::{self, Interval};
use pocketglot::eval::{self, bleu, chrf};
use pocketglot::format::Languages;
use pocketglot::lab::bytes::Bytes;
use pocketglot::lab::report::Evaluation;
use pocketglot::translate::Translator;
use serde::Serialize;

use crate::{Machine, files, with_backend};

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("test set").required(true)))]
pub struct Options {
    /// The package.
    model: PathBuf,
    /// Text to translate, a line a segment.
    #[arg(long, value_name = "FILE", requires = "reference", group = "test set")]
    source: Option<PathBuf>,
    /// Its reference translations, line by line.
    #[arg(long, value_name = "FILE", requires = "source")]
    reference: Option<PathBuf>,
    /// Both at once: tab-separated text whose first line names the columns by language tag.
    #[arg(long, value_name = "TSV", conflicts_with = "reference", group = "test set")]
    pairs: Option<PathBuf>,
    /// Another system's translations, line by line: print the difference to them, with its 95 %
    /// interval by paired bootstrap.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the translations, a line a segment.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    machine: Machine,
}

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    evaluation: Evaluation,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Comparison>,
}

/// This model's scores minus the baseline's.
#[derive(Serialize)]
struct Comparison {
    bleu: f64,
    chrf: f64,
    bleu_difference: Difference,
    chrf_difference: Difference,
}

#[derive(Serialize)]
struct Difference {
    points: f64,
    low: f64,
    high: f64,
}

impl From<Interval> for Difference {
    fn from(interval: Interval) -> Self {
        let Interval { difference, low, high, .. } = interval;
        Difference { points: difference, low, high }
    }
}

/// Segments between two moves of the progress bar.
const CHUNK: usize = 256;
/// The draws are the same each time, so that a report can be repeated.
const SEED: u64 = 1;

pub fn run(options: &Options, out: &mut impl Write) -> Result<()> {
    let loaded = files::read_package(&options.model)?;
    let (sources, references) = read_pairs(options, &loaded.package.metadata.languages)?;
    if sources.is_empty() {
        return Err(Error::invalid("the test set is empty"));
    }
    let baseline = options.baseline.as_deref().map(files::read_lines).transpose()?;
    let (hypotheses, seconds, memory_bytes) =
        with_backend!(options.machine, |backend, on_backend| {
            translate(backend, on_backend, &loaded.package, options, &sources)
        })?;
    if let Some(path) = &options.output {
        let mut text = hypotheses.join("\n");
        text.push('\n');
        files::write(path, text.as_bytes())?;
    }
    let bytes =
        Bytes { wire_bytes: loaded.wire_bytes()?, file_bytes: loaded.file_bytes(), memory_bytes };
    let score = eval::score(&hypotheses, &references)?;
    let report = Report {
        evaluation: Evaluation::new(&sources, score, seconds.as_secs_f64(), bytes),
        baseline: baseline.map(|b| compare(&b, &hypotheses, &references)).transpose()?,
    };
    if options.json {
        let json = serde_json::to_string_pretty(&report);
        writeln!(out, "{}", json.map_err(|error| Error::invalid(error.to_string()))?)?;
        return Ok(());
    }
    let Evaluation { bleu, chrf, words_per_second, sentences, bytes } = report.evaluation;
    writeln!(out, "BLEU {bleu:.2}")?;
    writeln!(out, "chrF {chrf:.2}")?;
    writeln!(out, "{words_per_second:.0} words/s, {sentences} segments")?;
    let Bytes { wire_bytes, file_bytes, memory_bytes } = bytes;
    writeln!(
        out,
        "{wire_bytes} bytes gzipped (download), {file_bytes} as a file, {memory_bytes} in memory"
    )?;
    if let Some(Comparison { bleu, chrf, bleu_difference, chrf_difference }) = report.baseline {
        for (name, score, d) in [("BLEU", bleu, bleu_difference), ("chrF", chrf, chrf_difference)] {
            writeln!(
                out,
                "{name} of the baseline {score:.2}; difference {:+.2}, 95 % interval {:+.2} to {:+.2}",
                d.points, d.low, d.high
            )?;
        }
    }
    Ok(())
}

fn read_pairs(options: &Options, languages: &Languages) -> Result<(Vec<String>, Vec<String>)> {
    let (source, reference) = match (&options.pairs, &options.source, &options.reference) {
        (Some(pairs), _, _) => return read_table(pairs, languages),
        (None, Some(source), Some(reference)) => (source, reference),
        _ => return Err(Error::invalid("expected --pairs, or --source and --reference")),
    };
    let (sources, references) = (files::read_lines(source)?, files::read_lines(reference)?);
    if sources.len() != references.len() {
        return Err(Error::invalid(format!(
            "{} has {} lines, {} has {}: they must match line by line",
            files::place(source),
            sources.len(),
            files::place(reference),
            references.len()
        )));
    }
    Ok((sources, references))
}

/// Two columns of a tab-separated file, by the language tags in its first line.
pub fn read_table(path: &Path, languages: &Languages) -> Result<(Vec<String>, Vec<String>)> {
    let lines = files::read_lines(path)?;
    let mut lines = lines.iter().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap_or_default();
    let column = |tag: &str| {
        header.iter().position(|name| *name == tag).ok_or_else(|| {
            Error::malformed(format!("the first line names no column `{tag}`"))
                .at(files::place(path))
        })
    };
    let (source, target) = (column(&languages.source)?, column(&languages.target)?);
    let mut pairs = (Vec::new(), Vec::new());
    for (number, cells) in lines.enumerate() {
        let cell = |column: usize| cells.get(column).map(|&cell| cell.to_owned());
        let (Some(source), Some(target)) = (cell(source), cell(target)) else {
            return Err(Error::malformed(format!(
                "line {} has {} columns, the first line names {}",
                number + 2,
                cells.len(),
                header.len()
            ))
            .at(files::place(path)));
        };
        pairs.0.push(source);
        pairs.1.push(target);
    }
    Ok(pairs)
}

fn translate<B: Backend>(
    backend: B,
    on_backend: impl Fn(&Translator<B>, &[String]) -> Result<Vec<String>>,
    package: &pocketglot::format::Package,
    options: &Options,
    sources: &[String],
) -> Result<(Vec<String>, Duration, usize)> {
    let no_shortlist = options.machine.no_shortlist;
    let translator = files::load_translator(backend, package, &options.model, no_shortlist)?;
    // Drawn to stderr, and only where that is a terminal.
    let bar = ProgressBar::new(sources.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len}, {eta} left") {
        bar.set_style(style);
    }
    let start = Instant::now();
    let mut hypotheses = Vec::with_capacity(sources.len());
    for chunk in sources.chunks(CHUNK) {
        hypotheses.extend(on_backend(&translator, chunk)?);
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    Ok((hypotheses, start.elapsed(), translator.network().weight_bytes()))
}

fn compare(
    baseline: &[String],
    hypotheses: &[String],
    references: &[String],
) -> Result<Comparison> {
    let score = eval::score(baseline, references).at("baseline")?;
    let bleu_of = |texts: &[String]| -> Vec<_> {
        texts.iter().zip(references).map(|(h, r)| bleu::sentence_statistics(h, r)).collect()
    };
    let chrf_of = |texts: &[String]| -> Vec<_> {
        texts.iter().zip(references).map(|(h, r)| chrf::sentence_statistics(h, r)).collect()
    };
    let samples = bootstrap::SAMPLES;
    let bleu_difference =
        bootstrap::paired(&bleu_of(baseline), &bleu_of(hypotheses), samples, SEED)?;
    let chrf_difference =
        bootstrap::paired(&chrf_of(baseline), &chrf_of(hypotheses), samples, SEED)?;
    Ok(Comparison {
        bleu: score.bleu,
        chrf: score.chrf,
        bleu_difference: bleu_difference.into(),
        chrf_difference: chrf_difference.into(),
    })
}
