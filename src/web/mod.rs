//! The JavaScript edge: one class, plain values, errors that JavaScript can name. Nothing is
//! decided here.

mod values;

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::format::{Architecture, Package};
use crate::translate::{JobId, Limits, Priority, Scheduler, Translator};

use values::{Poll, to_js, to_js_error};

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

#[wasm_bindgen]
impl Engine {
    /// Loads a package file (plain, not gzipped).
    ///
    /// # Errors
    /// A JavaScript `Error` whose `name` is the kind of failure.
    #[wasm_bindgen(constructor)]
    pub fn new(package: Vec<u8>) -> Result<Engine, JsValue> {
        let file_bytes = package.len();
        let package = Package::read(Bytes::from(package)).map_err(to_js_error)?;
        let translator = Translator::load(Cpu::default(), &package).map_err(to_js_error)?;
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
        Ok(Engine { scheduler: Scheduler::new(Arc::new(translator), Limits::SLICED), info })
    }

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
        to_js(&Poll::new(events, self.scheduler.is_idle()))
    }

    /// Drops a job; false when it had already ended.
    pub fn cancel(&mut self, id: u32) -> bool {
        self.scheduler.cancel(JobId(id))
    }
}
