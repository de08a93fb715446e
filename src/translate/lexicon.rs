//! What a model knows of words, whatever computes it.

use std::sync::Arc;

use crate::backend::Candidates;
use crate::error::{Error, Result};
use crate::format::shortlist::Shortlist;
use crate::format::{Languages, Package};
use crate::model::Source;
use crate::text::vocabulary::Vocabulary;
use crate::token::TokenId;

/// Pieces that any sentence may use, the most frequent ones: production unites the shortlists of all
/// sentences of a batch, ours are of one sentence each, and so many more make up for most of what
/// that loses, at no measurable cost. FLORES-200 dev, chrF below production's: 0.16 (pt→en) and
/// 0.08 (en→pt) with the 50 of the file, 0.14 and 0.05 with these, 0.05 and 0.03 with all pieces.
const FREQUENT: u32 = 500;

/// Vocabulary, shortlist and languages of a model. Clones share them.
#[derive(Clone)]
pub struct Lexicon {
    pub vocabulary: Arc<Vocabulary>,
    /// Without one, every piece is a candidate: the same quality, slower, or as fast as the
    /// package's screening finds the best of them.
    pub shortlist: Option<Arc<Shortlist>>,
    /// All pieces but the unknown one, which no translation should hold.
    every_piece: Candidates,
    pub languages: Languages,
}

impl Lexicon {
    pub fn read(package: &Package) -> Result<Self> {
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
        Ok(Lexicon {
            shortlist: package.shortlist()?.map(Arc::new),
            vocabulary: Arc::new(vocabulary),
            every_piece,
            languages: package.metadata.languages.clone(),
        })
    }

    /// A sentence ready for the network: `tokens` without the end.
    pub fn source(&self, mut tokens: Vec<TokenId>) -> Source {
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
