//! The laboratory's side: a model as a package, a recipe, and what comes of them. Every call stands
//! still until it is done; who does not want to wait ends the worker.

use std::cell::OnceCell;

use bytes::Bytes;
use js_sys::{Function, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::loader::Loader;
use super::now;
use super::values::{to_js, to_js_error};
use crate::backend::cpu::Cpu;
use crate::compress::{self, presets};
use crate::error::{Error, Result};
use crate::format::Package;
use crate::lab::bytes::{self as sizes, gzip, memory_bytes};
use crate::lab::calibrate::text_in;
use crate::lab::compress::{self as steps, compress};
use crate::lab::inspect::Inspection;
use crate::lab::report::{Compression, Evaluation};
use crate::translate::{Limits, Translator, parallel};

/// A model: its package, and the file that holds it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Model {
    package: Package,
    file: Bytes,
    /// Of the file when gzipped, once that is known.
    wire_bytes: OnceCell<usize>,
    /// Of the weights, once that is known.
    memory_bytes: OnceCell<usize>,
}

/// What is to be done to a model.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Recipe(compress::Recipe);

/// A model made smaller.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Compressed {
    model: Model,
    report: Compression,
}

/// What there is to know of a model; keys as of `pocketglot inspect --json`.
#[derive(Debug, Serialize)]
struct Info {
    #[serde(flatten)]
    inspection: Inspection,
    #[serde(skip_serializing_if = "Option::is_none")]
    wire_bytes: Option<usize>,
    file_bytes: usize,
    memory_bytes: usize,
}

/// How far a call has come.
#[derive(Debug, Serialize)]
struct Progress<'a> {
    /// From 0 to 1.
    done: f64,
    /// What is going on.
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<&'a str>,
    /// The step of the recipe, from 1, and how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<usize>,
}

/// The share of the time that a recipe's steps take, about; gzip takes the rest.
const STEPS: f64 = 0.7;
/// Segments between two reports of an evaluation: batches of like lengths, as the engine has them.
const CHUNK: usize = 64;

#[wasm_bindgen]
impl Recipe {
    /// Reads a recipe in JSON.
    ///
    /// # Errors
    /// A JavaScript `Error` named `InvalidInput` that names the step and the key.
    pub fn read(json: &str) -> Result<Recipe, JsValue> {
        let value = serde_json::from_str(json);
        let value = value.map_err(|error| Error::invalid(format!("the recipe: {error}")));
        value.and_then(compress::Recipe::from_value).map(Recipe).map_err(to_js_error)
    }

    /// The preset of that name.
    ///
    /// # Errors
    /// A JavaScript `Error` named `InvalidInput` that says which there are.
    pub fn preset(name: &str) -> Result<Recipe, JsValue> {
        presets::named(name).map(Recipe).map_err(|error| to_js_error(error.at(name)))
    }

    /// Whether it asks for calibration text.
    pub fn needs_calibration(&self) -> bool {
        self.0.needs_calibration()
    }
}

#[wasm_bindgen]
impl Loader {
    /// The model that the chunks make up, and the length of its file as it was served, where that
    /// is known.
    ///
    /// # Errors
    /// A JavaScript `Error` whose `name` is the kind of failure.
    pub fn open(self, wire_bytes: Option<usize>) -> Result<Model, JsValue> {
        let file = self.into_bytes();
        let package = Package::read(file.clone()).map_err(to_js_error)?;
        let wire_bytes = wire_bytes.map(OnceCell::from).unwrap_or_default();
        Ok(Model { package, file, wire_bytes, memory_bytes: OnceCell::new() })
    }
}

#[wasm_bindgen]
impl Model {
    /// Languages, architecture, bytes, and how each part is kept.
    ///
    /// # Errors
    /// A JavaScript `Error` named `Malformed` or `Unsupported` when the package holds no model that
    /// runs.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        let info = || -> Result<Info> {
            Ok(Info {
                inspection: Inspection::new(&self.package)?,
                wire_bytes: self.wire_bytes.get().copied(),
                file_bytes: self.file.len(),
                memory_bytes: self.memory_bytes()?,
            })
        };
        to_js(&info().map_err(to_js_error)?)
    }

    /// The package file.
    pub fn file(&self) -> Uint8Array {
        Uint8Array::from(&self.file[..])
    }

    /// Text in this model's source language from tab-separated text whose first line names the
    /// columns.
    ///
    /// # Errors
    /// A JavaScript `Error` named `InvalidInput` when it has no such column.
    pub fn text_in(&self, table: &str) -> Result<Vec<String>, JsValue> {
        text_in(table, &self.package.metadata.languages.source).map_err(to_js_error)
    }

    /// Applies a recipe. `progress` is called with `{ done, what, step, steps }`.
    ///
    /// # Errors
    /// A JavaScript `Error` whose `name` is the kind of failure.
    pub fn compress(
        &self,
        recipe: &Recipe,
        calibration: Vec<String>,
        progress: &Function,
    ) -> Result<Compressed, JsValue> {
        self.compressed(recipe, &calibration, progress).map_err(to_js_error)
    }

    /// Translates a test set and scores that. `progress` is called with `{ done }`.
    ///
    /// # Errors
    /// A JavaScript `Error` named `InvalidInput` without any pair.
    pub fn evaluate(
        &self,
        sources: Vec<String>,
        references: Vec<String>,
        progress: &Function,
    ) -> Result<JsValue, JsValue> {
        to_js(&self.evaluated(&sources, &references, progress).map_err(to_js_error)?)
    }
}

#[wasm_bindgen]
impl Compressed {
    /// What was done to the model that it is of; keys as of `pocketglot compress --json`.
    ///
    /// # Errors
    /// Never in practice: the values are plain.
    pub fn report(&self) -> Result<JsValue, JsValue> {
        to_js(&self.report)
    }

    /// The smaller model.
    pub fn model(self) -> Model {
        self.model
    }
}

impl Model {
    fn compressed(
        &self,
        recipe: &Recipe,
        calibration: &[String],
        progress: &Function,
    ) -> Result<Compressed> {
        let Recipe(recipe) = recipe;
        let start = now();
        let mut hear = |at: steps::Progress<'_>| {
            let done = STEPS * ((at.step - 1) as f64 + at.done) / at.steps as f64;
            let (step, steps) = (Some(at.step), Some(at.steps));
            tell(progress, &Progress { done, what: Some(at.what), step, steps });
        };
        let made = compress(&self.package, recipe, calibration, &mut hear)?;
        let seconds = (now() - start) / 1000.0;
        let packing = Progress { done: STEPS, what: Some("gzip"), step: None, steps: None };
        tell(progress, &packing);
        let before = self.bytes()?;
        let model = Model {
            file: made.package.write()?.into(),
            package: made.package,
            wire_bytes: OnceCell::new(),
            memory_bytes: OnceCell::new(),
        };
        let after = model.bytes()?;
        let recipe = recipe.given().clone();
        let report = Compression { recipe, seconds, before, after, tensors: made.matrices };
        Ok(Compressed { model, report })
    }

    fn evaluated(
        &self,
        sources: &[String],
        references: &[String],
        progress: &Function,
    ) -> Result<Evaluation> {
        let translator = Translator::load(Cpu::default(), &self.package)?;
        let start = now();
        let mut hypotheses = Vec::with_capacity(sources.len());
        for chunk in sources.chunks(CHUNK) {
            let done = hypotheses.len() as f64 / sources.len() as f64;
            tell(progress, &Progress { done, what: None, step: None, steps: None });
            hypotheses.extend(parallel::on_one_thread(&translator, chunk, Limits::BULK)?);
        }
        let seconds = (now() - start) / 1000.0;
        let bytes = self.bytes()?;
        Evaluation::new(sources, references, &hypotheses, seconds, bytes)
    }

    fn bytes(&self) -> Result<sizes::Bytes> {
        let wire_bytes = match self.wire_bytes.get() {
            Some(known) => *known,
            None => {
                let length = gzip(&self.file)?.len();
                *self.wire_bytes.get_or_init(|| length)
            }
        };
        let memory_bytes = self.memory_bytes()?;
        Ok(sizes::Bytes { wire_bytes, file_bytes: self.file.len(), memory_bytes })
    }

    fn memory_bytes(&self) -> Result<usize> {
        if let Some(known) = self.memory_bytes.get() {
            return Ok(*known);
        }
        let bytes = memory_bytes(&self.package)?;
        Ok(*self.memory_bytes.get_or_init(|| bytes))
    }
}

/// What a listener throws is his to hear of, not the recipe's.
fn tell(listener: &Function, progress: &Progress<'_>) {
    if let Ok(progress) = to_js(progress) {
        let _ = listener.call1(&JsValue::UNDEFINED, &progress);
    }
}
