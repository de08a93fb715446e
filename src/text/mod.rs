//! Text on its way into and out of the model: sentences, then pieces.

mod abbreviations;
mod charsmap;
mod normalizer;
pub mod sentences;
mod spm;
mod trie;
#[cfg(feature = "compress")]
pub mod trim;
mod unigram;
pub mod vocabulary;
