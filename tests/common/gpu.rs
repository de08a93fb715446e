//! The graphics processor that tests run on, if there is one.

use futures_lite::future::block_on;
use pocketglot::backend::gpu::Gpu;

/// Set where a missing adapter is a failure: continuous integration.
const REQUIRE: &str = "POCKETGLOT_REQUIRE_GPU";

/// The GPU; without one, says that `what` was skipped.
pub fn gpu(what: &str) -> Option<Gpu> {
    match block_on(Gpu::open()) {
        Ok(gpu) => Some(gpu),
        Err(error) if std::env::var_os(REQUIRE).is_some() => panic!("{what}: {error}"),
        Err(error) => {
            println!("SKIPPED, no GPU: {what} ({error})");
            None
        }
    }
}
