//! Counting the n-grams that two sequences share.
//!
//! Both metrics need the same thing: for one order, how many n-grams of the hypothesis occur in
//! the reference, where each occurrence there is used up once ("clipped" counts). An n-gram is
//! packed whole into a `u128`, so the comparison is exact; there is no hash that could collide.
//! Sorting two short vectors of integers and walking them side by side is then cheaper than
//! filling a map.

/// The n-grams of `order` in `symbols`, sorted, repeated ones repeated.
///
/// Each symbol must fit into `bits`, and `order * bits` must be from 1 to 128.
pub fn sorted(symbols: &[u32], order: usize, bits: u32) -> Vec<u128> {
    let width = order as u32 * bits;
    debug_assert!((1..=128).contains(&width), "order {order} with {bits} bits does not fit");
    debug_assert!(symbols.iter().all(|&symbol| u64::from(symbol) >> bits == 0));
    let mask = u128::MAX >> (128 - width);
    let mut window = 0;
    let mut ngrams = Vec::with_capacity(symbols.len());
    for (i, &symbol) in symbols.iter().enumerate() {
        window = ((window << bits) | u128::from(symbol)) & mask;
        if i + 1 >= order {
            ngrams.push(window);
        }
    }
    ngrams.sort_unstable();
    ngrams
}

/// The size of the multiset intersection of two sorted slices.
pub fn shared(a: &[u128], b: &[u128]) -> u64 {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                count += 1;
                i += 1;
                j += 1;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// The definition, word for word: counts in maps, the smaller count of each n-gram.
    fn shared_by_definition(a: &[u32], b: &[u32], order: usize) -> u64 {
        let count = |symbols: &[u32]| {
            let mut counts = HashMap::<Vec<u32>, u64>::new();
            for window in symbols.windows(order) {
                *counts.entry(window.to_vec()).or_default() += 1;
            }
            counts
        };
        let (a, b) = (count(a), count(b));
        a.iter().map(|(ngram, &n)| n.min(b.get(ngram).copied().unwrap_or(0))).sum()
    }

    #[test]
    fn a_sequence_shorter_than_the_order_has_no_ngrams() {
        assert!(sorted(&[], 1, 32).is_empty());
        assert!(sorted(&[7, 8, 9], 4, 32).is_empty());
        assert_eq!(sorted(&[7, 8, 9, 10], 4, 32).len(), 1);
    }

    #[test]
    fn the_largest_symbols_keep_their_neighbours_apart() {
        let top = u32::MAX;
        let a = sorted(&[top, top, top, top, 0], 4, 32);
        let b = sorted(&[0, top, top, top, top], 4, 32);
        assert_eq!(shared(&a, &b), 1);
        let last = char::MAX as u32;
        let a = sorted(&[0, last, last, last, last, last, last], 6, 21);
        let b = sorted(&[last, last, last, last, last, last, 1], 6, 21);
        assert_eq!(shared(&a, &b), 1);
    }

    proptest! {
        #[test]
        fn shared_counts_follow_the_definition(
            a in prop::collection::vec(0_u32..4, 0..30),
            b in prop::collection::vec(0_u32..4, 0..30),
            order in 1_usize..=6,
        ) {
            let counted = shared(&sorted(&a, order, 21), &sorted(&b, order, 21));
            prop_assert_eq!(counted, shared_by_definition(&a, &b, order));
        }
    }
}
