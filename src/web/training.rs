//! Training's side: a model learns again from the one that it was made of, step by step. A call stands
//! still for a step, or for a judgement; between two of them its worker hears the page.

use std::fmt::Display;

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::loader::Loader;
use super::values::{to_js, to_js_error};
use crate::error::{At, Error, Result};
use crate::format::Package;
use crate::lab::calibrate::text_in;
use crate::lab::heal::{Healing, Options};
use crate::threads::Pool;

/// A model that is to learn.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Learner(Package);

/// A model that learns. There are no helpers: the parts of a batch are computed one after the other,
/// which gives the same sums.
#[wasm_bindgen]
pub struct Training {
    healing: Healing,
    pool: Pool,
}

/// What of [`Options`] a page chooses; the rest is as everywhere.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Choices {
    rate: f32,
    warm_up: u64,
    batch: usize,
    soft: f32,
    keep_zeros: bool,
    held_out: usize,
    seed: u64,
}

/// What a step was; as [`crate::lab::heal::Step`].
#[derive(Debug, Serialize)]
struct Step {
    step: u64,
    loss: f64,
    mean_loss: f64,
}

/// What a judgement was; as [`crate::lab::heal::Judgement`].
#[derive(Debug, Serialize)]
struct Judgement {
    step: u64,
    chrf: f64,
    best: f64,
    first: f64,
    since_best: u32,
}

impl Default for Choices {
    fn default() -> Self {
        let options = Options::default();
        Choices {
            rate: options.rate,
            warm_up: options.warm_up,
            batch: options.batch,
            soft: options.objective.mixture.soft,
            keep_zeros: options.keep_zeros,
            held_out: options.held_out,
            seed: options.seed,
        }
    }
}

impl Choices {
    fn options(&self) -> Options {
        let mut options = Options {
            rate: self.rate,
            warm_up: self.warm_up,
            batch: self.batch,
            keep_zeros: self.keep_zeros,
            held_out: self.held_out,
            seed: self.seed,
            ..Options::default()
        };
        options.objective.mixture.soft = self.soft;
        options
    }
}

#[wasm_bindgen]
impl Loader {
    /// The model that the chunks make up, to be trained.
    ///
    /// # Errors
    /// A JavaScript `Error` whose `name` is the kind of failure.
    pub fn learner(self) -> Result<Learner, JsValue> {
        Package::read(self.into_bytes()).map(Learner).map_err(to_js_error)
    }
}

#[wasm_bindgen]
impl Learner {
    /// Text in this model's source language from tab-separated text whose first line names the
    /// columns.
    ///
    /// # Errors
    /// A JavaScript `Error` named `InvalidInput` when it has no such column.
    pub fn text_in(&self, table: &str) -> Result<Vec<String>, JsValue> {
        text_in(table, &self.0.metadata.languages.source).map_err(to_js_error)
    }

    /// Begins to train this model by what the one in `teacher` says of `texts`. `choices` are JSON: see
    /// [`Options`]. It is judged by `sources` and `references`, where there are any, or else by some of
    /// the texts.
    ///
    /// # Errors
    /// A JavaScript `Error` whose `name` is the kind of failure.
    pub fn train(
        self,
        teacher: Loader,
        texts: Vec<String>,
        sources: Vec<String>,
        references: Vec<String>,
        choices: &str,
    ) -> Result<Training, JsValue> {
        let test = (!sources.is_empty() || !references.is_empty()).then_some((sources, references));
        Training::begin(&self.0, teacher, texts, test, choices).map_err(to_js_error)
    }
}

impl Training {
    fn begin(
        student: &Package,
        teacher: Loader,
        texts: Vec<String>,
        test: Option<(Vec<String>, Vec<String>)>,
        choices: &str,
    ) -> Result<Training> {
        let wrong = |error: &dyn Display| Error::invalid(format!("the options: {error}"));
        let choices: Choices = serde_json::from_str(choices).map_err(|error| wrong(&error))?;
        let teacher = Package::read(teacher.into_bytes()).at("the teacher")?;
        let pool = Pool::default();
        let options = choices.options();
        let healing = Healing::new(student, &[teacher], texts, test, options, &pool)?;
        Ok(Training { healing, pool })
    }
}

#[wasm_bindgen]
impl Training {
    /// chrF on held-out text before the first step.
    pub fn first(&self) -> f64 {
        self.healing.first()
    }

    /// Makes one step, when the share `done` of all training is done: `{ step, loss, mean_loss }`.
    ///
    /// # Errors
    /// A JavaScript `Error` named `InvalidInput` when nothing can be learned from the text, or the loss
    /// is no longer a number.
    pub fn step(&mut self, done: f64) -> Result<JsValue, JsValue> {
        let crate::lab::heal::Step { step, loss, mean_loss } =
            self.healing.step(done, &self.pool).map_err(to_js_error)?;
        to_js(&Step { step, loss, mean_loss })
    }

    /// Judges the model as it is, and keeps it if it is the best so far:
    /// `{ step, chrf, best, first, since_best }`.
    ///
    /// # Errors
    /// A JavaScript `Error` named `InvalidInput` where a codec can't hold what became of a matrix.
    pub fn judge(&mut self) -> Result<JsValue, JsValue> {
        let crate::lab::heal::Judgement { step, chrf, best, first, since_best } =
            self.healing.judge(&self.pool).map_err(to_js_error)?;
        // There is always a best one where nothing is pruned meanwhile.
        let best = best.unwrap_or(chrf);
        to_js(&Judgement { step, chrf, best, first, since_best })
    }

    /// The package file of the model at its best: as it came, if it has not been better since.
    ///
    /// # Errors
    /// Never in practice: it all happens in memory.
    pub fn model(&self) -> Result<Uint8Array, JsValue> {
        let file = self.healing.best().write().map_err(to_js_error)?;
        Ok(Uint8Array::from(&file[..]))
    }
}
