//! Lexical shortlists: which target tokens may follow from which source tokens.
//!
//! In a package a shortlist is packed, all numbers little-endian: the eight bytes `PGSHORT1`, u32
//! number of frequent tokens, u32 number of source tokens, then for each source token its list. A
//! list is its length and its ids, ascending: the first as it is, each other one as what it is more
//! than the one before, less 1. These numbers are in LEB128, seven bits a byte, the lowest first.
//!
//! Lists are looked into as they are packed. Of the default model that is two fifths of what plain
//! ids take, and two thirds of what gzip makes of those.

mod marian;

#[cfg(feature = "import")]
pub(super) use marian::MAGIC as MARIAN_MAGIC;

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::token::TokenId;

const MAGIC: &[u8; 8] = b"PGSHORT1";
/// Magic bytes and two numbers.
const HEADER: usize = 16;

/// For each source token the target tokens that it may become, and those always allowed.
#[derive(Clone, PartialEq, Eq)]
pub struct Shortlist {
    /// Ids below this are always allowed: the most frequent pieces, `</s>` among them.
    frequent: u32,
    /// In the form that packages have.
    packed: Bytes,
    /// `[vocabulary]`: where each source token's list starts in `packed`.
    starts: Vec<u32>,
}

impl std::fmt::Debug for Shortlist {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shortlist({} lists, {} bytes)", self.starts.len(), self.packed.len())
    }
}

impl Shortlist {
    /// Reads a shortlist for a model of `vocabulary` pieces: packed, or in Marian's binary form.
    ///
    /// # Errors
    /// `Malformed`, with the place, for bytes that are not exactly one sound shortlist.
    pub fn read(bytes: Bytes, vocabulary: usize) -> Result<Self> {
        if !bytes.starts_with(MAGIC) {
            return marian::read(bytes, vocabulary);
        }
        let number = |at: usize| -> Option<u32> {
            Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
        };
        let (Some(frequent), Some(lists)) = (number(8), number(12)) else {
            return Err(Error::malformed("ends within its header"));
        };
        check_sizes(frequent.into(), lists.into(), vocabulary)?;
        // Before room is made for them: a list takes a byte at least.
        if bytes.len() - HEADER < vocabulary {
            return Err(Error::malformed(format!(
                "{} bytes cannot hold {lists} lists",
                bytes.len()
            )));
        }
        let mut starts = Vec::with_capacity(vocabulary);
        let mut reader = Packed { bytes: &bytes, at: HEADER };
        for token in 0..lists {
            starts.push(reader.at as u32);
            reader.check_list(vocabulary).map_err(|what| {
                Error::malformed(format!("the list of source token {token} {what}"))
            })?;
        }
        if reader.at < bytes.len() {
            let left = bytes.len() - reader.at;
            return Err(Error::malformed(format!("{left} bytes follow the last list")));
        }
        Ok(Shortlist { frequent, packed: bytes, starts })
    }

    /// Packs lists, one a source token, of ids that ascend.
    ///
    /// # Errors
    /// `Malformed` where it would be too large for any package.
    fn pack(frequent: u32, lists: impl ExactSizeIterator<Item = Vec<u32>>) -> Result<Self> {
        let mut packed = Vec::from(MAGIC);
        packed.extend(frequent.to_le_bytes());
        packed.extend((lists.len() as u32).to_le_bytes());
        let mut starts = Vec::with_capacity(lists.len());
        for list in lists {
            let start = u32::try_from(packed.len());
            starts.push(start.map_err(|_| Error::malformed("has more than 4 GB of lists"))?);
            push(&mut packed, list.len() as u32);
            let mut least = 0;
            for id in list {
                push(&mut packed, id - least);
                least = id + 1;
            }
        }
        Ok(Shortlist { frequent, packed: packed.into(), starts })
    }

    /// The shortlist of a vocabulary of which only those pieces are left for which `keep`
    /// `[vocabulary]` says so.
    ///
    /// # Errors
    /// `InvalidInput` when `keep` is for another vocabulary.
    pub fn keep(&self, keep: &[bool]) -> Result<Self> {
        if keep.len() != self.starts.len() {
            return Err(Error::invalid(format!(
                "{} pieces, the shortlist has lists for {}",
                keep.len(),
                self.starts.len()
            )));
        }
        let place = |place: &mut u32, &keep: &bool| {
            let here = *place;
            *place += u32::from(keep);
            Some(here)
        };
        let places: Vec<u32> = keep.iter().scan(0, place).collect();
        let kept = (0..keep.len()).filter(|&token| keep[token]);
        let lists: Vec<Vec<u32>> = kept
            .map(|token| {
                let list = self.list(TokenId(token as u32)).map(TokenId::index);
                list.filter(|&id| keep[id]).map(|id| places[id]).collect()
            })
            .collect();
        let frequent = keep[..self.frequent as usize].iter().filter(|&&keep| keep).count();
        Self::pack(frequent as u32, lists.into_iter())
    }

    /// The form that packages have.
    pub fn packed(&self) -> &Bytes {
        &self.packed
    }

    /// The target tokens of one source token, ascending; none of one that is not known.
    pub fn list(&self, token: TokenId) -> impl Iterator<Item = TokenId> {
        let start = self.starts.get(token.index());
        let mut reader = Packed { bytes: &self.packed, at: start.map_or(0, |&at| at as usize) };
        let length = start.and_then(|_| reader.number()).unwrap_or(0);
        let mut least = 0;
        // All lists were read once before, so that each number is there.
        (0..length).map_while(move |_| {
            let id = least + reader.number()?;
            least = id + 1;
            Some(TokenId(id))
        })
    }

    /// The tokens that a sentence of these source tokens may produce, ascending, without repeats;
    /// at least the `frequent` first of the vocabulary among them. Source tokens that the list does
    /// not know add nothing.
    pub fn candidates(&self, source: &[TokenId], frequent: u32) -> Vec<TokenId> {
        let frequent = self.frequent.max(frequent.min(self.starts.len() as u32));
        let mut allowed: Vec<TokenId> = (0..frequent).map(TokenId).collect();
        for &token in source {
            allowed.extend(self.list(token));
        }
        allowed.sort_unstable();
        allowed.dedup();
        allowed
    }
}

fn check_sizes(frequent: u64, lists: u64, vocabulary: usize) -> Result<()> {
    if lists != vocabulary as u64 {
        return Err(Error::malformed(format!(
            "has lists for {lists} source tokens, the vocabulary has {vocabulary} pieces"
        )));
    }
    if frequent > vocabulary as u64 {
        return Err(Error::malformed("more frequent tokens than the vocabulary has pieces"));
    }
    Ok(())
}

/// Packed lists, on the way through them.
struct Packed<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Packed<'_> {
    /// The next number; none where the bytes end within it, or where it has more than 32 bits.
    #[inline]
    fn number(&mut self) -> Option<u32> {
        let mut value = 0;
        for shift in (0..32).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            let bits = u32::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// Goes over the next list; else what is wrong with it.
    fn check_list(&mut self, vocabulary: usize) -> Result<(), String> {
        const CUT: &str = "is cut off or broken";
        let length = self.number().ok_or(CUT)?;
        let mut least = 0u64;
        for _ in 0..length {
            let id = least + u64::from(self.number().ok_or(CUT)?);
            if id >= vocabulary as u64 {
                return Err(format!("has {id}, the vocabulary has {vocabulary} pieces"));
            }
            least = id + 1;
        }
        Ok(())
    }
}

fn push(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pack(frequent: u32, lists: &[&[u32]]) -> Shortlist {
        Shortlist::pack(frequent, lists.iter().map(|list| list.to_vec())).unwrap()
    }

    fn ids(shortlist: &Shortlist, source: &[u32]) -> Vec<u32> {
        let source: Vec<_> = source.iter().copied().map(TokenId).collect();
        shortlist.candidates(&source, 0).iter().map(|id| id.0).collect()
    }

    #[test]
    fn candidates_unite_the_lists_and_the_frequent_tokens() {
        let list = pack(2, &[&[3], &[], &[2, 3], &[1]]);
        assert_eq!(ids(&list, &[]), [0, 1]);
        assert_eq!(ids(&list, &[0, 3]), [0, 1, 3]);
        assert_eq!(ids(&list, &[2, 0, 99, u32::MAX]), [0, 1, 2, 3]);
        assert_eq!(list.candidates(&[], 3), [0, 1, 2].map(TokenId));
        assert_eq!(list.candidates(&[], 9).len(), 4, "no more than the vocabulary has");
    }

    #[test]
    fn pieces_that_go_leave_all_lists_and_the_others_move_up() {
        let list = pack(2, &[&[1, 3], &[2], &[1], &[0, 1, 3]]);
        let left = list.keep(&[true, false, true, true]).unwrap();
        assert_eq!(left, pack(1, &[&[2], &[], &[0, 2]]));
        assert_eq!(list.keep(&[true; 4]).unwrap(), list);
        assert!(list.keep(&[true; 3]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_packed_reads_back(
            sets in prop::collection::vec(prop::collection::btree_set(0u32..70_000, 0..40), 1..9),
        ) {
            let vocabulary = 70_000;
            let mut lists: Vec<Vec<u32>> =
                sets.into_iter().map(|set| set.into_iter().collect()).collect();
            lists.resize(vocabulary, Vec::new());
            let packed = Shortlist::pack(0, lists.iter().cloned()).unwrap();
            let read = Shortlist::read(packed.packed().clone(), vocabulary).unwrap();
            prop_assert_eq!(&read, &packed);
            for (token, list) in (0..).zip(&lists) {
                prop_assert_eq!(&ids(&read, &[token]), list);
            }
        }
    }

    #[test]
    fn what_is_broken_is_named() {
        let good = pack(1, &[&[1], &[0, 1]]).packed().to_vec();
        let error = |bytes: &[u8], vocabulary| {
            Shortlist::read(Bytes::copy_from_slice(bytes), vocabulary).unwrap_err().to_string()
        };
        for length in 0..good.len() {
            error(&good[..length], 2);
        }
        let more = [&good[..], &[0]].concat();
        assert!(error(&more, 2).contains("1 bytes follow"), "{}", error(&more, 2));
        assert!(error(&good, 3).contains("lists for 2 source tokens, the vocabulary has 3"));
        let far = pack(1, &[&[1], &[0, 7]]).packed().to_vec();
        assert!(error(&far, 2).contains("source token 1 has 7"), "{}", error(&far, 2));
        let many = pack(3, &[&[1], &[0]]).packed().to_vec();
        assert!(error(&many, 2).contains("more frequent tokens"));
        // A number that never ends, and one with too many bits.
        for number in [&[0xff; 9][..], &[0xff, 0xff, 0xff, 0xff, 0x7f]] {
            let bad = [&good[..HEADER], number, &[0; 4]].concat();
            assert!(error(&bad, 2).contains("broken"), "{}", error(&bad, 2));
        }
    }
}
