//! The JavaScript edge: of the engine a loader, an engine, a graphics processor, a helper's life; of
//! the laboratory a loader, files to import, a model, a recipe; of training a loader and a training.
//! Plain values, errors that JavaScript can name. Nothing is decided here.

#[cfg(feature = "web")]
mod engine;
#[cfg(feature = "web")]
mod graphics;
#[cfg(feature = "web")]
mod helpers;
#[cfg(feature = "lab")]
mod laboratory;
mod loader;
#[cfg(all(any(feature = "lab", feature = "training"), target_arch = "wasm32"))]
mod memory;
#[cfg(feature = "web")]
mod poll;
#[cfg(feature = "web")]
mod promise;
#[cfg(feature = "training")]
mod training;
mod values;

use wasm_bindgen::prelude::*;

#[cfg(feature = "web")]
pub use engine::Engine;
#[cfg(feature = "web")]
pub use graphics::{Graphics, on_news};
#[cfg(feature = "web")]
pub use helpers::{WarmUp, break_down, dismiss, expect_threads, help};
#[cfg(feature = "lab")]
pub use laboratory::{Compressed, Files, Model, Recipe};
pub use loader::Loader;
#[cfg(feature = "training")]
pub use training::{Learner, Training};

#[wasm_bindgen]
extern "C" {
    /// Milliseconds on a clock that is never set back.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Makes a panic, which is a bug of ours, say where it happened before the module stops.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}
