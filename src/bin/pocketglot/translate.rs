//! `pocketglot translate`: one line in, one line out, in order.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use pocketglot::backend::Backend;
use pocketglot::error::{At, Error, Result};
use pocketglot::translate::Translator;

use crate::{Machine, files, with_backend};

#[derive(clap::Args)]
pub struct Options {
    /// The package to translate with.
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    machine: Machine,
}

/// Lines translated together: enough to fill batches of like lengths.
const LINES: usize = 2048;

pub fn run(options: &Options, out: &mut impl Write) -> Result<()> {
    let package = files::read_package(&options.model)?.package;
    with_backend!(options.machine, |backend, on_backend| {
        translate(backend, on_backend, &package, options, out)
    })
}

fn translate<B: Backend>(
    backend: B,
    on_backend: impl Fn(&Translator<B>, &[String]) -> Result<Vec<String>>,
    package: &pocketglot::format::Package,
    options: &Options,
    out: &mut impl Write,
) -> Result<()> {
    let no_shortlist = options.machine.no_shortlist;
    let translator = files::load_translator(backend, package, &options.model, no_shortlist)?;
    // Reading on a thread of its own: what is there is translated at once, so that a program that
    // waits for each answer before it sends the next line gets it.
    let (sender, lines) = mpsc::sync_channel(LINES);
    thread::spawn(move || read_lines(&sender));
    while let Ok(first) = lines.recv() {
        let mut failure = None;
        let mut texts = Vec::new();
        for line in std::iter::once(first).chain(lines.try_iter()).take(LINES) {
            match line {
                Ok(line) => texts.push(line),
                Err(error) => failure = Some(error),
            }
        }
        for line in on_backend(&translator, &texts)? {
            writeln!(out, "{line}").at("standard output")?;
        }
        out.flush().at("standard output")?;
        if let Some(error) = failure {
            return Err(error);
        }
    }
    Ok(())
}

fn read_lines(sender: &mpsc::SyncSender<Result<String>>) {
    let mut input = io::stdin().lock();
    for number in 1.. {
        let mut line = Vec::new();
        let line = match input.read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) => {
                line.pop_if(|byte| *byte == b'\n');
                String::from_utf8(line).map_err(|error| {
                    let at = error.utf8_error().valid_up_to() + 1;
                    Error::malformed(format!("line {number} is not UTF-8 text, see its byte {at}"))
                })
            }
            Err(error) => Err(error.into()),
        };
        let failed = line.is_err();
        if sender.send(line.at("standard input")).is_err() || failed {
            return;
        }
    }
}
