//! The helpers of an engine, and what runs while its model is on its way.

use std::sync::{Arc, LazyLock};

use wasm_bindgen::prelude::*;

use super::now;
use super::values::to_js_error;
use crate::backend::cpu::Cpu;
use crate::threads::Pool;
use crate::translate;

#[wasm_bindgen]
extern "C" {
    /// From a helper's worker to the worker that started it.
    #[wasm_bindgen(js_name = postMessage)]
    fn post_message(message: &str);
}

/// The helpers of all engines: the workers that share this memory.
pub(super) static POOL: LazyLock<Arc<Pool>> =
    LazyLock::new(|| Arc::new(Pool::new(|| post_message("news"))));

/// A helper's life: works for the engines of this memory until [`dismiss`] is called. Call it in a
/// worker of its own, which posts `"news"` whenever an engine that waits should be polled.
#[wasm_bindgen]
pub fn help() {
    POOL.work();
}

/// Says how many threads there will be, so that work is planned for helpers that are still on
/// their way.
#[wasm_bindgen]
pub fn expect_threads(count: usize) {
    POOL.expect(count);
}

/// Runs the kernels while the model is on its way: they are compiled in earnest only when they have
/// run for a while.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WarmUp(translate::WarmUp<Cpu>);

#[wasm_bindgen]
impl WarmUp {
    /// # Errors
    /// A JavaScript `Error` when there is no memory.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<WarmUp, JsValue> {
        translate::WarmUp::new(Cpu::default()).map(WarmUp).map_err(to_js_error)
    }

    /// Works for about `budget_ms` milliseconds.
    ///
    /// # Errors
    /// Never in practice: nothing can go wrong in ordinary memory.
    pub fn work(&mut self, budget_ms: f64) -> Result<(), JsValue> {
        let deadline = now() + budget_ms;
        while now() < deadline {
            self.0.step().map_err(to_js_error)?;
        }
        Ok(())
    }
}

/// Sends all helpers home, each when it is done with what it does.
#[wasm_bindgen]
pub fn dismiss() {
    POOL.close();
}

/// To be called in a helper's worker when `help` has thrown. Engines may wait for it or for what it
/// had locked: from now on nothing in this memory can be relied on.
#[wasm_bindgen]
pub fn break_down() {
    POOL.break_down();
}
