//! chrF: precision and recall of character n-grams, joined in an F-score ([Popović 2015]), in the
//! standard form of sacreBLEU ([Post 2018]): chrF2.
//!
//! Characters are Unicode code points, whitespace does not count, case does, orders 1 to 6, no
//! words, recall weighs twice as much as precision (β = 2). Precision and recall are averaged over
//! the orders that both sides have ("effective order"), and one F-score is taken of the averages.
//!
//! [Popović 2015]: https://aclanthology.org/W15-3049/
//! [Post 2018]: https://aclanthology.org/W18-6319/

use std::ops::{Add, AddAssign};

use super::{bootstrap, is_whitespace, ngrams};

/// The longest n-gram that counts, in characters.
pub const MAX_ORDER: usize = 6;

/// How many times more recall weighs than precision.
pub const BETA: f64 = 2.0;

/// `char::MAX` is U+10FFFF: 21 bits, and six of them fit into 128.
const CHARACTER_BITS: u32 = 21;

/// What chrF needs to know about a sentence, or, summed, about a corpus. Index 0 is order 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// n-grams that both sides have. Each occurrence is matched at most once.
    pub matches: [u64; MAX_ORDER],
    /// n-grams of the hypothesis; 0 where the sentence's reference is too short for the order,
    /// since there nothing could have matched.
    pub hypothesis: [u64; MAX_ORDER],
    /// n-grams of the reference.
    pub reference: [u64; MAX_ORDER],
}

/// Counts one sentence against its reference.
pub fn sentence_statistics(hypothesis: &str, reference: &str) -> Statistics {
    let (hypothesis, reference) = (visible_characters(hypothesis), visible_characters(reference));
    let mut statistics = Statistics::default();
    for order in 1..=MAX_ORDER {
        let ours = ngrams::sorted(&hypothesis, order, CHARACTER_BITS);
        let theirs = ngrams::sorted(&reference, order, CHARACTER_BITS);
        statistics.matches[order - 1] = ngrams::shared(&ours, &theirs);
        statistics.reference[order - 1] = theirs.len() as u64;
        if !theirs.is_empty() {
            statistics.hypothesis[order - 1] = ours.len() as u64;
        }
    }
    statistics
}

fn visible_characters(text: &str) -> Vec<u32> {
    text.chars().filter(|&c| !is_whitespace(c)).map(u32::from).collect()
}

impl Statistics {
    /// chrF2 from 0 to 100. Nothing in common, or nothing at all, is 0.
    pub fn score(&self) -> f64 {
        let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0.0);
        for order in 0..MAX_ORDER {
            let (hypothesis, reference) = (self.hypothesis[order], self.reference[order]);
            if hypothesis > 0 && reference > 0 {
                precision += self.matches[order] as f64 / hypothesis as f64;
                recall += self.matches[order] as f64 / reference as f64;
                orders += 1.0;
            }
        }
        if precision + recall == 0.0 {
            return 0.0;
        }
        precision /= orders;
        recall /= orders;
        let weight = BETA * BETA;
        100.0 * ((1.0 + weight) * precision * recall / (weight * precision + recall))
    }
}

impl AddAssign for Statistics {
    fn add_assign(&mut self, other: Self) {
        for order in 0..MAX_ORDER {
            self.matches[order] += other.matches[order];
            self.hypothesis[order] += other.hypothesis[order];
            self.reference[order] += other.reference[order];
        }
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
    fn spaces_do_not_count_but_case_and_accents_do() {
        assert_eq!(
            sentence_statistics("e d u c a\u{a0}ção\n", "educação"),
            sentence_statistics("educação", "educação")
        );
        assert_eq!(sentence_statistics("Ana", "ana").matches[0], 2);
        assert_eq!(sentence_statistics("avô", "avó").matches[0], 2);
    }

    #[test]
    fn a_short_reference_silences_the_orders_that_it_cannot_have() {
        let counted = sentence_statistics("sim, claro", "sim");
        assert_eq!(counted.hypothesis, [9, 8, 7, 0, 0, 0]);
        assert_eq!(counted.reference, [3, 2, 1, 0, 0, 0]);
        assert_eq!(counted.matches, [3, 2, 1, 0, 0, 0]);
    }

    #[test]
    fn recall_weighs_more_than_precision() {
        let (long, short) = ("a casa amarela da esquina", "a casa amarela");
        let too_long = sentence_statistics(long, short).score();
        let too_short = sentence_statistics(short, long).score();
        assert!(too_long > too_short + 10.0, "{too_long} {too_short}");
    }

    #[test]
    fn nothing_in_common_or_nothing_at_all_scores_0() {
        for (hypothesis, reference) in [("", ""), ("", "abc"), ("abc", ""), ("abc", "xyz")] {
            assert_eq!(sentence_statistics(hypothesis, reference).score(), 0.0);
        }
    }
}
