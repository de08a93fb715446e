//! The search for recipes, on this one thread and with no clock: who listens may end it.

use std::ops::ControlFlow;

use js_sys::Function;
use serde::Serialize;
use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::Model;
use crate::lab::search::{self, News, Point, Settings};
use crate::threads::Pool;
use crate::web::values::{to_js, to_js_error};

/// A candidate.
#[derive(Debug, Serialize)]
struct Candidate<'a> {
    recipe: &'a Value,
    bytes: usize,
    divergence: f64,
}

/// How far a search has come.
#[derive(Debug, Serialize)]
struct Progress<'a> {
    /// `choices` or `candidates`.
    what: &'static str,
    /// So many of so many.
    done: usize,
    all: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Candidate<'a>>,
    /// The places of the best by now, among all that were found.
    #[serde(skip_serializing_if = "Option::is_none")]
    front: Option<&'a [usize]>,
}

/// What a search found.
#[derive(Debug, Serialize)]
struct Found<'a> {
    points: Vec<Candidate<'a>>,
    front: &'a [usize],
    refused: usize,
}

/// Networks of another structure that are kept: with the one that is searched for, two hundred
/// megabytes for models of 17 million weights.
const NETWORKS: usize = 1;

#[wasm_bindgen]
impl Model {
    /// Looks for recipes that lose least at each size up to `budget` bytes. `structure`: whether the
    /// network may change, or only bits. `progress` is called with `{ what, done, all }`, and of a
    /// candidate with `{ found, front }` besides; what it returns says whether to end the search with
    /// what there is by then.
    ///
    /// # Errors
    /// A JavaScript `Error` whose `name` is the kind of failure.
    pub fn search(
        &self,
        budget: usize,
        text: Vec<String>,
        evaluations: usize,
        seed: u32,
        structure: bool,
        progress: &Function,
    ) -> Result<JsValue, JsValue> {
        let seed = seed.into();
        let settings =
            Settings { budget, evaluations, seed, clock: None, structure, networks: NETWORKS };
        let mut hear = |news: News<'_>| match ask(progress, &Progress::new(news)) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let found = search::search(&self.package, &text, settings, &Pool::default(), &mut hear);
        let search::Found { points, front, refused, .. } = &found.map_err(to_js_error)?;
        let points = points.iter().map(Candidate::new).collect();
        to_js(&Found { points, front, refused: *refused })
    }
}

impl<'a> Progress<'a> {
    fn new(news: News<'a>) -> Self {
        match news {
            News::Choices(done, all) => {
                Progress { what: "choices", done, all, found: None, front: None }
            }
            News::Found { point, front, done, all } => {
                let (found, front) = (Some(Candidate::new(point)), Some(front));
                Progress { what: "candidates", done, all, found, front }
            }
        }
    }
}

impl<'a> Candidate<'a> {
    fn new(Point { recipe, bytes, divergence, .. }: &'a Point) -> Self {
        Candidate { recipe: recipe.given(), bytes: *bytes, divergence: *divergence }
    }
}

/// Whether the listener wants no more. What it throws is its own to hear of, not the search's.
fn ask(listener: &Function, progress: &impl Serialize) -> bool {
    let answer = to_js(progress).and_then(|value| listener.call1(&JsValue::UNDEFINED, &value));
    answer.is_ok_and(|answer| answer.is_truthy())
}
