//! `pocketglot search`: the recipes that lose least at each size up to a budget.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use pocketglot::error::{At, Error, Result};
use pocketglot::lab::calibrate::text_in;
use pocketglot::lab::search::confirm::{Confirmed, Test, confirm, confirm_original};
use pocketglot::lab::search::evaluate::{Clock, Measured};
use pocketglot::lab::search::report::{Row, chart, front_csv, points_csv, toml};
use pocketglot::lab::search::{Found, News, Settings, front, search};
use pocketglot::translate::parallel::Threads;
use serde::Serialize;

use crate::{evaluate, files};

/// Text of our own, both languages, so little that many candidates can be tried on it:
/// `data/README.md` tells what it is.
const CALIBRATION: &str = include_str!("../../../data/calibration.en-pt.tsv");

#[derive(clap::Args)]
pub struct Options {
    /// The package to find recipes for.
    model: PathBuf,
    /// What a user may have to download: `6MB`, `6.5MB`, `900KB`, or bytes.
    #[arg(long, value_parser = bytes)]
    budget: usize,
    /// Time is an aim, too: measured on one thread of this machine.
    #[arg(long)]
    latency: bool,
    /// Looks for bits alone: the network stays as it is. Takes less time and memory.
    #[arg(long)]
    bits_only: bool,
    /// Text in the model's source language, a line a segment, to learn from and to compare on;
    /// without it, text of our own.
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// What is found is scored on this: tab-separated text whose first line names the columns by
    /// language tag.
    #[arg(long, value_name = "TSV")]
    pairs: PathBuf,
    /// Candidates to measure, after those that measure single choices.
    #[arg(long, default_value_t = 200, value_name = "N")]
    evaluations: usize,
    /// Ends the search after so many minutes, with what there is.
    #[arg(long, value_name = "N")]
    minutes: Option<f64>,
    /// Recipes of the front that are applied and scored, at most.
    #[arg(long, default_value_t = 8, value_name = "N")]
    confirm: usize,
    /// Where random numbers begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; 0 for as many as this machine runs at once.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// The folder to write recipes, tables and the chart to.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// See [`Settings::networks`].
const NETWORKS: usize = 8;

#[derive(Serialize)]
struct Report {
    original: Confirmed,
    /// What recipes of the front gave: `front` itself has their places.
    confirmed: Vec<Row>,
    #[serde(flatten)]
    found: Found,
}

pub fn run(options: &Options, out: &mut impl Write) -> Result<()> {
    let loaded = files::read_package(&options.model)?;
    let package = &loaded.package;
    let languages = &package.metadata.languages;
    let text = match &options.text {
        Some(path) => files::read_lines(path)?,
        None => text_in(CALIBRATION, &languages.source)?,
    };
    let (sources, references) = evaluate::read_table(&options.pairs, languages)?;
    let test = Test { sources: &sources, references: &references };
    std::fs::create_dir_all(&options.output).at(files::place(&options.output))?;
    let started = Instant::now();
    let now = move || started.elapsed().as_secs_f64() * 1000.0;
    let clock: Clock<'_> = &now;
    let settings = Settings {
        budget: options.budget,
        evaluations: options.evaluations,
        seed: options.seed,
        clock: options.latency.then_some(clock),
        structure: !options.bits_only,
        networks: NETWORKS,
    };
    let limit = options.minutes.map(|minutes| Duration::try_from_secs_f64(60.0 * minutes));
    let limit = limit.transpose().map_err(|error| Error::invalid(format!("--minutes: {error}")))?;
    // Drawn to stderr, and only where that is a terminal.
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} {msg}") {
        bar.set_style(style);
    }
    let mut hear = |news: News<'_>| {
        match news {
            News::Choices(done, all) => {
                bar.set_length(all as u64);
                bar.set_position(done as u64);
                bar.set_message("single choices");
            }
            News::Found { point, done, all, .. } => {
                bar.set_length(all as u64);
                bar.set_position(done as u64);
                let size = point.bytes as f64 / 1e6;
                bar.set_message(format!("{size:.2} MB: {:.4} nats a token", point.divergence));
            }
        }
        match limit.is_some_and(|limit| started.elapsed() >= limit) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let threads = Threads::new(options.threads)?;
    let found = search(package, &text, settings, threads.pool(), &mut hear)
        .at(files::place(&options.model))?;
    bar.finish_and_clear();
    if found.front.is_empty() {
        return Err(Error::invalid(format!(
            "no candidate between three quarters of {} bytes and all of it was measured: give more \
             time, or another budget",
            options.budget
        )));
    }
    let title =
        format!("{} → {}, up to {} bytes", languages.source, languages.target, options.budget);
    write_file(options, "points.csv", &points_csv(&found))?;
    write_file(options, "front.svg", &chart(&found, &title))?;
    let original = confirm_original(package, test, Some(clock))?;
    let mut rows = Vec::new();
    for at in chosen(&found, options.confirm) {
        let point = &found.points[at];
        let confirmed = confirm(package, &point.recipe, &text, test, Some(clock))?;
        // Candidates were calibrated with less text, so that files may differ by a little.
        if confirmed.wire_bytes > options.budget {
            continue;
        }
        let file = format!("{}.toml", confirmed.wire_bytes);
        write_file(options, &file, &toml(&point.recipe)?)?;
        let (divergence, latency) = (point.divergence, point.latency);
        rows.push(Row { file, divergence, latency, confirmed });
    }
    write_file(options, "front.csv", &front_csv(&rows, &original))?;
    let report = Report { original, confirmed: rows, found };
    if options.json {
        let json = serde_json::to_string_pretty(&report);
        writeln!(out, "{}", json.map_err(|error| Error::invalid(error.to_string()))?)?;
        return Ok(());
    }
    print(&report, out)
}

/// The points of the front that are applied, spread over all of it.
fn chosen(found: &Found, count: usize) -> Vec<usize> {
    let figures: Vec<Measured> = found
        .points
        .iter()
        .map(|point| Measured {
            bytes: point.bytes,
            divergence: point.divergence,
            latency: point.latency,
        })
        .collect();
    front::spread(&figures, found.front.clone(), count)
}

fn write_file(options: &Options, name: &str, text: &str) -> Result<()> {
    files::write(&options.output.join(name), text.as_bytes())
}

fn print(report: &Report, out: &mut impl Write) -> Result<()> {
    let Report { original, confirmed: rows, found } = report;
    let (count, refused) = (found.points.len(), found.refused);
    writeln!(out, "{count} candidates, {refused} that could not be made")?;
    writeln!(out, "{:>12} {:>10} {:>7} {:>7} {:>8}", "bytes", "nats", "chrF", "lost", "words/s")?;
    let words =
        |row: &Confirmed| row.words_per_second.map_or_else(String::new, |w| format!("{w:.0}"));
    let none = "–";
    writeln!(
        out,
        "{:>12} {none:>10} {:>7.2} {none:>7} {:>8}",
        original.wire_bytes,
        original.chrf,
        words(original)
    )?;
    for Row { divergence, confirmed, .. } in rows {
        writeln!(
            out,
            "{:>12} {divergence:>10.5} {:>7.2} {:>+7.2} {:>8}",
            confirmed.wire_bytes,
            confirmed.chrf,
            confirmed.chrf - original.chrf,
            words(confirmed)
        )?;
    }
    Ok(())
}

/// Reads a number of bytes.
fn bytes(text: &str) -> Result<usize, String> {
    let wrong = || format!("expected bytes, as in 6MB, 6.5MB, 900KB or 6000000, found `{text}`");
    let upper = text.trim().to_ascii_uppercase();
    let (digits, unit) = match upper.strip_suffix("MB") {
        Some(digits) => (digits, 1e6),
        None => upper.strip_suffix("KB").map_or((&*upper, 1.0), |digits| (digits, 1e3)),
    };
    let number: f64 = digits.trim().parse().map_err(|_| wrong())?;
    let bytes = number * unit;
    // Whole numbers are exact up to here, and no file is larger.
    if !(1.0..9e15).contains(&bytes) || bytes.fract() != 0.0 {
        return Err(wrong());
    }
    Ok(bytes as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_read_with_its_unit_or_refused_with_what_is_wrong() {
        for (text, expected) in
            [("6MB", 6_000_000), ("6.5mb", 6_500_000), ("900 KB", 900_000), ("6000000", 6_000_000)]
        {
            assert_eq!(bytes(text), Ok(expected));
        }
        for wrong in ["", "MB", "six", "0", "-1MB", "1.5", "nan", "inf", "1e300"] {
            assert!(bytes(wrong).unwrap_err().contains(&format!("`{wrong}`")), "{wrong}");
        }
    }
}
