//! Text in, text out: split, encode, batch, decode, join.
//!
//! [`Translator`] holds a model and its vocabulary. [`Scheduler`] drives it in slices, with
//! priorities and cancelling, and with the helpers of a pool where there are any, which is how a
//! page uses it; [`parallel`] translates many texts on all threads of a pool and stands still until
//! they are done, which is how the command line does.

mod batch;
mod helpers;
mod job;
mod lexicon;
#[cfg(feature = "parallel")]
pub mod parallel;
mod plan;
mod schedule;
mod warm_up;
mod work;

pub use batch::Limits;
pub use plan::Plan;
pub use schedule::{Event, JobId, Priority, Scheduler};
pub use warm_up::WarmUp;
pub use work::News;

use crate::backend::Backend;
use crate::error::Result;
use crate::format::{Languages, Package};
use crate::model::{Network, Source};
use crate::text::vocabulary::Vocabulary;
use lexicon::Lexicon;

/// A model with all that it takes to translate text.
pub struct Translator<B: Backend> {
    network: Network<B>,
    lexicon: Lexicon,
}

impl<B: Backend> Translator<B> {
    /// Takes a model from its package to a backend.
    ///
    /// # Errors
    /// `Malformed` or `Unsupported`, with the place, when the package holds no sound model.
    pub fn load(backend: B, package: &Package) -> Result<Self> {
        let lexicon = Lexicon::read(package)?;
        Ok(Translator { network: Network::load(backend, package)?, lexicon })
    }

    /// The same model on another backend, with the same vocabulary and shortlist in memory.
    ///
    /// # Errors
    /// What the backend reports.
    pub fn on<C: Backend>(&self, backend: C, package: &Package) -> Result<Translator<C>> {
        let network = Network::load(backend, package)?;
        Ok(Translator { network, lexicon: self.lexicon.clone() })
    }

    /// The same, but with every piece a candidate, whatever shortlist the package holds.
    #[must_use]
    pub fn without_shortlist(mut self) -> Self {
        self.lexicon.shortlist = None;
        self
    }

    /// The network.
    pub fn network(&self) -> &Network<B> {
        &self.network
    }

    /// The vocabulary.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.lexicon.vocabulary
    }

    /// What it translates.
    pub fn languages(&self) -> &Languages {
        &self.lexicon.languages
    }

    /// Splits a text and encodes it: source i is piece i of the plan.
    ///
    /// # Errors
    /// What the vocabulary reports.
    pub fn prepare(&self, text: &str) -> Result<(Plan, Vec<Source>)> {
        let mut plan = Plan::new(text.to_owned(), &self.lexicon.languages.source);
        let mut sources = Vec::new();
        while let Some(pieces) = plan.encode_next(&self.lexicon.vocabulary)? {
            sources.extend(pieces.into_iter().map(|tokens| self.lexicon.source(tokens)));
        }
        Ok((plan, sources))
    }
}
