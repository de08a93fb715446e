//! Which sentences go through the network together.

use crate::model::Source;

/// How large a batch may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Sentences a batch.
    pub sentences: usize,
    /// Source tokens a batch; one sentence may exceed it alone.
    pub tokens: usize,
    /// Source tokens below which no batch is made for the sake of other threads. A product reads
    /// all its weights however few its rows are: below a handful of sentences, two threads with
    /// half a batch each take about as long as one with the whole.
    pub worthwhile: usize,
}

impl Limits {
    /// Small enough that one part of the work, the longest time between two chances to stop,
    /// takes a few milliseconds in a browser, and some tens on a slow phone.
    pub const SLICED: Limits = Limits { sentences: 64, tokens: 512, worthwhile: 192 };

    /// For throughput, where nobody waits for a slice.
    pub const BULK: Limits = Limits { sentences: 64, tokens: 2048, worthwhile: 384 };
}

/// Batches a thread where there is enough work: the last ones even out what the threads' speeds
/// and the lengths of translations make uneven.
const ROUNDS: usize = 3;

/// Source tokens of a long job that `threads` share at a time: batches for all of them, while the
/// rest is still being encoded. An eighth less than would fit, since sentences fill no batch
/// exactly, and the last must not be a small one.
pub fn portion(limits: Limits, threads: usize) -> usize {
    limits.tokens.saturating_mul(threads * ROUNDS) / 8 * 7
}

/// Into how many batches so many tokens go, if `threads` share them.
fn count(tokens: usize, limits: Limits, threads: usize) -> usize {
    let fewest = tokens.div_ceil(limits.tokens.max(1));
    if threads == 1 {
        return fewest;
    }
    let most = tokens / limits.worthwhile.max(1);
    let wanted = fewest.max(most.min(threads * ROUNDS)).max(1);
    // As many for each, so that none waits for another's last.
    let even = wanted / threads * threads;
    if even >= fewest.max(1) { even } else { wanted }
}

/// Sorts `items` by length, longest first, and cuts them into batches: sentences of one batch end
/// at about the same step, and the longest work starts first. With several threads there are
/// batches for all of them, as long as they stay worthwhile.
pub fn batches<T>(
    mut items: Vec<T>,
    length: impl Fn(&T) -> usize,
    limits: Limits,
    threads: usize,
) -> Vec<Vec<T>> {
    items.sort_by_key(|item| std::cmp::Reverse(length(item)));
    let total: usize = items.iter().map(&length).sum();
    let count = count(total, limits, threads);
    let target = total.div_ceil(count.max(1));
    let mut batches: Vec<Vec<T>> = Vec::new();
    let mut tokens = 0;
    for item in items {
        let more = length(&item);
        match batches.last_mut() {
            Some(last)
                if last.len() < limits.sentences
                    && tokens + more <= limits.tokens
                    && (threads == 1 || tokens < target) =>
            {
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

/// Sentences that are translated together, with where their translations belong.
#[derive(Clone, Debug)]
pub struct Batch {
    pub places: Vec<Place>,
    pub sources: Vec<Source>,
}

impl Batch {
    pub fn new(sentences: Vec<(Place, Source)>) -> Self {
        let (places, sources) = sentences.into_iter().unzip();
        Batch { places, sources }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn sizes(lengths: Range<usize>, limits: Limits) -> Vec<Vec<usize>> {
        batches(lengths.collect(), |&n| n, limits, 1)
    }

    #[test]
    fn both_limits_hold_and_nothing_is_lost() {
        let limits = Limits { sentences: 3, tokens: 20, worthwhile: 5 };
        for threads in [1, 2, 3, 8] {
            let batches = batches((1..12).collect(), |&n| n, limits, threads);
            assert_eq!(batches.concat(), (1..12).rev().collect::<Vec<_>>());
            for batch in &batches {
                assert!(
                    batch.len() <= 3 && (batch.len() == 1 || batch.iter().sum::<usize>() <= 20)
                );
            }
        }
    }

    #[test]
    fn a_sentence_over_the_limit_stands_alone() {
        let limits = Limits { sentences: 8, tokens: 4, worthwhile: 4 };
        assert_eq!(sizes(3..7, limits), [[6], [5], [4], [3]]);
    }

    #[test]
    fn several_threads_share_what_one_would_do_at_once_if_it_is_worthwhile() {
        let limits = Limits { sentences: 64, tokens: 1000, worthwhile: 100 };
        let sizes = |sentences: usize, threads| -> Vec<usize> {
            let batches = batches(vec![20; sentences], |&n| n, limits, threads);
            batches.iter().map(Vec::len).collect()
        };
        assert_eq!(sizes(30, 1), [30]);
        assert_eq!(sizes(30, 2), [5; 6], "three rounds for each");
        assert_eq!(sizes(30, 4), [8, 8, 8, 6], "fewer rounds, as many for each");
        assert_eq!(sizes(9, 4), [9], "too little to share");
        assert_eq!(sizes(15, 2), [8, 7]);
        assert_eq!(sizes(200, 2).len(), 6);
        assert_eq!(sizes(0, 4), [0; 0]);
    }
}
