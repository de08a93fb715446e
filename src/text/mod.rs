//! Text on its way into and out of the model: sentences, then pieces.

mod abbreviations;
pub mod sentences;
pub mod vocabulary;
