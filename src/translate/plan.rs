//! A text cut into what is translated and what stays as it is.

use std::collections::HashMap;
use std::ops::Range;

use crate::error::Result;
use crate::text::sentences;
use crate::text::vocabulary::Vocabulary;
use crate::token::TokenId;

/// Source tokens a sentence, the end included. Longer ones are cut at the best place: the models
/// are trained on sentences, and production cuts at the same length.
const MAX_TOKENS: usize = 128;

/// A text and its pieces. Encoding is done piece by piece, since a long text takes a while.
#[derive(Debug)]
pub struct Plan {
    text: String,
    /// Sentences not yet encoded, the next one last.
    waiting: Vec<Range<usize>>,
    /// In order. What stands between two pieces is copied as it is.
    pieces: Vec<Piece>,
    /// Where `take` goes on: the next piece, and the end of the one before.
    taken: (usize, usize),
}

/// A stretch of text that is translated on its own.
#[derive(Debug)]
struct Piece {
    range: Range<usize>,
    translation: Option<String>,
}

impl Plan {
    /// Splits a text in `language` into sentences.
    pub fn new(text: String, language: &str) -> Self {
        let mut waiting = sentences::sentences(&text, language);
        waiting.reverse();
        Plan { text, waiting, pieces: Vec::new(), taken: (0, 0) }
    }

    /// Encodes the next sentence: gives the tokens of its pieces, without ends, or none when all
    /// is done. Pieces are numbered from 0 in this order. A sentence in which the model could
    /// read nothing has no pieces; it is copied.
    ///
    /// # Errors
    /// What the vocabulary reports.
    pub fn encode_next(&mut self, vocabulary: &Vocabulary) -> Result<Option<Vec<Vec<TokenId>>>> {
        let Some(sentence) = self.waiting.pop() else { return Ok(None) };
        let range = readable(&self.text, sentence, vocabulary);
        let limit = MAX_TOKENS - 1;
        let tokens = vocabulary.encode(&self.text[range.clone()])?;
        let ranges = if tokens.len() <= limit {
            vec![(range, tokens)]
        } else {
            let measure = |text: &str| vocabulary.encode(text).map_or(usize::MAX, |t| t.len());
            let part = |part: Range<usize>| {
                let part = range.start + part.start..range.start + part.end;
                let tokens = vocabulary.encode(&self.text[part.clone()])?;
                Ok((part, tokens))
            };
            let parts = sentences::fit(&self.text[range.clone()], limit, &measure);
            parts.into_iter().map(part).collect::<Result<Vec<_>>>()?
        };
        let mut encoded = Vec::with_capacity(ranges.len());
        for (range, tokens) in ranges {
            if says_something(&self.text[range.clone()], &tokens, vocabulary) {
                encoded.push(tokens);
                self.pieces.push(Piece { range, translation: None });
            }
        }
        Ok(Some(encoded))
    }

    /// Puts the translation of piece `piece` in its place.
    pub fn set(&mut self, piece: usize, translation: String) {
        self.pieces[piece].translation = Some(translation);
    }

    /// What is translated now, without a gap, beyond what was taken before. What stands between two
    /// pieces comes with the second; what stands after the last only with `join`.
    pub fn take(&mut self) -> String {
        let mut taken = String::new();
        let (next, copied) = &mut self.taken;
        while let Some(Piece { range, translation: Some(translation) }) = self.pieces.get(*next) {
            taken.push_str(&self.text[*copied..range.start]);
            taken.push_str(translation);
            *copied = range.end;
            *next += 1;
        }
        taken
    }

    /// The text with every translation in place; what has none yet stands in the original.
    pub fn join(&self) -> String {
        let mut joined = String::with_capacity(self.text.len() * 5 / 4);
        let mut copied = 0;
        for Piece { range, translation } in &self.pieces {
            if let Some(translation) = translation {
                joined.push_str(&self.text[copied..range.start]);
                joined.push_str(translation);
                copied = range.end;
            }
        }
        joined.push_str(&self.text[copied..]);
        joined
    }
}

/// `sentence` without the symbols at its ends that the model cannot read, emoji above all: they
/// stay where they are instead of being lost.
fn readable(text: &str, sentence: Range<usize>, vocabulary: &Vocabulary) -> Range<usize> {
    // A line may be one symbol a thousand times.
    let mut known = HashMap::new();
    let mut unreadable = |c: char| {
        c.is_whitespace()
            || !(c.is_ascii()
                || c.is_alphanumeric()
                || *known.entry(c).or_insert_with(|| vocabulary.knows(c)))
    };
    let inner = text[sentence.clone()].trim_end_matches(&mut unreadable);
    let end = sentence.start + inner.len();
    let inner = inner.trim_start_matches(&mut unreadable);
    end - inner.len()..end
}

/// Whether there is anything to translate: a letter or a digit, and a token that the model knows.
fn says_something(text: &str, tokens: &[TokenId], vocabulary: &Vocabulary) -> bool {
    text.contains(char::is_alphanumeric)
        && tokens.iter().any(|&token| token != vocabulary.unknown() && !vocabulary.is_space(token))
}
