//! Training a model by others, as `heal` and `distill` do it: options, checkpoints, progress, a
//! report.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use pocketglot::error::{At, Error, Result};
use pocketglot::format::Package;
use pocketglot::lab::heal::{Criterion, Healing, Judgement, Pruning};
use pocketglot::translate::parallel::Threads;
use serde::Serialize;

use crate::evaluate::read_table;
use crate::files;

#[derive(clap::Args)]
pub struct Options {
    /// The model that it learns from; of several, the mean of what they say.
    #[arg(long, value_name = "MODEL", required = true)]
    teacher: Vec<PathBuf>,
    /// Text in the source language to learn from, a line a segment: the teacher translates it.
    #[arg(long, value_name = "FILE")]
    text: PathBuf,
    #[command(flatten)]
    length: Length,
    /// The package to write: the best that was seen, at worst the model as it came.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Where training is written every few minutes, and from where it goes on if the file is there;
    /// removed at the end. OUTPUT.checkpoint unless given.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Judge by these instead of by the teacher's translations of held-out text: tab-separated, the
    /// first line names the columns by language tag.
    #[arg(long, value_name = "TSV")]
    pairs: Option<PathBuf>,
    /// Minutes between two judgements, each followed by a checkpoint.
    #[arg(long, default_value_t = 4.0, value_name = "MINUTES", conflicts_with = "judge_steps")]
    judge_every: f64,
    /// The same in steps.
    #[arg(long, value_name = "STEPS")]
    judge_steps: Option<u64>,
    /// Stop after so many judgements without a better one.
    #[arg(long, default_value_t = 8, value_name = "N")]
    patience: u32,
    #[command(flatten)]
    training: Training,
    /// Threads; 0 for as many as this machine runs at once. The result does not depend on it.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// How long.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Length {
    /// Train for so many minutes, those before an interruption included.
    #[arg(long, value_name = "N")]
    minutes: Option<f64>,
    /// Train for so many steps: the same each time, whatever the machine.
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
}

/// How.
#[derive(clap::Args)]
struct Training {
    /// The greatest learning rate.
    #[arg(long, default_value_t = 2e-4)]
    rate: f32,
    /// Source tokens of a batch, about.
    #[arg(long, default_value_t = 1500, value_name = "TOKENS")]
    batch: usize,
    /// How much the teacher's distributions count, from 0 to 1; the rest is its translations.
    #[arg(long, default_value_t = 0.9, value_name = "SHARE")]
    soft: f32,
    /// By which logits are divided when distributions are compared.
    #[arg(long, default_value_t = 1.0)]
    temperature: f32,
    /// How much the difference of the decoder's representations from the first teacher's counts.
    #[arg(long, default_value_t = 0.0, value_name = "WEIGHT")]
    hidden: f32,
    /// Weight decay of matrices.
    #[arg(long, default_value_t = 0.0)]
    decay: f32,
    /// Every weight that is zero stays zero: for models that were pruned and are not held sparse.
    #[arg(long)]
    keep_zeros: bool,
    #[command(flatten)]
    pruning: PruningOptions,
    /// Of the order of examples.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What goes meanwhile.
#[derive(clap::Args)]
struct PruningOptions {
    /// The share of all weights of matrices that becomes zero, bit by bit, and stays that. The best
    /// model is then the best that has been pruned.
    #[arg(long, value_name = "SHARE")]
    prune: Option<f64>,
    /// The share of the training by the end of which it has.
    #[arg(long, default_value_t = Pruning::default().until, value_name = "SHARE", requires = "prune")]
    prune_until: f64,
    /// Which weights go: those of the least `magnitude`, or those without which the loss would rise
    /// least, by `gradients` (Optimal Brain Damage).
    #[arg(long, default_value = "magnitude", value_name = "CRITERION", requires = "prune")]
    prune_by: Criterion,
}

impl PruningOptions {
    fn pruning(&self) -> Option<Pruning> {
        let (until, criterion) = (self.prune_until, self.prune_by);
        self.prune.map(|sparsity| Pruning { sparsity, until, criterion, ..Pruning::default() })
    }
}

impl Training {
    fn options(&self) -> pocketglot::lab::heal::Options {
        let mut options = pocketglot::lab::heal::Options {
            rate: self.rate,
            batch: self.batch,
            keep_zeros: self.keep_zeros,
            pruning: self.pruning.pruning(),
            seed: self.seed,
            ..Default::default()
        };
        options.objective.mixture.soft = self.soft;
        options.objective.mixture.temperature = self.temperature;
        options.objective.hidden = self.hidden;
        options.adam.decay = self.decay;
        options
    }
}

/// What came of it.
#[derive(Serialize)]
struct Report {
    steps: u64,
    seconds: f64,
    loss: f64,
    chrf_before: f64,
    chrf_after: f64,
    /// The share of the weights of matrices that went, or was zero before; only if some were to go.
    #[serde(skip_serializing_if = "Option::is_none")]
    sparsity: Option<f64>,
    wire_bytes_before: usize,
    wire_bytes_after: usize,
}

impl Options {
    /// The teachers' packages.
    pub fn teachers(&self) -> Result<Vec<Package>> {
        self.teacher.iter().map(|path| Ok(files::read_package(path)?.package)).collect()
    }

    /// The lines of the text to learn from.
    pub fn texts(&self) -> Result<Vec<String>> {
        files::read_lines(&self.text)
    }
}

/// Trains a student, of which `wire_bytes` are known, writes what came of it, and reports.
pub fn train(
    student: &Package,
    wire_bytes: usize,
    teachers: &[Package],
    texts: Vec<String>,
    options: &Options,
    out: &mut impl Write,
) -> Result<()> {
    let languages = &student.metadata.languages;
    let test = options.pairs.as_deref().map(|path| read_table(path, languages)).transpose()?;
    keep_to_our_threads();
    let threads = Threads::new(options.threads)?;
    let training = options.training.options();
    let mut healing = Healing::new(student, teachers, texts, test, training, threads.pool())?;
    let mut run = Run::new(options);
    run.resume(&mut healing)?;
    let last = run.train(&mut healing, &threads)?;

    let written = files::write_package(&options.output, healing.best())?;
    run.remove_checkpoint()?;
    let report = Report {
        steps: last.step,
        seconds: run.seconds(),
        loss: run.loss,
        chrf_before: last.first,
        chrf_after: last.best.unwrap_or(last.chrf),
        sparsity: options.training.pruning.prune.map(|_| healing.sparsity()),
        wire_bytes_before: wire_bytes,
        wire_bytes_after: written.wire_bytes()?,
    };
    if options.json {
        let json = serde_json::to_string_pretty(&report);
        writeln!(out, "{}", json.map_err(|error| Error::invalid(error.to_string()))?)?;
        return Ok(());
    }
    let Report { steps, seconds, loss, chrf_before, chrf_after, .. } = report;
    writeln!(out, "{steps} steps in {:.1} minutes, loss {loss:.4}", seconds / 60.0)?;
    writeln!(out, "held-out chrF {chrf_before:.2} before, {chrf_after:.2} after")?;
    if let Some(sparsity) = report.sparsity {
        writeln!(out, "{:.1} % of the weights of matrices are zero", 100.0 * sparsity)?;
    }
    let (before, after) = (report.wire_bytes_before, report.wire_bytes_after);
    writeln!(out, "{before} → {after} bytes gzipped (download)")?;
    Ok(())
}

/// candle starts threads of its own for large sums, which would stand in the way of ours.
fn keep_to_our_threads() {
    const NAME: &str = "CANDLE_NUM_THREADS";
    if std::env::var_os(NAME).is_none() {
        // SAFETY: no other thread has been started yet.
        unsafe { std::env::set_var(NAME, "1") };
    }
}

/// A training under way.
struct Run<'a> {
    options: &'a Options,
    checkpoint: PathBuf,
    bar: ProgressBar,
    start: Instant,
    /// Time that went by before an interruption.
    before: Duration,
    loss: f64,
}

/// Steps of the progress bar.
const PARTS: u64 = 1000;

impl<'a> Run<'a> {
    fn new(options: &'a Options) -> Self {
        let checkpoint = options.checkpoint.clone().unwrap_or_else(|| {
            let mut name = options.output.as_os_str().to_owned();
            name.push(".checkpoint");
            name.into()
        });
        // Drawn to stderr, and only where that is a terminal.
        let bar = ProgressBar::new(PARTS);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {msg}") {
            bar.set_style(style);
        }
        let (start, before) = (Instant::now(), Duration::ZERO);
        Run { options, checkpoint, bar, start, before, loss: f64::NAN }
    }

    fn seconds(&self) -> f64 {
        (self.before + self.start.elapsed()).as_secs_f64()
    }

    fn resume(&mut self, healing: &mut Healing) -> Result<()> {
        if !self.checkpoint.exists() {
            return Ok(());
        }
        let file = files::read(&self.checkpoint)?;
        healing.resume(&file).at(files::place(&self.checkpoint))?;
        self.loss = healing.mean_loss().unwrap_or(f64::NAN);
        if let Some(minutes) = self.options.length.minutes {
            self.before = Duration::from_secs_f64(60.0 * minutes * healing.done());
        }
        let (place, steps) = (files::place(&self.checkpoint), healing.steps());
        self.say(&format!("going on from {place}, after {steps} steps"));
        Ok(())
    }

    /// The share of the training that is done.
    fn done(&self, healing: &Healing) -> f64 {
        match (self.options.length.minutes, self.options.length.steps) {
            (Some(minutes), _) => self.seconds() / (60.0 * minutes),
            (None, steps) => healing.steps() as f64 / steps.unwrap_or(0) as f64,
        }
    }

    /// Trains until the end, and judges from time to time; the last judgement.
    fn train(&mut self, healing: &mut Healing, threads: &Threads) -> Result<Judgement> {
        let pool = threads.pool();
        let (mut judged, mut last) = (Instant::now(), None::<Judgement>);
        self.say(&format!("{} lines to learn from", healing.texts()));
        loop {
            let done = self.done(healing);
            // Not so either where no steps were asked for.
            let goes_on = done < 1.0;
            if !goes_on {
                healing.finish();
            }
            if goes_on {
                let step = healing.step(done, pool)?;
                self.loss = step.mean_loss;
                self.bar.set_position((done * PARTS as f64) as u64);
                self.bar.set_message(format!("step {}, loss {:.4}", step.step, step.mean_loss));
            }
            // The last step may have been judged already.
            if let Some(last) = last.filter(|last| !goes_on && last.step == healing.steps()) {
                self.bar.finish_and_clear();
                return Ok(last);
            }
            let due = match self.options.judge_steps {
                Some(steps) => healing.steps().is_multiple_of(steps.max(1)),
                None => judged.elapsed().as_secs_f64() >= 60.0 * self.options.judge_every,
            };
            if !goes_on || due {
                let judgement = healing.judge(pool)?;
                (judged, last) = (Instant::now(), Some(judgement));
                let Judgement { step, chrf, best, first, since_best } = judgement;
                let best = best.map_or_else(|| "none yet".to_owned(), |best| format!("{best:.2}"));
                self.say(&format!(
                    "step {step}: loss {:.4}, held-out chrF {chrf:.2}, best {best}, at first \
                     {first:.2}, {:.1} minutes",
                    self.loss,
                    self.seconds() / 60.0
                ));
                if !goes_on || since_best >= self.options.patience {
                    self.bar.finish_and_clear();
                    return Ok(judgement);
                }
                files::write(&self.checkpoint, &healing.checkpoint()?)?;
            }
        }
    }

    fn remove_checkpoint(&self) -> Result<()> {
        let path: &Path = &self.checkpoint;
        if path.exists() { std::fs::remove_file(path).at(files::place(path)) } else { Ok(()) }
    }

    /// A line on stderr, beside the progress bar.
    fn say(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }
}
