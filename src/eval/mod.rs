//! How good a translation is: corpus BLEU and chrF against references, and the paired bootstrap
//! that tells a real difference between two systems from luck.
//!
//! Everything here is a pure function of strings. The scores are those of sacreBLEU 2 with its
//! defaults ([Post 2018]), so they can be set beside published ones:
//!
//! - [`bleu`], of signature `BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp`
//! - [`chrf`], of signature `chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no`
//!
//! Both first turn each sentence into a few counts. A corpus score is computed from the **sum** of
//! its sentences' counts and is not the mean of sentence scores. That is why [`bootstrap`] can
//! score a thousand resampled corpora without touching the text again.
//!
//! ```
//! use pocketglot::eval::{self, bleu, bootstrap};
//!
//! let references = ["The cat sleeps on the sofa.", "We leave early tomorrow morning."];
//! let first = ["The cat is sleeping on sofa.", "Tomorrow we leave early morning."];
//! let second = ["The cat sleeps on the sofa.", "We leave early tomorrow."];
//!
//! let score = eval::score(&second, &references)?;
//! assert!(score.bleu > 80.0 && score.chrf > 80.0);
//!
//! let statistics = |hypotheses: [&str; 2]| {
//!     let pairs = hypotheses.into_iter().zip(references);
//!     pairs.map(|(h, r)| bleu::sentence_statistics(h, r)).collect::<Vec<_>>()
//! };
//! let (a, b) = (statistics(first), statistics(second));
//! let interval = bootstrap::paired(&a, &b, bootstrap::SAMPLES, 1)?;
//! assert!(interval.low > 0.0, "the second system wins in nearly every draw");
//! # Ok::<(), pocketglot::Error>(())
//! ```
//!
//! [Post 2018]: https://aclanthology.org/W18-6319/

pub mod bleu;
pub mod bootstrap;
pub mod chrf;
pub mod distortion;
mod ngrams;
mod tokenizer;

#[cfg(test)]
mod sacrebleu_tests;

use crate::error::{Error, Result};

/// The scores of one system on one corpus, each from 0 to 100, higher is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Corpus BLEU, see [`bleu`].
    pub bleu: f64,
    /// Corpus chrF2, see [`chrf`].
    pub chrf: f64,
}

/// Scores a system's output: `hypotheses[i]` is compared with `references[i]`.
///
/// # Errors
/// `InvalidInput` if there are no sentences, or not as many hypotheses as references.
pub fn score<H: AsRef<str>, R: AsRef<str>>(hypotheses: &[H], references: &[R]) -> Result<Score> {
    expect_pairs(hypotheses.len(), references.len())?;
    let mut tally = Tally::default();
    for (hypothesis, reference) in hypotheses.iter().zip(references) {
        tally.add(hypothesis.as_ref(), reference.as_ref());
    }
    Ok(tally.score())
}

/// Sees to it that there is something to score, for callers who would translate it first.
///
/// # Errors
/// As [`score`].
pub fn expect_pairs(hypotheses: usize, references: usize) -> Result<()> {
    if hypotheses != references {
        return Err(Error::invalid(format!(
            "{hypotheses} hypotheses but {references} references: each hypothesis needs exactly \
             one reference"
        )));
    }
    if hypotheses == 0 {
        return Err(Error::invalid("no sentences to score: give at least one pair"));
    }
    Ok(())
}

/// A corpus that is scored while it grows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    bleu: bleu::Statistics,
    chrf: chrf::Statistics,
}

impl Tally {
    /// Counts one more sentence.
    pub fn add(&mut self, hypothesis: &str, reference: &str) {
        self.bleu += bleu::sentence_statistics(hypothesis, reference);
        self.chrf += chrf::sentence_statistics(hypothesis, reference);
    }

    /// Of all sentences so far; 0 where there are none.
    pub fn score(&self) -> Score {
        Score { bleu: self.bleu.score(), chrf: self.chrf.score() }
    }
}

/// Whitespace as Python's `str.split` and `str.rstrip` see it, which sacreBLEU relies on: Unicode's
/// `White_Space`, and the four ASCII separators U+001C to U+001F besides.
fn is_whitespace(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use proptest::prelude::*;

    /// `exp(ln(100))` overshoots 100 by a few units in the last place, in sacreBLEU too.
    const ROUNDING: f64 = 1e-9;

    #[test]
    fn a_perfect_translation_scores_100() {
        let lines = ["O trem das sete já saiu.", "Quer esperar o próximo?"];
        let score = score(&lines, &lines).unwrap();
        assert!((score.bleu - 100.0).abs() < ROUNDING, "{score:?}");
        assert!((score.chrf - 100.0).abs() < ROUNDING, "{score:?}");
    }

    #[test]
    fn a_missing_reference_is_an_error_that_counts_both_sides() {
        let error = score(&["one", "two"], &["one"]).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput);
        assert!(error.to_string().starts_with("2 hypotheses but 1 references"), "{error}");
    }

    #[test]
    fn an_empty_corpus_is_an_error_not_a_score() {
        let error = score::<&str, &str>(&[], &[]).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput);
    }

    #[test]
    fn a_tally_scores_what_it_has_seen_so_far() {
        let (ours, theirs) =
            (["a small red boat on the lake", "no"], ["a small red boat on a lake", "yes"]);
        let mut tally = Tally::default();
        let nothing = tally.score();
        assert_eq!((nothing.bleu, nothing.chrf), (0.0, 0.0));
        for end in 1..=2 {
            tally.add(ours[end - 1], theirs[end - 1]);
            assert_eq!(tally.score(), score(&ours[..end], &theirs[..end]).unwrap());
        }
    }

    #[test]
    fn owned_and_borrowed_strings_score_alike() {
        let (hypotheses, references) = (["a small red boat"], ["a small blue boat"]);
        let owned = hypotheses.map(String::from);
        assert_eq!(score(&owned, &references), score(&hypotheses, &references));
    }

    proptest! {
        #[test]
        fn any_text_gets_a_score_between_0_and_100(
            pairs in prop::collection::vec((any::<String>(), any::<String>()), 1..4)
        ) {
            let (hypotheses, references): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            let score = score(&hypotheses, &references).unwrap();
            prop_assert!((0.0..=100.0 + ROUNDING).contains(&score.bleu), "{score:?}");
            prop_assert!((0.0..=100.0 + ROUNDING).contains(&score.chrf), "{score:?}");
        }
    }
}
