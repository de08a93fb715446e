//! Pocketglot: translation models, small enough for a pocket.

pub mod backend;
pub mod codec;
pub mod error;
pub mod eval;
pub mod format;
pub mod model;
pub mod tensor;
pub mod text;
pub mod token;
pub mod translate;
#[cfg(feature = "web")]
pub mod web;

pub use error::{Error, Kind, Result};
