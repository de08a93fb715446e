//! What the integration tests share.
#![allow(dead_code, reason = "each test binary uses its part")]

pub mod gpu;
pub mod hooked;
pub mod marian;
pub mod models;
pub mod near;
pub mod recode;
pub mod recording;
#[cfg(feature = "import")]
pub mod tiny;
pub mod walk;
