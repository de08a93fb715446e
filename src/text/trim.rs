//! SentencePiece models with fewer pieces.

use super::spm::{Fields, Kind, Model, Value};
use super::vocabulary::Vocabulary;
use crate::error::{At, Error, Result};

/// What each piece of a vocabulary is worth to text: its score, the logarithm of a probability; none
/// for those that a vocabulary cannot do without. These are all that stand for no text of their own,
/// all of one character, those with a character that no other piece could write, and the one with the
/// least score, by which unknown characters are measured.
///
/// # Errors
/// As [`Vocabulary::read`].
pub fn worth(bytes: &[u8]) -> Result<Vec<Option<f32>>> {
    Vocabulary::read(bytes)?;
    let pieces = Model::read(bytes)?.pieces;
    let normal = |&id: &usize| pieces.kinds[id] == Kind::Normal;
    let single = |text: &str| text.chars().nth(1).is_none();
    let characters: std::collections::BTreeSet<&str> =
        (0..pieces.len()).filter(normal).map(|id| pieces.text(id)).filter(|t| single(t)).collect();
    let written = |character: char| characters.contains(&*character.encode_utf8(&mut [0; 4]));
    let worst = (0..pieces.len())
        .filter(normal)
        .min_by(|&a, &b| pieces.scores[a].total_cmp(&pieces.scores[b]));
    let worth = |id: usize| {
        let text = pieces.text(id);
        let spare = normal(&id) && !single(text) && Some(id) != worst && text.chars().all(written);
        spare.then_some(pieces.scores[id])
    };
    Ok((0..pieces.len()).map(worth).collect())
}

/// The model with those pieces only for which `keep` `[pieces]` says so, in their order. Text of
/// which it keeps all pieces is cut as before, as long as `keep` has all that [`worth`] tells to be
/// needed.
///
/// # Errors
/// As [`Vocabulary::read`]; and `InvalidInput` when a mark goes that has a part of its own.
pub fn keep_pieces(bytes: &[u8], keep: &[bool]) -> Result<Vec<u8>> {
    Vocabulary::read(bytes)?;
    let mut kept = Vec::with_capacity(bytes.len());
    let mut id = 0;
    each(bytes, &mut |field, whole| {
        match field {
            (PIECE, Value::Bytes(_)) => {
                if keep.get(id).copied().unwrap_or(true) {
                    kept.extend_from_slice(whole);
                }
                id += 1;
            }
            (TRAINER, Value::Bytes(message)) => {
                let message = renumbered(message, keep)?;
                push_tag(&mut kept, TRAINER, BYTES);
                push_varint(&mut kept, message.len() as u64);
                kept.extend(message);
            }
            _ => kept.extend_from_slice(whole),
        }
        Ok(())
    })?;
    Ok(kept)
}

/// Numbers of fields: in a model, its pieces and what its trainer was told.
const PIECE: u64 = 1;
const TRAINER: u64 = 2;
/// Those of the trainer: how many pieces there are, and the ids of `<unk>`, `<s>`, `</s>` and
/// `<pad>`, of which one that is negative does not exist.
const SIZE: u64 = 4;
const MARKS: std::ops::RangeInclusive<u64> = 40..=43;
/// How fields are written.
const NUMBER: u64 = 0;
const BYTES: u64 = 2;

/// What a trainer was told, with ids as they are when only the pieces of `keep` are left.
fn renumbered(message: &[u8], keep: &[bool]) -> Result<Vec<u8>> {
    let kept = |ids: &[bool]| ids.iter().filter(|&&keep| keep).count() as u64;
    let mut out = Vec::with_capacity(message.len());
    each(message, &mut |field, whole| {
        let number = match field {
            (SIZE, Value::Number(_)) => kept(keep),
            (number, Value::Number(id)) if MARKS.contains(&number) && id < keep.len() as u64 => {
                let id = id as usize;
                if !keep[id] {
                    return Err(Error::invalid(format!("the piece {id} is a mark, and must stay")));
                }
                kept(&keep[..id])
            }
            _ => {
                out.extend_from_slice(whole);
                return Ok(());
            }
        };
        push_tag(&mut out, field.0, NUMBER);
        push_varint(&mut out, number);
        Ok(())
    })?;
    Ok(out)
}

/// Calls `use_it` with each field of a message and the bytes that it is written in.
fn each<'a>(
    message: &'a [u8],
    use_it: &mut dyn FnMut((u64, Value<'a>), &'a [u8]) -> Result<()>,
) -> Result<()> {
    let mut fields = Fields(message);
    let mut left = message;
    while let Some(field) = fields.next() {
        let (whole, rest) = left.split_at(left.len() - fields.0.len());
        use_it(field?, whole).at("vocabulary")?;
        left = rest;
    }
    Ok(())
}

fn push_tag(bytes: &mut Vec<u8>, number: u64, kind: u64) {
    push_varint(bytes, number << 3 | kind);
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::TokenId;

    fn piece(text: &str, score: f32, kind: u64) -> Vec<u8> {
        let mut message = Vec::new();
        push_tag(&mut message, 1, BYTES);
        push_varint(&mut message, text.len() as u64);
        message.extend(text.bytes());
        push_tag(&mut message, 2, 5);
        message.extend(score.to_le_bytes());
        push_tag(&mut message, 3, NUMBER);
        push_varint(&mut message, kind);
        let mut field = Vec::new();
        push_tag(&mut field, PIECE, BYTES);
        push_varint(&mut field, message.len() as u64);
        field.extend(message);
        field
    }

    /// With its marks in the middle, so that their ids change.
    fn model() -> Vec<u8> {
        let pieces: [(&str, f32, u64); 10] = [
            ("▁", -2.0, 1),
            ("ab", -3.0, 1),
            ("a", -4.0, 1),
            ("<unk>", 0.0, 2),
            ("</s>", 0.0, 3),
            ("b", -4.5, 1),
            ("▁ab", -5.0, 1),
            ("bb", -6.0, 1),
            ("aé", -7.0, 1),
            ("abab", -12.0, 1),
        ];
        let mut model: Vec<u8> =
            pieces.iter().flat_map(|(text, score, kind)| piece(text, *score, *kind)).collect();
        let mut trainer = Vec::new();
        for (number, value) in [(SIZE, 10), (40, 3), (41, u64::MAX), (42, 4), (99, 300)] {
            push_tag(&mut trainer, number, NUMBER);
            push_varint(&mut trainer, value);
        }
        push_tag(&mut model, TRAINER, BYTES);
        push_varint(&mut model, trainer.len() as u64);
        model.extend(trainer);
        model
    }

    #[test]
    fn what_other_pieces_can_write_is_spare() {
        let spare: Vec<bool> = worth(&model()).unwrap().iter().map(Option::is_some).collect();
        let expected = [false, true, false, false, false, false, true, true, false, false];
        assert_eq!(spare, expected);
        assert_eq!(worth(&model()).unwrap()[7], Some(-6.0));
    }

    #[test]
    fn text_of_kept_pieces_is_cut_as_before_and_marks_follow() {
        let mut keep = [true; 10];
        (keep[1], keep[7]) = (false, false);
        let trimmed = keep_pieces(&model(), &keep).unwrap();
        let (before, after) =
            (Vocabulary::read(&model()).unwrap(), Vocabulary::read(&trimmed).unwrap());
        assert_eq!((after.size(), after.unknown(), after.end()), (8, TokenId(2), TokenId(3)));
        let texts = |vocabulary: &Vocabulary, text: &str| -> Vec<String> {
            let ids = vocabulary.encode(text).unwrap();
            ids.iter().map(|&id| vocabulary.decode(&[id]).unwrap()).collect()
        };
        for text in ["ab", "ab a", "b aé", "ab ü b"] {
            assert_eq!(texts(&before, text), texts(&after, text), "{text}");
        }
        assert_eq!(texts(&before, "bb"), ["", "bb"]);
        assert_eq!(texts(&after, "bb"), ["", "b", "b"]);
        assert!(trimmed.windows(3).any(|bytes| bytes == [0x98, 0x06, 0xac]), "a field was lost");
        keep[3] = false;
        let error = keep_pieces(&model(), &keep).unwrap_err().to_string();
        assert!(error.contains("the piece 3"), "{error}");
    }
}
