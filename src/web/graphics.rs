//! The graphics processor, as JavaScript holds it.

use std::cell::RefCell;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::promise;
use super::values::to_js_error;
use crate::backend::gpu::Gpu;

thread_local! {
    static ON_NEWS: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Has `callback` called whenever an engine that waits for the graphics processor should be polled.
/// That is never during a call of an engine.
#[wasm_bindgen]
pub fn on_news(callback: Function) {
    ON_NEWS.set(Some(callback));
}

/// Tells that a read-back is there.
pub fn news() {
    let callback = ON_NEWS.with_borrow(Clone::clone);
    if let Some(callback) = callback {
        // What it throws is for the worker to hear of, not for the device.
        let _ = callback.call0(&JsValue::UNDEFINED);
    }
}

/// An open device, which all engines of this memory may share. Only the worker that has opened it
/// can use it.
#[wasm_bindgen(js_name = Gpu)]
#[derive(Debug)]
pub struct Graphics(Gpu);

impl Graphics {
    pub(super) fn device(&self) -> &Gpu {
        &self.0
    }
}

#[wasm_bindgen(js_class = Gpu)]
impl Graphics {
    /// Opens the graphics processor that the browser prefers; resolves to a `Gpu`.
    ///
    /// # Errors
    /// Rejects with an `Error` named `Device` when there is none, or it refuses.
    #[wasm_bindgen(unchecked_return_type = "Promise<Gpu>")]
    pub fn open() -> Promise {
        promise::of(async {
            let gpu = Gpu::open().await.map_err(to_js_error)?;
            Ok(Graphics(gpu).into())
        })
    }

    /// What people call it.
    pub fn adapter(&self) -> String {
        self.0.adapter().to_owned()
    }

    /// Bytes of all buffers on the device: weights, activations, and what waits to be used again.
    pub fn memory_bytes(&self) -> f64 {
        self.0.memory_bytes() as f64
    }

    /// Gives back to the device what only waits to be used again.
    pub fn give_back(&self) {
        self.0.give_back();
    }

    /// Gives the device up: what runs there ends, and engines that use it leave it.
    pub fn destroy(&self) {
        self.0.destroy();
    }
}
