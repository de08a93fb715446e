//! A package on its way into memory, chunk by chunk, so that JavaScript never holds it as a whole.
//! What becomes of it, each module says itself: `finish` in `engine.rs`, `open` in `laboratory.rs`,
//! `learner` in `training.rs`.

use bytes::Bytes;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::values::to_js_error;
use crate::error::{Error, Kind};

/// Takes a package file (plain, not gzipped) in chunks.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Loader {
    bytes: Vec<u8>,
}

#[wasm_bindgen]
impl Loader {
    /// Makes room for `size` bytes, if the size is known.
    ///
    /// # Errors
    /// A JavaScript `Error` named `Io` when there is no room.
    #[wasm_bindgen(constructor)]
    pub fn new(size: Option<usize>) -> Result<Loader, JsValue> {
        let mut loader = Loader { bytes: Vec::new() };
        let size = size.unwrap_or(0);
        loader.bytes.try_reserve_exact(size).map_err(|_| no_room(size))?;
        Ok(loader)
    }

    /// Adds the next chunk.
    ///
    /// # Errors
    /// A JavaScript `Error` named `Io` when there is no room.
    pub fn push(&mut self, chunk: &Uint8Array) -> Result<(), JsValue> {
        let (before, more) = (self.bytes.len(), chunk.length() as usize);
        self.bytes.try_reserve(more).map_err(|_| no_room(before + more))?;
        chunk.copy_to_uninit(&mut self.bytes.spare_capacity_mut()[..more]);
        // SAFETY: reserved above, and the line before has written all of it.
        unsafe { self.bytes.set_len(before + more) };
        Ok(())
    }
}

impl Loader {
    /// The file that the chunks make up.
    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }
}

fn no_room(bytes: usize) -> JsValue {
    let what = format!("there is no memory for a model of {bytes} bytes");
    to_js_error(Error::new(Kind::Io, what))
}
