//! BLEU: the geometric mean of word n-gram precisions, with a penalty for outputs that are too
//! short ([Papineni et al. 2002]), in the standard form of [Post 2018] (sacreBLEU's default).
//!
//! Words come from the `13a` tokenizer, case counts, orders 1 to 4. An order without any match is
//! smoothed: the first such order counts as half a match, the next as a quarter, and so on ("exp",
//! as in `mteval-v13a`). All four orders always count, so a corpus that has no four words in a row
//! scores 0.
//!
//! [Papineni et al. 2002]: https://aclanthology.org/P02-1040/
//! [Post 2018]: https://aclanthology.org/W18-6319/

use std::collections::HashMap;
use std::ops::{Add, AddAssign};

use super::{bootstrap, ngrams, tokenizer};

/// The longest n-gram that counts, in words.
pub const MAX_ORDER: usize = 4;

/// What BLEU needs to know about a sentence, or, summed, about a corpus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// n-grams of the hypothesis that the reference has too, for orders 1 to 4. Each occurrence
    /// in the reference is matched at most once.
    pub matches: [u64; MAX_ORDER],
    /// All n-grams of the hypothesis, for orders 1 to 4.
    pub totals: [u64; MAX_ORDER],
    /// Words in the hypothesis.
    pub hypothesis_length: u64,
    /// Words in the reference.
    pub reference_length: u64,
}

/// Counts one sentence against its reference.
pub fn sentence_statistics(hypothesis: &str, reference: &str) -> Statistics {
    let (hypothesis, reference) = (tokenizer::tokenize(hypothesis), tokenizer::tokenize(reference));
    let mut numbers = HashMap::new();
    let hypothesis = number_words(&hypothesis, &mut numbers);
    let reference = number_words(&reference, &mut numbers);

    let mut statistics = Statistics {
        hypothesis_length: hypothesis.len() as u64,
        reference_length: reference.len() as u64,
        ..Statistics::default()
    };
    for order in 1..=MAX_ORDER {
        let ours = ngrams::sorted(&hypothesis, order, u32::BITS);
        let theirs = ngrams::sorted(&reference, order, u32::BITS);
        statistics.matches[order - 1] = ngrams::shared(&ours, &theirs);
        statistics.totals[order - 1] = ours.len() as u64;
    }
    statistics
}

/// Equal words get equal numbers, so that an n-gram is a few integers instead of strings.
fn number_words<'a>(tokens: &'a str, numbers: &mut HashMap<&'a str, u32>) -> Vec<u32> {
    let mut number = |word| {
        let next = numbers.len() as u32; // 2^32 distinct words do not fit into memory
        *numbers.entry(word).or_insert(next)
    };
    tokens.split(' ').filter(|word| !word.is_empty()).map(&mut number).collect()
}

impl Statistics {
    /// BLEU from 0 to 100.
    pub fn score(&self) -> f64 {
        if self.matches == [0; MAX_ORDER] {
            return 0.0;
        }
        let mut log_sum = 0.0;
        let mut smoothing = 1.0;
        for (&matches, &total) in self.matches.iter().zip(&self.totals) {
            if total == 0 {
                return 0.0; // a precision of nothing: no smoothing saves the geometric mean
            }
            let precision = if matches > 0 {
                100.0 * matches as f64 / total as f64
            } else {
                smoothing *= 2.0;
                100.0 / (smoothing * total as f64)
            };
            log_sum += precision.ln();
        }
        self.brevity_penalty() * (log_sum / MAX_ORDER as f64).exp()
    }

    /// 1 for outputs at least as long as the reference, falling to 0 as they get shorter.
    pub fn brevity_penalty(&self) -> f64 {
        if self.hypothesis_length >= self.reference_length {
            1.0
        } else if self.hypothesis_length == 0 {
            0.0
        } else {
            (1.0 - self.reference_length as f64 / self.hypothesis_length as f64).exp()
        }
    }
}

impl AddAssign for Statistics {
    fn add_assign(&mut self, other: Self) {
        for order in 0..MAX_ORDER {
            self.matches[order] += other.matches[order];
            self.totals[order] += other.totals[order];
        }
        self.hypothesis_length += other.hypothesis_length;
        self.reference_length += other.reference_length;
    }
}

impl Add for Statistics {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl bootstrap::Resample for Statistics {
    fn score(&self) -> f64 {
        Statistics::score(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_word_matches_no_more_often_than_the_reference_has_it() {
        // The example of Papineni et al. 2002, section 2.1: 2 of 7.
        let counted =
            sentence_statistics("the the the the the the the", "The cat is on the mat, the one");
        assert_eq!((counted.matches[0], counted.totals[0]), (2, 7));
    }

    #[test]
    fn orders_without_a_match_are_halved_one_after_the_other() {
        let counted = sentence_statistics("one two x y z", "one two three four five");
        assert_eq!((counted.matches, counted.totals), ([2, 1, 0, 0], [5, 4, 3, 2]));
        let precisions: f64 = (2.0 / 5.0) * (1.0 / 4.0) * (1.0 / (2.0 * 3.0)) / (4.0 * 2.0);
        assert!((counted.score() - 100.0 * precisions.powf(0.25)).abs() < 1e-9);
    }

    #[test]
    fn a_short_output_is_penalised() {
        let full =
            sentence_statistics("one two three four five six", "one two three four five six");
        let half = sentence_statistics("one two three four", "one two three four five six");
        assert_eq!(full.brevity_penalty(), 1.0);
        assert!((half.brevity_penalty() - (-0.5_f64).exp()).abs() < 1e-12);
        assert!((half.score() - 100.0 * (-0.5_f64).exp()).abs() < 1e-9);
    }

    #[test]
    fn two_words_score_0_alone_but_count_in_a_corpus() {
        let short = sentence_statistics("Bom dia", "Bom dia");
        let long = sentence_statistics("Bom dia, Ana!", "Bom dia, Ana!");
        assert_eq!(short.score(), 0.0);
        assert_eq!((short + long).matches, [7, 5, 3, 2]);
        assert!(((short + long).score() - 100.0).abs() < 1e-9);
    }
}
