//! A step of decoding allocates nothing once its thread has done a batch of the like before.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use common::models::{evaluation, package};
use pocketglot::backend::cpu::Cpu;
use pocketglot::model::Source;
use pocketglot::translate::Translator;

/// The system's allocator, with a count of what this thread asks of it.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Translates a batch; gives the number of allocations in each part of the work.
fn parts(translator: &Translator<Cpu>, sources: &[Source]) -> Vec<usize> {
    let mut work = pin!(translator.network().translate(sources));
    let mut context = Context::from_waker(Waker::noop());
    let mut parts = Vec::with_capacity(1000);
    loop {
        let before = COUNT.get();
        let outcome = work.as_mut().poll(&mut context);
        parts.push(COUNT.get() - before);
        if let Poll::Ready(targets) = outcome {
            assert!(targets.unwrap().iter().all(|target| !target.is_empty()));
            return parts;
        }
    }
}

#[test]
fn steps_allocate_nothing_while_no_sentence_ends() {
    let translator = Translator::load(Cpu::default(), &package("en", "pt")).unwrap();
    let sources: Vec<_> = evaluation("en")
        .iter()
        .flat_map(|text| translator.prepare(text).unwrap().1)
        .filter(|source| source.tokens.len() > 20)
        .take(4)
        .collect();
    for batch in [&sources[..1], &sources[..]] {
        parts(&translator, batch);
        let parts = parts(&translator, batch);
        // Two parts a layer of the encoder, one a layer of the decoder; the rest are steps.
        let steps = &parts[2 * 6 + 2..];
        let allocating = steps.iter().filter(|&&count| count > 0).count();
        assert!(steps.len() > 15, "{} steps", steps.len());
        // The first makes room, and whenever a sentence ends the batch is made anew.
        assert!(allocating <= 1 + batch.len(), "{allocating} of {} steps: {steps:?}", steps.len());
    }
}
