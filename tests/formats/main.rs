//! Files come from strangers: what is sound is read without loss, and whatever is not is an error
//! that names the place. Never a panic, never memory beyond a small multiple of the file.
#![cfg(feature = "import")]

mod codecs;
#[path = "../common/mod.rs"]
mod common;
mod edit;
mod guard;
mod lossless;
mod marian;
mod nested;
mod package;
mod screening;
mod shortlist;
mod vocabulary;
