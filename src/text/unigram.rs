//! Segmentation by the unigram model of Kudo 2018: of all ways to cut a text into pieces, the one
//! whose scores add up to the most, found by Viterbi's algorithm.

use std::ops::Range;

use super::spm::{Kind, Pieces};
use super::trie::Trie;

/// What an unknown character scores below the worst piece.
const UNKNOWN_PENALTY: f32 = 10.0;
/// What a user-defined piece scores, whatever its file says: more than any piece whose score is the
/// logarithm of a probability. In near ties SentencePiece 0.2.3 decides as with this number.
const SYMBOL_SCORE: f64 = 0.1;

pub(super) struct Unigram {
    trie: Trie,
    scores: Vec<f32>,
    kinds: Vec<Kind>,
    unknown: u32,
    unknown_score: f32,
}

/// The best way to the place where a piece ends.
#[derive(Clone, Copy)]
struct Step {
    /// Sum of all pieces up to here.
    score: f32,
    /// The last piece.
    id: u32,
    /// Its bytes; 0 when nothing ends here.
    length: u16,
}

impl Unigram {
    /// # Errors
    /// The ids of two pieces that are the same.
    pub fn new(pieces: &Pieces, unknown: u32) -> Result<Self, [u32; 2]> {
        let mut worst = f32::MAX;
        let mut keys = Vec::with_capacity(pieces.len());
        for (id, (&score, kind)) in pieces.scores.iter().zip(&pieces.kinds).enumerate() {
            if *kind == Kind::Normal {
                worst = worst.min(score);
            }
            // The others stand for no text.
            if matches!(kind, Kind::Normal | Kind::UserDefined | Kind::Unused) {
                keys.push((pieces.text(id).as_bytes(), id as u32));
            }
        }
        Ok(Unigram {
            trie: Trie::new(&keys)?,
            scores: pieces.scores.clone(),
            kinds: pieces.kinds.clone(),
            unknown,
            unknown_score: worst - UNKNOWN_PENALTY,
        })
    }

    /// The pieces of `text`, last piece first, each with its bytes. A character that no piece
    /// covers is one unknown piece. Takes linear time.
    ///
    /// Where two ways score the same, rounding decides, so every sum is rounded to 32 bits as
    /// SentencePiece does it, and among equal sums the piece that starts first stays.
    pub fn segment_backwards(&self, text: &str) -> impl Iterator<Item = (u32, Range<usize>)> {
        let bytes = text.as_bytes();
        let nothing = Step { score: 0.0, id: self.unknown, length: 0 };
        // By the place where a piece ends.
        let mut best = vec![nothing; bytes.len() + 1];
        for (start, character) in text.char_indices() {
            let before = best[start].score;
            let mut alone = false;
            for (length, id) in self.trie.prefixes(&bytes[start..]) {
                let sum = match self.kinds[id as usize] {
                    Kind::Unused => continue,
                    Kind::UserDefined => (SYMBOL_SCORE + f64::from(before)) as f32,
                    _ => self.scores[id as usize] + before,
                };
                alone |= length == character.len_utf8();
                let step = &mut best[start + length];
                if step.length == 0 || sum > step.score {
                    *step = Step { score: sum, id, length: length as u16 };
                }
            }
            if !alone {
                let score = self.unknown_score + before;
                let step = &mut best[start + character.len_utf8()];
                if step.length == 0 || score > step.score {
                    *step = Step { score, id: self.unknown, length: character.len_utf8() as u16 };
                }
            }
        }
        let mut end = bytes.len();
        std::iter::from_fn(move || {
            let Step { id, length, .. } = best[end];
            let start = end - usize::from(length);
            let piece = (id, start..end);
            end = start;
            (length > 0).then_some(piece)
        })
    }
}
