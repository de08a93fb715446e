//! The command line. Results go to stdout, everything else to stderr; exit status 1 is a failure,
//! 2 a call that can't be understood.

mod compress;
mod distill;
mod evaluate;
mod files;
mod heal;
mod import;
mod inspect;
mod search;
mod training;
mod translate;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pocketglot::backend::cpu::Cpu;
use pocketglot::backend::gpu::Gpu;
use pocketglot::backend::reference::{Reference, ReferenceInt8};

/// Translate with small quantised models, on this machine and nowhere else.
#[derive(Parser)]
#[command(name = "pocketglot", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Translate standard input to standard output, line by line.
    Translate(translate::Options),
    /// Turn the files of another project into a package.
    #[command(subcommand)]
    Import(import::Format),
    /// Show what a package holds.
    Inspect(inspect::Options),
    /// Make a model smaller.
    Compress(compress::Options),
    /// Let a compressed model learn again, from the one that it was made of, what it lost.
    Heal(heal::Options),
    /// Train a student of another shape, made of its teacher's layers.
    Distill(distill::Options),
    /// Find the recipes that lose least at each size up to a budget.
    Search(search::Options),
    /// Score a model on a test set: BLEU, chrF, words per second, bytes.
    Eval(evaluate::Options),
}

/// What computes.
#[derive(Clone, Copy, ValueEnum)]
enum Engine {
    /// Plain loops in floats, the yardstick: slow.
    Reference,
    /// Plain loops with products in 8-bit integers, the yardstick of `cpu`: slow.
    ReferenceInt8,
    /// SIMD, in 8-bit integers where the model has them.
    Cpu,
    /// SIMD, all in floats.
    CpuFloat,
    /// The graphics processor.
    Gpu,
}

/// Where a model runs.
#[derive(Args)]
struct Machine {
    /// What computes.
    #[arg(long, value_enum, default_value = "cpu")]
    backend: Engine,
    /// Threads, of which a graphics processor needs but one; 0 for as many as this machine runs at
    /// once.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Let every piece of the vocabulary compete, even if the package holds a shortlist.
    #[arg(long)]
    no_shortlist: bool,
}

/// Runs `$body` with the backend that was asked for, as `$backend`, and with `$translate`, a function
/// that translates texts on it: on all its threads, or on the only one that may use a device.
macro_rules! with_backend {
    ($machine:expr, |$backend:ident, $translate:ident| $body:expr) => {{
        use pocketglot::translate::{Limits, parallel};
        macro_rules! on_threads {
            ($made:expr) => {{
                let threads = parallel::Threads::new($machine.threads)?;
                let $backend = $made;
                let $translate = |translator: &_, texts: &[String]| {
                    threads.translate(translator, texts, Limits::BULK)
                };
                $body
            }};
        }
        match $machine.backend {
            $crate::Engine::Reference => on_threads!($crate::Reference),
            $crate::Engine::ReferenceInt8 => on_threads!($crate::ReferenceInt8),
            $crate::Engine::Cpu => on_threads!($crate::Cpu::default()),
            $crate::Engine::CpuFloat => on_threads!($crate::Cpu::default().in_floats()),
            $crate::Engine::Gpu => {
                let $backend = futures_lite::future::block_on($crate::Gpu::open())?;
                let $translate = |translator: &_, texts: &[String]| {
                    parallel::on_one_thread(translator, texts, Limits::BULK)
                };
                $body
            }
        }
    }};
}
pub(crate) use with_backend;

/// Standard output, whose reader may stop when it has enough: that is no failure.
struct Output(io::StdoutLock<'static>);

impl Output {
    fn pass<T>(result: io::Result<T>) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
            other => other,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::pass(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::pass(self.0.flush())
    }
}

fn main() -> ExitCode {
    let mut out = io::BufWriter::new(Output(io::stdout().lock()));
    let result = match Cli::parse().command {
        Command::Translate(options) => translate::run(&options, &mut out),
        Command::Import(format) => import::run(&format, &mut out),
        Command::Inspect(options) => inspect::run(&options, &mut out),
        Command::Compress(options) => compress::run(&options, &mut out),
        Command::Heal(options) => heal::run(&options, &mut out),
        Command::Distill(options) => distill::run(&options, &mut out),
        Command::Search(options) => search::run(&options, &mut out),
        Command::Eval(options) => evaluate::run(&options, &mut out),
    };
    match result.and_then(|()| Ok(out.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pocketglot: {error}");
            ExitCode::FAILURE
        }
    }
}
