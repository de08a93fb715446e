//! The memory of laboratory and training. Where there is no more, a module can only stop, and nothing
//! tells that from a mistake of ours: so what could not be had is noted first.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use wasm_bindgen::prelude::*;

struct Noting;

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// Bytes that were asked for and could not be had.
static MISSING: AtomicUsize = AtomicUsize::new(0);

/// Bytes that were asked for last and could not be had; 0 where there was always room. It can be asked
/// after the module has stopped.
#[wasm_bindgen]
pub fn missing_memory() -> usize {
    MISSING.load(Ordering::Relaxed)
}

fn noted(place: *mut u8, size: usize) -> *mut u8 {
    if place.is_null() {
        MISSING.store(size, Ordering::Relaxed);
    }
    place
}

// SAFETY: everything is the system's allocator's, with the arguments as they came.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        noted(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        noted(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        noted(unsafe { System.realloc(place, layout, size) }, size)
    }
}
