//! Text in, text out: split, encode, batch, decode, join.
//!
//! [`Translator`] holds a model and its vocabulary. [`Scheduler`] drives it in slices, with
//! priorities and cancelling, and with the helpers of a pool where there are any, which is how a
//! page uses it; [`parallel`] translates many texts on all threads of a pool and stands still until
//! they are done, which is how the command line does.

mod batch;
mod helpers;
mod job;
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

use crate::backend::{Backend, Candidates};
use crate::error::{Error, Result};
use crate::format::shortlist::Shortlist;
use crate::format::{Languages, Package};
use crate::model::{Network, Source};
use crate::text::vocabulary::Vocabulary;
use crate::token::TokenId;

/// Pieces that any sentence may use, the most frequent ones: production unites the shortlists of all
/// sentences of a batch, ours are of one sentence each, and so many more make up for most of what
/// that loses, at no measurable cost. FLORES-200 dev, chrF below production's: 0.16 (pt→en) and
/// 0.08 (en→pt) with the 50 of the file, 0.14 and 0.05 with these, 0.05 and 0.03 with all pieces.
const FREQUENT: u32 = 500;

/// A model with all that it takes to translate text.
pub struct Translator<B: Backend> {
    network: Network<B>,
    vocabulary: Vocabulary,
    /// Without one, every piece is a candidate: the same quality, slower.
    shortlist: Option<Shortlist>,
    /// All pieces but the unknown one, which no translation should hold.
    every_piece: Candidates,
    languages: Languages,
}

impl<B: Backend> Translator<B> {
    /// Takes a model from its package to a backend.
    ///
    /// # Errors
    /// `Malformed` or `Unsupported`, with the place, when the package holds no sound model.
    pub fn load(backend: B, package: &Package) -> Result<Self> {
        let vocabulary = Vocabulary::read(package.vocabulary()?)?;
        let expected = package.metadata.architecture.vocabulary;
        if vocabulary.size() != expected {
            return Err(Error::malformed(format!(
                "the vocabulary has {} pieces, the network is made for {expected}",
                vocabulary.size()
            )));
        }
        let unknown = vocabulary.unknown();
        let every_piece = (0..expected as u32).map(TokenId).filter(|&id| id != unknown).collect();
        Ok(Translator {
            network: Network::load(backend, package)?,
            shortlist: package.shortlist()?,
            vocabulary,
            every_piece,
            languages: package.metadata.languages.clone(),
        })
    }

    /// The same, but with every piece a candidate, whatever shortlist the package holds.
    #[must_use]
    pub fn without_shortlist(mut self) -> Self {
        self.shortlist = None;
        self
    }

    /// The network.
    pub fn network(&self) -> &Network<B> {
        &self.network
    }

    /// The vocabulary.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// What it translates.
    pub fn languages(&self) -> &Languages {
        &self.languages
    }

    /// Splits a text and encodes it: source i is piece i of the plan.
    ///
    /// # Errors
    /// What the vocabulary reports.
    pub fn prepare(&self, text: &str) -> Result<(Plan, Vec<Source>)> {
        let mut plan = Plan::new(text.to_owned(), &self.languages.source);
        let mut sources = Vec::new();
        while let Some(pieces) = plan.encode_next(&self.vocabulary)? {
            sources.extend(pieces.into_iter().map(|tokens| self.source(tokens)));
        }
        Ok((plan, sources))
    }

    /// A sentence ready for the network: `tokens` without the end.
    fn source(&self, mut tokens: Vec<TokenId>) -> Source {
        let end = self.vocabulary.end();
        tokens.push(end);
        let candidates = match &self.shortlist {
            None => self.every_piece.clone(),
            Some(shortlist) => {
                let mut candidates = shortlist.candidates(&tokens, FREQUENT);
                candidates.retain(|&id| id != self.vocabulary.unknown());
                if let Err(place) = candidates.binary_search(&end) {
                    candidates.insert(place, end);
                }
                candidates.into()
            }
        };
        Source { tokens, candidates, end }
    }
}
