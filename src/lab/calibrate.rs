//! Calibration: what enters each product of a model while it translates some text.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::backend::cpu::Cpu;
use crate::backend::record::{Listener, Record};
use crate::compress::{Gram, Statistics};
use crate::error::{Error, Result};
use crate::format::Package;
use crate::translate::{Event, Limits, Priority, Scheduler, Translator};

/// Translates `texts` with the model of `package` and gathers what enters the products with those
/// matrices that are `wanted`. `progress` hears the share that is done.
///
/// One thread, batches in a fixed order: sums of floats depend on their order, and the same text
/// must give the same statistics.
///
/// # Errors
/// `InvalidInput` without any text, and whatever translating reports.
pub fn calibrate(
    package: &Package,
    texts: &[String],
    wanted: impl Fn(&str) -> bool + 'static,
    progress: &mut dyn FnMut(f64),
) -> Result<Statistics> {
    if texts.iter().all(|text| text.trim().is_empty()) {
        return Err(Error::invalid("the calibration text is empty"));
    }
    let listener = Inputs { wanted: Box::new(wanted), sums: RefCell::default() };
    let backend = Record::new(Cpu::default(), listener);
    let translator = Arc::new(Translator::load(backend, package)?);
    let mut scheduler = Scheduler::new(Arc::clone(&translator), Limits::BULK);
    scheduler.submit(texts.to_vec(), Priority::Batch);
    while !scheduler.is_idle() {
        for event in scheduler.poll(|| false) {
            match event {
                Event::Progress { done, total, .. } => progress(done as f64 / total as f64),
                Event::Finished(_, translations) => drop(translations?),
            }
        }
    }
    Ok(translator.network().backend().listener().take())
}

/// The sums of a run.
struct Inputs {
    wanted: Box<dyn Fn(&str) -> bool>,
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
        if !names.iter().any(|name| (self.wanted)(name)) {
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
            let wanted = names.into_iter().filter(|name| (self.wanted)(name));
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
