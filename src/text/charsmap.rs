//! The table of a SentencePiece file that says which characters are read as which others, for
//! example by NFKC: a double-array trie in the layout of Darts-clone over the sequences to replace,
//! and the text of the replacements. A stranger's table may point anywhere, so every step is
//! checked: what leads out of the table matches nothing.

use crate::error::{Error, Result};

/// Bytes of a sequence to replace. Those of NFKC stay below 32; a table that runs in circles would
/// look through the whole text from every character.
const MAX_RULE: usize = 512;
/// Bytes of a replacement. Those of NFKC stay below 40; a text must not grow beyond measure.
const MAX_REPLACEMENT: usize = 256;

pub(super) struct Charsmap {
    /// The double array.
    units: Vec<Unit>,
    /// Each ends with a NUL.
    replacements: String,
}

impl Charsmap {
    /// Reads the table: bytes of the trie (`u32`), the trie, the replacements.
    ///
    /// # Errors
    /// `Malformed` when the parts do not fit together.
    pub fn read(table: &[u8]) -> Result<Self> {
        let broken = |what: &str| Error::malformed(format!("its table of characters {what}"));
        let (length, rest) = table.split_first_chunk().ok_or_else(|| broken("is cut off"))?;
        let length = u32::from_le_bytes(*length) as usize;
        let (trie, replacements) =
            rest.split_at_checked(length).ok_or_else(|| broken("is cut off"))?;
        let (units, odd) = trie.as_chunks();
        if !odd.is_empty() {
            return Err(broken("is no sequence of 32-bit numbers"));
        }
        let replacements =
            str::from_utf8(replacements).map_err(|_| broken("replaces by what is no UTF-8"))?;
        if replacements.split('\0').any(|replacement| replacement.len() > MAX_REPLACEMENT) {
            return Err(broken(&format!("replaces by more than {MAX_REPLACEMENT} bytes")));
        }
        Ok(Charsmap {
            units: units.iter().map(|unit| Unit(u32::from_le_bytes(*unit))).collect(),
            replacements: replacements.to_owned(),
        })
    }

    /// The longest sequence to replace that `text` starts with: its length, which is never 0, and
    /// what stands for it.
    pub fn longest(&self, text: &[u8]) -> Option<(usize, &str)> {
        let mut found = None;
        let mut at = self.units.first()?.offset();
        for (length, &byte) in (1..=MAX_RULE).zip(text) {
            let Some(unit) = self.units.get(at ^ usize::from(byte)) else { break };
            if unit.label() != u32::from(byte) {
                break;
            }
            at ^= usize::from(byte) ^ unit.offset();
            if unit.has_leaf() {
                found = self.units.get(at).map(|leaf| (length, leaf.value())).or(found);
            }
        }
        let (length, start) = found?;
        let replacement = self.replacements.get(start..)?;
        Some((length, replacement.split('\0').next().unwrap_or_default()))
    }
}

/// An element of the double array: a node, or the value of the sequence that ends at its parent.
#[derive(Clone, Copy)]
struct Unit(u32);

impl Unit {
    /// Whether a sequence ends at this node.
    fn has_leaf(self) -> bool {
        self.0 >> 8 & 1 == 1
    }

    fn value(self) -> usize {
        (self.0 & 0x7fff_ffff) as usize
    }

    /// The byte that leads to this node; that of a value is none.
    fn label(self) -> u32 {
        self.0 & 0x8000_00ff
    }

    /// What the children's places differ by from this one's, beside their labels.
    fn offset(self) -> usize {
        ((self.0 >> 10) << ((self.0 & 0x200) >> 6)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table with a trie of these units.
    fn table(units: &[u32], replacements: &[u8]) -> Vec<u8> {
        let trie: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        [&(trie.len() as u32).to_le_bytes(), &trie[..], replacements].concat()
    }

    /// Replaces `a` by `xy` and `ab` by `é`.
    fn small() -> Vec<u8> {
        let mut units = vec![0; 0x64 + 1];
        let place = |offset: usize| (offset as u32) << 10;
        // The children of the root stand at their labels, those of `a` at 4 ^ label, and so on.
        units[0] = place(0);
        units[usize::from(b'a')] = place(0x65) | 1 << 8 | u32::from(b'a');
        units[0x61 ^ 0x65] = 1 << 31;
        units.resize(0x80, 0);
        let b = 4 ^ usize::from(b'b');
        units[b] = place(b ^ 1) | 1 << 8 | u32::from(b'b');
        units[1] = 1 << 31 | 3;
        table(&units, "xy\0é\0".as_bytes())
    }

    #[test]
    fn the_longest_sequence_is_replaced() {
        let map = Charsmap::read(&small()).unwrap();
        assert_eq!(map.longest(b"abc"), Some((2, "é")));
        assert_eq!(map.longest(b"ac"), Some((1, "xy")));
        assert_eq!(map.longest(b"ca"), None);
        assert_eq!(map.longest(b""), None);
    }

    #[test]
    fn what_points_out_of_the_table_matches_nothing() {
        for unit in 0..0x80 {
            for value in [0, u32::MAX, 0x7fff_ffff, 0xffff_fe61, 0x161, 0x361] {
                let mut table = small();
                table[4 + 4 * unit..][..4].copy_from_slice(&value.to_le_bytes());
                let map = Charsmap::read(&table).unwrap();
                map.longest(b"abababab");
                map.longest(&[b'a'; 1000]);
            }
        }
        // Into the middle of a character, and behind the end.
        for value in [4, 200] {
            let mut table = small();
            table[8] = value;
            table[11] = 0x80;
            assert_eq!(Charsmap::read(&table).unwrap().longest(b"ab"), None);
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let refused = |table: &[u8]| Charsmap::read(table).err().unwrap().to_string();
        assert!(refused(b"").contains("cut off"));
        assert!(refused(&[9, 0, 0, 0, 1]).contains("cut off"));
        assert!(refused(&[1, 0, 0, 0, 1]).contains("32-bit"));
        assert!(refused(&table(&[0], b"\xff\0")).contains("UTF-8"));
        assert!(refused(&table(&[0], &[b'a'; 257])).contains("more than 256 bytes"));
        assert_eq!(Charsmap::read(&table(&[], b"")).unwrap().longest(b"a"), None);
    }
}
