//! The laboratory's side: a model as a package, a recipe, and what comes of them. Every call stands
//! still until it is done; who does not want to wait ends the worker.

mod search;

use std::cell::OnceCell;
use std::iter;

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
use crate::eval::{self, Score, Tally};
use crate::format::bergamot::{self, Named, Sources};
use crate::format::{Languages, Package, Provenance};
use crate::lab::bytes::{gzip, memory_bytes};
use crate::lab::calibrate::text_in;
use crate::lab::compress::{self as steps, compress};
use crate::lab::histogram::Histogram;
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

/// The files of a Marian model, on their way to become a package.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Files(Vec<Named>);

/// What is to be done to a model.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Recipe(compress::Recipe);

/// A model made smaller.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Compressed {
    model: Model,
    report: Compression<Sizes>,
}

/// What is known of a model's bytes; keys as in [`crate::lab::bytes::Bytes`].
#[derive(Clone, Copy, Debug, Serialize)]
struct Sizes {
    /// Missing where nobody has gzipped the file yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    wire_bytes: Option<usize>,
    file_bytes: usize,
    memory_bytes: usize,
}

/// What there is to know of a model; keys as of `pocketglot inspect --json`.
#[derive(Debug, Serialize)]
struct Info {
    #[serde(flatten)]
    inspection: Inspection,
    #[serde(flatten)]
    sizes: Sizes,
}

/// How good a model is, and what it made of the test set.
#[derive(Debug, Serialize)]
struct Evaluated {
    #[serde(flatten)]
    evaluation: Evaluation<Sizes>,
    translations: Vec<String>,
}

/// How far a compression has come.
#[derive(Debug, Serialize)]
struct Progress<'a> {
    /// From 0 to 1.
    done: f64,
    /// What is going on.
    what: &'a str,
    /// The step of the recipe, from 1, and how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<usize>,
}

/// How far an evaluation has come, and the scores of what is translated by then.
#[derive(Debug, Serialize)]
struct Partial {
    /// From 0 to 1.
    done: f64,
    sentences: usize,
    chrf: f64,
    bleu: f64,
}

/// The share of the time that a recipe's steps take, about, where gzip takes the rest.
const STEPS: f64 = 0.7;
/// Segments before the first report of an evaluation, which should be there soon.
const FIRST: usize = 24;
/// Segments between two others: batches of like lengths, as the engine has them.
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
impl Files {
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Files {
        Files::default()
    }

    /// Adds a file, not gzipped.
    pub fn add(&mut self, name: String, loader: Loader) {
        self.0.push(Named { name, bytes: loader.into_bytes() });
    }

    /// The model that they make up. Languages that are not given are those of the files' names.
    ///
    /// # Errors
    /// A JavaScript `Error` whose `name` is the kind of failure, with the name of the file.
    pub fn import(self, source: Option<String>, target: Option<String>) -> Result<Model, JsValue> {
        self.imported(source, target).map_err(to_js_error)
    }
}

impl Files {
    fn imported(self, source: Option<String>, target: Option<String>) -> Result<Model> {
        let sources = Sources::choose(self.0)?;
        let languages = match (source, target) {
            (Some(source), Some(target)) => Languages { source, target },
            (source, target) => {
                let told = sources.languages()?.ok_or_else(|| {
                    Error::invalid("the names of the files do not tell the languages: give both")
                })?;
                Languages {
                    source: source.unwrap_or(told.source),
                    target: target.unwrap_or(told.target),
                }
            }
        };
        Model::new(bergamot::import(&sources, languages, Provenance::default())?)
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
            Ok(Info { inspection: Inspection::new(&self.package)?, sizes: self.sizes()? })
        };
        to_js(&info().map_err(to_js_error)?)
    }

    /// The package file.
    pub fn file(&self) -> Uint8Array {
        Uint8Array::from(&self.file[..])
    }

    /// The weights of a matrix or a vector, counted in so many bins; see [`Histogram`].
    ///
    /// # Errors
    /// A JavaScript `Error` named `InvalidInput` where there are none of that name.
    pub fn histogram(&self, name: &str, bins: usize) -> Result<JsValue, JsValue> {
        to_js(&Histogram::new(&self.package, name, bins).map_err(to_js_error)?)
    }

    /// Text in this model's source language from tab-separated text whose first line names the
    /// columns.
    ///
    /// # Errors
    /// A JavaScript `Error` named `InvalidInput` when it has no such column.
    pub fn text_in(&self, table: &str) -> Result<Vec<String>, JsValue> {
        text_in(table, &self.package.metadata.languages.source).map_err(to_js_error)
    }

    /// The file as it is served: gzipped.
    ///
    /// # Errors
    /// Never in practice: it all happens in memory.
    pub fn gzipped(&self) -> Result<Uint8Array, JsValue> {
        let bytes = gzip(&self.file).map_err(to_js_error)?;
        Ok(Uint8Array::from(&bytes[..]))
    }

    /// The length of the file when gzipped, which is what a user downloads.
    ///
    /// # Errors
    /// Never in practice: it all happens in memory.
    pub fn wire_bytes(&self) -> Result<usize, JsValue> {
        self.gzipped_length().map_err(to_js_error)
    }

    /// Applies a recipe. `gzip`: whether the report waits for the lengths of gzipped files.
    /// `progress` is called with `{ done, what, step, steps }`.
    ///
    /// # Errors
    /// A JavaScript `Error` whose `name` is the kind of failure.
    pub fn compress(
        &self,
        recipe: &Recipe,
        calibration: Vec<String>,
        gzip: bool,
        progress: &Function,
    ) -> Result<Compressed, JsValue> {
        self.compressed(recipe, &calibration, gzip, progress).map_err(to_js_error)
    }

    /// Translates a test set and scores that; the result has the translations, too. `gzip`: as in
    /// `compress`. `progress` is called with `{ done, sentences, chrf, bleu }` of what is done by
    /// then.
    ///
    /// # Errors
    /// A JavaScript `Error` named `InvalidInput` without any pair.
    pub fn evaluate(
        &self,
        sources: Vec<String>,
        references: Vec<String>,
        gzip: bool,
        progress: &Function,
    ) -> Result<JsValue, JsValue> {
        to_js(&self.evaluated(&sources, &references, gzip, progress).map_err(to_js_error)?)
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
    /// Of a package that no file holds yet.
    fn new(package: Package) -> Result<Self> {
        let file = package.write()?.into();
        Ok(Model { package, file, wire_bytes: OnceCell::new(), memory_bytes: OnceCell::new() })
    }

    fn compressed(
        &self,
        recipe: &Recipe,
        calibration: &[String],
        gzip: bool,
        progress: &Function,
    ) -> Result<Compressed> {
        let Recipe(recipe) = recipe;
        let start = now();
        let share = if gzip { STEPS } else { 1.0 };
        let mut hear = |at: steps::Progress<'_>| {
            let done = share * ((at.step - 1) as f64 + at.done) / at.steps as f64;
            let (step, steps) = (Some(at.step), Some(at.steps));
            tell(progress, &Progress { done, what: at.what, step, steps });
        };
        let made = compress(&self.package, recipe, calibration, &mut hear)?;
        let seconds = (now() - start) / 1000.0;
        let model = Model::new(made.package)?;
        if gzip {
            tell(progress, &Progress { done: STEPS, what: "gzip", step: None, steps: None });
            self.gzipped_length()?;
            model.gzipped_length()?;
        }
        let (before, after) = (self.sizes()?, model.sizes()?);
        let recipe = recipe.given().clone();
        let report = Compression { recipe, seconds, before, after, tensors: made.matrices };
        Ok(Compressed { model, report })
    }

    fn evaluated(
        &self,
        sources: &[String],
        references: &[String],
        gzip: bool,
        progress: &Function,
    ) -> Result<Evaluated> {
        eval::expect_pairs(sources.len(), references.len())?;
        let translator = Translator::load(Cpu::default(), &self.package)?;
        let (mut tally, mut seconds) = (Tally::default(), 0.0);
        let mut translations = Vec::with_capacity(sources.len());
        let (first, others) = sources.split_at(FIRST.min(sources.len()));
        for chunk in iter::once(first).chain(others.chunks(CHUNK)) {
            let start = now();
            let translated = parallel::on_one_thread(&translator, chunk, Limits::BULK)?;
            seconds += (now() - start) / 1000.0;
            for (hypothesis, reference) in translated.iter().zip(&references[translations.len()..])
            {
                tally.add(hypothesis, reference);
            }
            translations.extend(translated);
            let sentences = translations.len();
            let done = sentences as f64 / sources.len() as f64;
            let Score { chrf, bleu } = tally.score();
            tell(progress, &Partial { done, sentences, chrf, bleu });
        }
        if gzip {
            self.gzipped_length()?;
        }
        let evaluation = Evaluation::new(sources, tally.score(), seconds, self.sizes()?);
        Ok(Evaluated { evaluation, translations })
    }

    /// What is known already, and what takes little to find out.
    fn sizes(&self) -> Result<Sizes> {
        let wire_bytes = self.wire_bytes.get().copied();
        Ok(Sizes { wire_bytes, file_bytes: self.file.len(), memory_bytes: self.memory_bytes()? })
    }

    fn gzipped_length(&self) -> Result<usize> {
        if let Some(known) = self.wire_bytes.get() {
            return Ok(*known);
        }
        let length = gzip(&self.file)?.len();
        Ok(*self.wire_bytes.get_or_init(|| length))
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
fn tell(listener: &Function, progress: &impl Serialize) {
    if let Ok(progress) = to_js(progress) {
        let _ = listener.call1(&JsValue::UNDEFINED, &progress);
    }
}
