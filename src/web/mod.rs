//! The JavaScript edge: a loader, an engine, a helper's life; plain values, errors that JavaScript
//! can name. Nothing is decided here.

mod loader;
mod values;

use std::sync::{Arc, LazyLock};

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::error::Error;
use crate::format::{Architecture, Package};
use crate::threads::Pool;
use crate::translate::{self, JobId, Limits, Priority, Scheduler, Translator};

pub use loader::Loader;
use values::{Poll, to_js, to_js_error};

#[wasm_bindgen]
extern "C" {
    /// Milliseconds on a clock that is never set back.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;

    /// From a helper's worker to the worker that started it.
    #[wasm_bindgen(js_name = postMessage)]
    fn post_message(message: &str);
}

/// The helpers of all engines: the workers that share this memory.
static POOL: LazyLock<Arc<Pool>> = LazyLock::new(|| Arc::new(Pool::new(|| post_message("news"))));

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

/// Makes a panic, which is a bug of ours, say where it happened before the module stops.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// A model and its queue of jobs.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    scheduler: Scheduler<Cpu>,
    info: Info,
}

/// What a page may want to show about a model.
#[derive(Debug, Serialize)]
struct Info {
    source: String,
    target: String,
    architecture: Architecture,
    licence: Option<String>,
    credit: Option<String>,
    /// What computes.
    backend: &'static str,
    /// The package as a plain file.
    file_bytes: usize,
    /// The weights on the backend.
    memory_bytes: usize,
}

/// What batches take at most, on two threads. Taken once and given back at once, it stays with this
/// memory, which then does not grow bit by bit whenever large batches happen to meet.
const ROOM_FOR_BATCHES: usize = 16 << 20;

impl Engine {
    /// A model, and the helpers of this memory.
    fn new(package: Package, file_bytes: usize) -> Result<Engine, Error> {
        let translator = Translator::load(Cpu::default(), &package)?;
        // Where there is no such room, translation may still get by with less.
        let _ = Vec::<u8>::new().try_reserve_exact(ROOM_FOR_BATCHES);
        let metadata = package.metadata;
        let network = translator.network();
        let info = Info {
            source: metadata.languages.source,
            target: metadata.languages.target,
            architecture: metadata.architecture,
            licence: metadata.provenance.licence,
            credit: metadata.provenance.credit,
            backend: network.backend().name(),
            file_bytes,
            memory_bytes: network.weight_bytes(),
        };
        let (translator, pool) = (Arc::new(translator), Arc::clone(&POOL));
        let scheduler = Scheduler::with_helpers(translator, Limits::SLICED, pool);
        Ok(Engine { scheduler, info })
    }
}

#[wasm_bindgen]
impl Engine {
    /// Languages, architecture, bytes, licence.
    ///
    /// # Errors
    /// Never in practice: the values are plain.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        to_js(&self.info)
    }

    /// Queues texts; the result names the job.
    pub fn submit(&mut self, texts: Vec<String>, interactive: bool) -> u32 {
        let priority = if interactive { Priority::Interactive } else { Priority::Batch };
        self.scheduler.submit(texts, priority).0
    }

    /// Works for about `budget_ms` milliseconds, and tells what has been done.
    ///
    /// # Errors
    /// Never in practice: the values are plain.
    pub fn poll(&mut self, budget_ms: f64) -> Result<JsValue, JsValue> {
        let deadline = now() + budget_ms;
        let events = self.scheduler.poll(|| now() >= deadline);
        to_js(&Poll::new(events, self.scheduler.is_idle(), self.scheduler.is_waiting()))
    }

    /// Drops a job; false when it had already ended.
    pub fn cancel(&mut self, id: u32) -> bool {
        self.scheduler.cancel(JobId(id))
    }
}
