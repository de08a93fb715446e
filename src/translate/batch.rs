//! Which sentences go through the network together.

/// How large a batch may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Sentences a batch.
    pub sentences: usize,
    /// Source tokens a batch; one sentence may exceed it alone.
    pub tokens: usize,
}

impl Limits {
    /// Small enough that one part of the work, the longest time between two chances to stop,
    /// takes some tens of milliseconds in a browser.
    pub const SLICED: Limits = Limits { sentences: 64, tokens: 256 };

    /// For throughput, where nobody waits for a slice.
    pub const BULK: Limits = Limits { sentences: 64, tokens: 2048 };
}

/// Sorts `items` by length, longest first, and cuts them into batches: sentences of one batch end
/// at about the same step, and the longest work starts first.
pub fn batches<T>(mut items: Vec<T>, length: impl Fn(&T) -> usize, limits: Limits) -> Vec<Vec<T>> {
    items.sort_by_key(|item| std::cmp::Reverse(length(item)));
    let mut batches: Vec<Vec<T>> = Vec::new();
    let mut tokens = 0;
    for item in items {
        let more = length(&item);
        match batches.last_mut() {
            Some(last) if last.len() < limits.sentences && tokens + more <= limits.tokens => {
                last.push(item);
                tokens += more;
            }
            _ => {
                batches.push(vec![item]);
                tokens = more;
            }
        }
    }
    batches
}

/// A sentence of a job: which text, which of its pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub text: usize,
    pub piece: usize,
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn sizes(lengths: Range<usize>, limits: Limits) -> Vec<Vec<usize>> {
        batches(lengths.collect(), |&n| n, limits)
    }

    #[test]
    fn both_limits_hold_and_nothing_is_lost() {
        let limits = Limits { sentences: 3, tokens: 20 };
        let batches = sizes(1..12, limits);
        assert_eq!(batches.concat(), (1..12).rev().collect::<Vec<_>>());
        for batch in &batches {
            assert!(batch.len() <= 3 && (batch.len() == 1 || batch.iter().sum::<usize>() <= 20));
        }
    }

    #[test]
    fn a_sentence_over_the_limit_stands_alone() {
        let limits = Limits { sentences: 8, tokens: 4 };
        assert_eq!(sizes(3..7, limits), [[6], [5], [4], [3]]);
    }
}
