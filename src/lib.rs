//! Pocketglot: translation models, small enough for a pocket.
//!
//! A model comes in as one file, is held in codecs, runs on a backend, and translates text. This
//! page is the map; each room's own page says what may live there.
//!
//! # The way of a sentence
//!
//! ```text
//! bytes ── format ──▶ named tensors ── codec ──▶ matrices ── backend ──▶ packed weights
//!                                                                             │
//! text ── text ──▶ sentences ──▶ token ids ── model ──▶ encoder ──▶ greedy steps ──▶ token ids
//!                                                                                       │
//!                                     translation ◀── joined as it was ◀── text ◀───────┘
//! ```
//!
//! 1. [`mod@format`] reads a package (one safetensors file with weights, vocabulary, shortlist or
//!    screening, and one JSON value) or imports Marian's files into one. Every size is checked
//!    against the bytes that are there before anything is made of it.
//! 2. [`codec`] holds each weight matrix as its file has it: plain floats, half floats, 8-bit codes,
//!    codes of 2 to 8 bits in groups, codes coded by how often they occur, codebooks, pairs of
//!    factors, sparse. `codec::latent` says what of a matrix may be trained in its codec. A codec can give any row as f32; one file and one line of a table each.
//! 3. [`backend`] is what a network needs from a machine: about a dozen fused operations. Four so
//!    far: [`backend::reference`], plain loops that follow the formulas, in floats and in 8-bit
//!    integers, the oracles of all tests; [`backend::cpu`], products in 8-bit integers where
//!    the codec has them and in floats elsewhere, with SIMD (`docs/speed.md` tells where the time
//!    goes); `backend::gpu`, the kernels of `shaders/` over `wgpu`, the same code natively and in
//!    browsers; and `backend::autodiff`, floats that know their gradients, for training.
//! 4. [`model`] is the network, written once over a backend: a post-norm Transformer encoder, a
//!    decoder with SSRU recurrences, one embedding tied to the output, greedy decoding.
//! 5. [`text`] splits text into sentences and sentences into SentencePiece tokens, and goes back.
//! 6. [`translate`] joins these: text in, text out. [`translate::Scheduler`] works in slices, so
//!    that a page can hear messages, overtake and cancel; helpers of [`threads`] take batches from
//!    the same queue, and [`translate::parallel`] translates many texts with them. A model on a
//!    graphics processor has a scheduler of its own, whose jobs go on on the processor when the
//!    device fails.
//! 7. [`eval`] scores: BLEU and chrF as sacreBLEU has them, and the paired bootstrap; and it measures
//!    what compression did to weights.
//! 8. `compress` makes models smaller: recipes, rounding, pruning, fewer neurons, heads and layers,
//!    factors and codebooks, as functions of tensors and statistics. `lab` is where it meets the
//!    engine: through `backend::record` it looks at what enters each product, and it takes a recipe
//!    from package to package; `lab::heal` trains a model to say what its teachers say, and
//!    `lab::search` looks for recipes. The page's engine has none of it.
//! 9. `web` is the JavaScript edge, of the engine in one module, of `lab` in another and of
//!    `lab::heal` in a third; `www/package` is the JavaScript package over them.
//!
//! Imports flow one way, `web → lab → translate → model → backend → codec → tensor`, with `format`,
//! `text` and `threads` low, and `compress` beside `backend`; `tests/rooms.rs` holds us to it.
//!
//! # Four decisions that shape the rest
//!
//! **Batches are ragged.** The tokens of a batch's sentences stand one after the other, and spans
//! say which belong together. No work is done for padding, nothing is masked, a sentence that ends
//! leaves without anything being moved but its small state, and a translation does not depend on
//! what it was batched with. Each sentence has its own shortlist, for the same reason.
//!
//! **Decoding is a future.** The network pauses between parts of its work. Natively a future is
//! driven to its end; in a browser it is polled for some milliseconds at a time. Cancelling is
//! dropping it. A device that answers later than it is asked needs nothing else.
//!
//! **Token ids live on the backend.** The greedy loop asks for embeddings of the last tokens,
//! logits and the best of them without looking at any; ids are read once every few steps, as many
//! as the backend likes.
//!
//! **One arithmetic everywhere.** A float that differs in its last bit may round to another 8-bit
//! code, and after a few layers two engines no longer agree. So sums of products are exact integers,
//! and what lies between them is defined to the bit (sums in eight lanes, no fused multiply-add,
//! one polynomial for exponentials): every instruction set, browser and the oracle give the same
//! tokens.
//!
//! # Translating
//!
//! ```no_run
//! use pocketglot::backend::cpu::Cpu;
//! use pocketglot::format::Package;
//! use pocketglot::translate::parallel::Threads;
//! use pocketglot::translate::{Limits, Translator};
//!
//! let bytes = std::fs::read("models/en-pt.safetensors")?;
//! let translator = Translator::load(Cpu::default(), &Package::read(bytes.into())?)?;
//! let threads = Threads::new(0)?;
//! let translations = threads.translate(&translator, &["Good morning."], Limits::BULK)?;
//! assert_eq!(translations, ["Bom dia."]);
//! # Ok::<(), pocketglot::Error>(())
//! ```

pub mod backend;
pub mod codec;
#[cfg(feature = "compress")]
pub mod compress;
pub mod error;
pub mod eval;
pub mod format;
#[cfg(feature = "compress")]
pub mod lab;
pub mod model;
pub mod tensor;
pub mod text;
pub mod threads;
pub mod token;
pub mod translate;
#[cfg(feature = "javascript")]
pub mod web;

pub use error::{Error, Kind, Result};
