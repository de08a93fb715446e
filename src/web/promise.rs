//! Futures as promises. Not by `wasm-bindgen-futures`: with atomics its wakers sleep in
//! `Atomics.waitAsync`, which wants a shared memory and a recent browser. Ours wake in the thread that
//! they belong to, and a microtask is all that takes.

use async_task::Runnable;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(callback: &Function);
}

/// A promise that settles with the future, which is driven in microtasks.
pub fn of(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let mut future = Some(future);
    Promise::new(&mut move |resolve: Function, reject: Function| {
        // The constructor calls this once.
        let Some(future) = future.take() else { return };
        let settled = async move {
            let (settle, value) = match future.await {
                Ok(value) => (resolve, value),
                Err(error) => (reject, error),
            };
            // Neither of a promise's own functions throws.
            let _ = settle.call1(&JsValue::UNDEFINED, &value);
        };
        let (runnable, task) = async_task::spawn_local(settled, schedule);
        task.detach();
        runnable.schedule();
    })
}

fn schedule(runnable: Runnable) {
    let run = Closure::once_into_js(move || _ = runnable.run());
    queue_microtask(run.unchecked_ref());
}
