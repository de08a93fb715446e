//! What every hostile file must respect: memory, time, and an error that people can use.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pocketglot::Result;
use pocketglot::backend::reference::Reference;
use pocketglot::format::Package;
use pocketglot::translate::{Event, Limits, Priority, Scheduler, Translator};
use proptest::test_runner::{Config, RngSeed};

/// What any reader may take beside a multiple of its input.
const BASE: isize = 64 << 20;
const FACTOR: isize = 8;
/// Far above what any of these files takes on a slow machine, far below a hang.
const PATIENCE: Duration = Duration::from_secs(20);

thread_local! {
    /// Bytes that this thread holds, and the most that it held at once since last asked.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, counting: tests run on threads of their own, so each counts for itself.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(bytes: isize) {
    // A thread that is ending has no counters any more.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + bytes);
        PEAK.try_with(|peak| peak.set(peak.get().max(held.get())))
    });
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// Runs `work` on `input` bytes, within the bounds of memory and time.
pub fn bounded<T>(input: usize, work: impl FnOnce() -> T) -> T {
    let before = HELD.get();
    PEAK.set(before);
    let begun = Instant::now();
    let result = work();
    let (took, elapsed) = (PEAK.get() - before, begun.elapsed());
    let most = BASE + FACTOR * input as isize;
    assert!(took <= most, "took {took} bytes of memory for a file of {input}");
    assert!(elapsed <= PATIENCE, "took {elapsed:?} for a file of {input} bytes");
    result
}

/// An error must say where: its text must hold one of `places`.
pub fn placed<T>(result: Result<T>, places: &[&str]) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            let text = error.to_string();
            assert!(places.iter().any(|place| text.contains(place)), "names no place: {text:?}");
            None
        }
    }
}

/// The words by which errors about a package name their place.
pub const PACKAGE: &[&str] = &[
    "safetensors",
    "metadata",
    "package",
    "tensor \"",
    "matrix \"",
    "vocabulary",
    "shortlist",
    "screening",
];

/// Takes a package that was read all the way: it loads and translates, or an error says why not.
pub fn load(package: &Package) {
    let input = package.tensors.values().map(|tensor| tensor.data().len()).sum();
    bounded(input, || {
        if let Some(translator) = placed(Translator::load(Reference, package), PACKAGE) {
            let mut scheduler = Scheduler::new(Arc::new(translator), Limits::BULK);
            scheduler.submit(vec!["The old house.".to_owned()], Priority::Interactive);
            let events = scheduler.poll(|| false);
            assert!(scheduler.is_idle(), "the translation hangs");
            for event in events {
                if let Event::Finished(_, result) = event {
                    placed(result, PACKAGE);
                }
            }
        }
    });
}

/// The same cases on every run, unless the environment asks for others (`PROPTEST_RNG_SEED`,
/// `PROPTEST_CASES`).
pub fn cases(number: u32) -> Config {
    let mut config =
        Config { failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = number;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(2021);
    }
    config
}
