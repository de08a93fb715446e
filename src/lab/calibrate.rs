//! Calibration: what enters each product of a model while it translates some text.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_lite::future::block_on;

use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::backend::record::{Listener, Record};
use crate::compress::{Gram, Statistics};
use crate::error::{Error, Result};
use crate::format::Package;
use crate::model::Source;
use crate::translate::Translator;

/// The column of a language in tab-separated text whose first line names the columns.
///
/// # Errors
/// `InvalidInput` when there is none.
pub fn text_in(table: &str, language: &str) -> Result<Vec<String>> {
    let mut lines = table.lines().map(|line| line.split('\t'));
    let column = lines.next().and_then(|mut names| names.position(|name| name == language));
    let column = column.ok_or_else(|| {
        Error::invalid(format!(
            "this recipe needs calibration text in the language `{language}`, of which we have \
             none: give some"
        ))
    })?;
    Ok(lines.filter_map(|mut cells| cells.nth(column)).map(str::to_owned).collect())
}

/// Sentences that go through the network together.
pub(super) const SENTENCES: usize = 64;

/// Translates `texts` with the model of `package` and gathers what enters the products with the
/// matrices `wanted`. `progress` hears the share that is done.
///
/// One thread, batches in a fixed order: sums of floats depend on their order, and the same text
/// must give the same statistics.
///
/// # Errors
/// `InvalidInput` without any text, and whatever translating reports.
pub fn calibrate(
    package: &Package,
    texts: &[String],
    wanted: BTreeSet<String>,
    progress: &mut dyn FnMut(f64),
) -> Result<Statistics> {
    let listener = Inputs { wanted, sums: RefCell::default() };
    let translator = Translator::load(Record::new(Cpu::default(), listener), package)?;
    let sources = sources(&translator, texts)?;
    for (done, batch) in sources.chunks(SENTENCES).enumerate() {
        progress((done * SENTENCES) as f64 / sources.len() as f64);
        block_on(translator.network().translate(batch))?;
    }
    Ok(translator.network().backend().listener().take())
}

/// The sentences of some texts, those of one length together, since they end together.
///
/// # Errors
/// `InvalidInput` without any text.
pub(super) fn sources<B: Backend>(
    translator: &Translator<B>,
    texts: &[String],
) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for text in texts {
        sources.extend(translator.prepare(text)?.1);
    }
    if sources.is_empty() {
        return Err(Error::invalid("the calibration text is empty"));
    }
    sources.sort_by_key(|source| source.tokens.len());
    Ok(sources)
}

/// The sums of a run.
struct Inputs {
    wanted: BTreeSet<String>,
    /// By the names that share an input.
    sums: RefCell<BTreeMap<Vec<String>, Sums>>,
}

/// Inputs of one layer.
struct Sums {
    gram: Gram,
    /// Rows that wait until there are enough of them.
    waiting: Vec<f32>,
}

/// Rows that are multiplied at once: a step of decoding brings few, and many together are faster.
const ROWS: usize = 512;

impl Listener for Inputs {
    fn product(&self, names: &[String], inputs: &[f32], width: usize) {
        if !names.iter().any(|name| self.wanted.contains(name)) {
            return;
        }
        let mut all = self.sums.borrow_mut();
        if !all.contains_key(names) {
            all.insert(names.to_vec(), Sums { gram: Gram::new(width), waiting: Vec::new() });
        }
        if let Some(sums) = all.get_mut(names) {
            sums.waiting.extend_from_slice(inputs);
            if sums.waiting.len() >= ROWS * width {
                sums.add_waiting();
            }
        }
    }
}

impl Inputs {
    /// What was gathered, by matrix.
    fn take(&self) -> Statistics {
        let mut statistics = Statistics::new();
        for (names, mut sums) in self.sums.take() {
            sums.add_waiting();
            let gram = Arc::new(sums.gram);
            let wanted = names.into_iter().filter(|name| self.wanted.contains(name));
            statistics.extend(wanted.map(|name| (name, Arc::clone(&gram))));
        }
        statistics
    }
}

impl Sums {
    fn add_waiting(&mut self) {
        self.gram.add(&self.waiting);
        self.waiting.clear();
    }
}
