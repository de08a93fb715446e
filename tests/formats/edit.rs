//! Damage to bytes: at the places where a format keeps its sizes, and anywhere.

use proptest::prelude::*;
use proptest::sample::Index;

/// One change. Where it strikes is an index into the places given to [`apply`].
#[derive(Clone, Debug)]
pub enum Edit {
    /// Some bits of one byte, near the place.
    Flip(Index, usize, u8),
    /// Eight bytes become this number.
    Word(Index, u64),
    /// The file ends here, or up to two bytes off.
    Cut(Index, usize),
    /// Bytes come in between.
    Insert(Index, Vec<u8>),
    /// Bytes go.
    Remove(Index, usize),
    /// Two stretches of the file change places.
    Swap(Index, Index, usize),
}

/// Numbers that make sizes overflow, wrap, go negative or ask for the world.
pub const ABSURD: [u64; 14] = [
    0,
    1,
    7,
    0xff,
    0xffff,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 1,
    1 << 40,
    u64::MAX / 32 + 1,
    u64::MAX / 4 + 1,
    1 << 63,
    u64::MAX - 7,
    u64::MAX,
];

pub fn number() -> impl Strategy<Value = u64> {
    prop_oneof![prop::sample::select(&ABSURD[..]), any::<u64>(), 0..4096u64]
}

/// A few changes.
pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let place = any::<Index>;
    let edit = prop_oneof![
        4 => (place(), 0..9usize, 1..=255u8).prop_map(|(at, off, bits)| Edit::Flip(at, off, bits)),
        3 => (place(), number()).prop_map(|(at, word)| Edit::Word(at, word)),
        1 => (place(), 0..3usize).prop_map(|(at, off)| Edit::Cut(at, off)),
        1 => (place(), prop::collection::vec(any::<u8>(), 1..40))
            .prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        1 => (place(), 1..40usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        1 => (place(), place(), 1..40usize).prop_map(|(a, b, length)| Edit::Swap(a, b, length)),
    ];
    prop::collection::vec(edit, 1..4)
}

/// Changes `bytes` at `places`, which are offsets into them.
pub fn apply(bytes: &mut Vec<u8>, edits: &[Edit], places: &[usize]) {
    for edit in edits {
        let at = |index: &Index| places[index.index(places.len())].min(bytes.len());
        match edit {
            Edit::Flip(index, off, bits) => {
                let at = at(index) + off;
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Edit::Word(index, word) => {
                let at = at(index);
                if let Some(target) = bytes.get_mut(at..at + 8) {
                    target.copy_from_slice(&word.to_le_bytes());
                }
            }
            Edit::Cut(index, off) => {
                let at = at(index).saturating_sub(*off);
                bytes.truncate(at);
            }
            Edit::Insert(index, more) => {
                let at = at(index);
                bytes.splice(at..at, more.iter().copied());
            }
            Edit::Remove(index, length) => {
                let at = at(index);
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Edit::Swap(a, b, length) => {
                let (a, b) = (at(a).min(at(b)), at(a).max(at(b)));
                if b - a >= *length && b + length <= bytes.len() {
                    let (head, tail) = bytes.split_at_mut(b);
                    head[a..a + length].swap_with_slice(&mut tail[..*length]);
                }
            }
        }
    }
}
