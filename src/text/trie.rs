//! A trie over byte strings: every key that a text starts with is found in one walk.
//!
//! Flat arrays, built level by level from the sorted keys in time and memory linear in their
//! bytes, whatever the keys. A double array would be walked a little faster, but keys that are
//! made for it can scatter it over any amount of memory.

/// Of a node where no key ends.
const NONE: u32 = u32::MAX;
/// Up to so many labels are looked through one by one.
const FEW: usize = 8;

pub(super) struct Trie {
    /// In breadth-first order, so that the children of a node stand together; one more at the end.
    nodes: Vec<Node>,
    /// The byte that leads to each node, ascending among the children of one.
    labels: Vec<u8>,
    /// Where each first byte leads: the root has many children and is always passed.
    first: [u32; 256],
}

#[derive(Clone, Copy)]
struct Node {
    /// The first child; the last one stands before the next node's first.
    children: u32,
    /// That of the key that ends here.
    value: u32,
}

impl Trie {
    /// `keys`, none of them empty, with their values, in any order.
    ///
    /// # Errors
    /// The values of two keys that are the same, in their order.
    pub fn new(keys: &[(&[u8], u32)]) -> Result<Self, [u32; 2]> {
        let sorted = sorted(keys);
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err([pair[0].1, pair[1].1]);
        }
        let mut trie = Trie { nodes: Vec::new(), labels: vec![0], first: [NONE; 256] };
        // The keys under each node of a level; all share their first `depth` bytes.
        let mut level = vec![(0, sorted.len())];
        let mut next = Vec::new();
        for depth in 0.. {
            if level.is_empty() {
                break;
            }
            for &(mut start, end) in &level {
                let mut node = Node { children: trie.labels.len() as u32, value: NONE };
                if let Some((_, value)) = sorted.get(start).filter(|(key, _)| key.len() == depth) {
                    node.value = *value;
                    start += 1;
                }
                trie.nodes.push(node);
                while start < end {
                    let label = sorted[start].0[depth];
                    let same = sorted[start..end].iter().take_while(|(key, _)| key[depth] == label);
                    let stop = start + same.count();
                    trie.labels.push(label);
                    next.push((start, stop));
                    start = stop;
                }
            }
            level.clear();
            std::mem::swap(&mut level, &mut next);
        }
        trie.nodes.push(Node { children: trie.labels.len() as u32, value: NONE });
        for child in trie.children(0) {
            trie.first[usize::from(trie.labels[child])] = child as u32;
        }
        Ok(trie)
    }

    /// Every key that `text` starts with, the shortest first: its length and its value.
    pub fn prefixes<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (usize, u32)> + 'a {
        let start = text.first().map_or(NONE, |&byte| self.first[usize::from(byte)]);
        let mut node = (start != NONE).then_some(start as usize);
        let mut depth = 0;
        std::iter::from_fn(move || {
            while let Some(here) = node {
                depth += 1;
                node = text.get(depth).and_then(|&byte| self.child(here, byte));
                let value = self.nodes[here].value;
                if value != NONE {
                    return Some((depth, value));
                }
            }
            None
        })
    }

    fn child(&self, node: usize, label: u8) -> Option<usize> {
        let children = self.children(node);
        let labels = &self.labels[children.clone()];
        let at = if labels.len() <= FEW {
            labels.iter().position(|&other| other == label)?
        } else {
            labels.binary_search(&label).ok()?
        };
        Some(children.start + at)
    }

    fn children(&self, node: usize) -> std::ops::Range<usize> {
        self.nodes[node].children as usize..self.nodes[node + 1].children as usize
    }
}

/// Most keys differ in their first eight bytes, which compare as one number.
fn sorted<'a>(keys: &[(&'a [u8], u32)]) -> Vec<(&'a [u8], u32)> {
    let mut order: Vec<(u64, u32)> =
        (0..).zip(keys).map(|(at, (key, _))| (head(key), at)).collect();
    let key = |at: u32| keys[at as usize].0;
    order.sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| key(a.1).cmp(key(b.1))).then(a.1.cmp(&b.1))
    });
    order.into_iter().map(|(_, at)| keys[at as usize]).collect()
}

fn head(key: &[u8]) -> u64 {
    let mut head = [0; 8];
    let length = key.len().min(8);
    head[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(trie: &Trie, text: &str) -> Vec<(usize, u32)> {
        trie.prefixes(text.as_bytes()).collect()
    }

    #[test]
    fn every_key_that_a_text_starts_with_is_found() {
        let keys: [&str; 7] = ["abc", "b", "a", "ab\0", "abcdefghi", "abcdefghij", "é"];
        let keys: Vec<(&[u8], u32)> =
            keys.iter().zip(10..).map(|(key, id)| (key.as_bytes(), id)).collect();
        let trie = Trie::new(&keys).unwrap();
        assert_eq!(found(&trie, "abcdefghijk"), [(1, 12), (3, 10), (9, 14), (10, 15)]);
        assert_eq!(found(&trie, "ab\0"), [(1, 12), (3, 13)]);
        assert_eq!(found(&trie, "ba"), [(1, 11)]);
        assert_eq!(found(&trie, "éa"), [(2, 16)]);
        assert_eq!(found(&trie, "è"), []);
        assert_eq!(found(&trie, ""), []);
    }

    #[test]
    fn all_bytes_may_follow_one_another() {
        let keys: Vec<[u8; 2]> = (0..=255).flat_map(|a| (0..=255).map(move |b| [a, b])).collect();
        let keys: Vec<(&[u8], u32)> = keys.iter().map(|key| &key[..]).zip(0..).collect();
        let trie = Trie::new(&keys).unwrap();
        for (key, value) in keys {
            assert_eq!(trie.prefixes(key).collect::<Vec<_>>(), [(2, value)]);
        }
    }

    #[test]
    fn no_keys_and_equal_keys_are_told() {
        assert_eq!(found(&Trie::new(&[]).unwrap(), "a"), []);
        let twice = Trie::new(&[(b"a", 3), (b"b", 4), (b"a", 5)]);
        assert_eq!(twice.err(), Some([3, 5]));
    }
}
