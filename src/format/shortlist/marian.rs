//! Shortlists in Marian's binary form, all little-endian: six u64 (magic, checksum, number of
//! frequent tokens, tokens kept a source token, length of the offset table, length of the token
//! list), then u64 offsets a source token (one more than there are tokens), then u32 target ids.

use bytes::Bytes;

use super::{Shortlist, check_sizes};
use crate::error::{Error, Result};
use crate::format::reader::Reader;

/// What such a file begins with.
pub const MAGIC: u64 = 0xF11A_48D5_0134_17F5;

/// Reads a file, for a model of `vocabulary` pieces. The order within its lists, which means nothing,
/// is not kept.
pub fn read(bytes: Bytes, vocabulary: usize) -> Result<Shortlist> {
    let whole = bytes.clone();
    let mut reader = Reader::new(bytes);
    let magic = reader.u64("magic number")?;
    if magic != MAGIC {
        return Err(Error::malformed(format!(
            "starts with {magic:#018x}, a binary shortlist starts with {MAGIC:#018x}"
        )));
    }
    let checksum = reader.u64("checksum")?;
    let checked_from = reader.position();
    let frequent = reader.u64("number of frequent tokens")?;
    let _kept_per_token = reader.u64("tokens kept a source token")?;
    let offset_count = reader.u64("length of the offset table")?;
    let id_count = reader.u64("length of the token list")?;
    let offsets = reader.take_items(offset_count, 8, "offset table")?;
    let ids = reader.take_items(id_count, 4, "token list")?;
    if reader.left() > 0 {
        return Err(Error::malformed(format!(
            "{} bytes follow the token list, which should end the file",
            reader.left()
        )));
    }
    if hash(&whole[checked_from..]) != checksum {
        return Err(Error::malformed("the checksum does not match: the file is damaged"));
    }
    check_sizes(frequent, offset_count.saturating_sub(1), vocabulary)?;
    let offsets = read_offsets(&offsets, id_count)?;
    let ids = read_ids(&ids, vocabulary)?;
    let lists = (0..vocabulary).map(|token| {
        let list = &ids[offsets[token] as usize..offsets[token + 1] as usize];
        let mut list = list.to_vec();
        list.sort_unstable();
        list.dedup();
        list
    });
    Shortlist::pack(frequent as u32, lists)
}

fn read_offsets(bytes: &[u8], id_count: u64) -> Result<Vec<u32>> {
    let mut offsets = Vec::with_capacity(bytes.len() / 8);
    let mut previous = 0;
    for (token, word) in bytes.as_chunks::<8>().0.iter().enumerate() {
        let offset = u64::from_le_bytes(*word);
        match u32::try_from(offset) {
            Ok(small) if offset >= previous && offset <= id_count => offsets.push(small),
            _ => {
                return Err(Error::malformed(format!(
                    "offset {token} is {offset}, expected {previous} to {id_count}"
                )));
            }
        }
        previous = offset;
    }
    Ok(offsets)
}

fn read_ids(bytes: &[u8], vocabulary: usize) -> Result<Vec<u32>> {
    let ids: Vec<_> = bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
    match ids.iter().position(|id| *id as usize >= vocabulary) {
        None => Ok(ids),
        Some(at) => Err(Error::malformed(format!(
            "entry {at} of the token list is {}, the vocabulary has {vocabulary} pieces",
            ids[at]
        ))),
    }
}

/// Marian's checksum: words folded one by one with the golden ratio, as in Boost's `hash_combine`.
/// Bytes beyond the last whole word are left out, as Marian does.
fn hash(bytes: &[u8]) -> u64 {
    bytes.as_chunks::<8>().0.iter().fold(0, |seed: u64, word| {
        let word = u64::from_le_bytes(*word);
        seed ^ word
            .wrapping_add(0x9e37_79b9)
            .wrapping_add(seed.wrapping_shl(6))
            .wrapping_add(seed.wrapping_shr(2))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::TokenId;

    /// A sound file: `lists[i]` belongs to source token i.
    fn file(frequent: u64, lists: &[&[u32]]) -> Vec<u8> {
        let ids: Vec<u32> = lists.concat();
        let mut body = Vec::new();
        for word in [frequent, 50, lists.len() as u64 + 1, ids.len() as u64] {
            body.extend(word.to_le_bytes());
        }
        let mut offset = 0u64;
        body.extend(offset.to_le_bytes());
        for list in lists {
            offset += list.len() as u64;
            body.extend(offset.to_le_bytes());
        }
        body.extend(ids.iter().flat_map(|id| id.to_le_bytes()));
        let mut bytes = Vec::from(MAGIC.to_le_bytes());
        bytes.extend(hash(&body).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    #[test]
    fn lists_are_read_in_whatever_order() {
        let list = read(file(2, &[&[3], &[], &[3, 2, 3], &[1]]).into(), 4).unwrap();
        let ids = |source: u32| list.candidates(&[TokenId(source)], 0);
        assert_eq!(ids(0), [0, 1, 3].map(TokenId));
        assert_eq!(ids(1), [0, 1].map(TokenId));
        assert_eq!(ids(2), [0, 1, 2, 3].map(TokenId));
        assert_eq!(Shortlist::read(list.packed().clone(), 4).unwrap(), list);
        let error = read(file(2, &[&[5], &[], &[3, 5], &[1]]).into(), 4).unwrap_err();
        assert!(error.to_string().contains("entry 0 of the token list is 5"), "{error}");
    }

    #[test]
    fn damage_is_found_and_named() {
        let good = file(1, &[&[1], &[0]]);
        for length in 0..good.len() {
            let cut = Bytes::copy_from_slice(&good[..length]);
            assert!(read(cut, 2).is_err(), "{length} bytes");
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x55;
            // The last word may be half a word, which Marian's checksum does not cover; ids out
            // of range are still refused.
            assert!(read(bad.into(), 2).is_err(), "byte {at}");
        }
        let error = read(good.into(), 3).unwrap_err().to_string();
        assert!(error.contains("lists for 2 source tokens, the vocabulary has 3"), "{error}");
    }
}
