//! SentencePiece's model file: the fields of its protocol buffer that segmentation needs.
//!
//! Field numbers are those of `sentencepiece_model.proto`. As protocol buffers have it, a later
//! field overrules an earlier one, and unknown fields are passed over.

use crate::error::{At, Error, Result};

/// Bytes of a piece. Real ones stay below 100; encoding takes time for the longest piece that a
/// text could hold at every character.
pub(super) const MAX_PIECE: usize = 512;

/// What a piece is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Unknown,
    /// Marks that no text stands for, such as the end of a sentence.
    Control,
    /// Always a piece of its own, and never normalised.
    UserDefined,
    Unused,
    /// One byte of a character that no other piece covers.
    Byte,
}

/// The pieces, each by its id.
#[derive(Default)]
pub(super) struct Pieces {
    /// One after the other.
    text: String,
    /// Where each one ends.
    ends: Vec<u32>,
    /// Logarithms of probabilities.
    pub scores: Vec<f32>,
    pub kinds: Vec<Kind>,
}

impl Pieces {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of the piece `id`, which must be one.
    pub fn text(&self, id: usize) -> &str {
        let start = if id == 0 { 0 } else { self.ends[id - 1] };
        &self.text[start as usize..self.ends[id] as usize]
    }

    fn push(&mut self, message: &[u8]) -> Result<()> {
        let (mut text, mut score, mut kind) = (&b""[..], 0.0, 1);
        for field in Fields(message) {
            match field? {
                (1, Value::Bytes(bytes)) => text = bytes,
                (2, Value::Fixed32(bits)) => score = f32::from_bits(bits),
                (3, Value::Number(number)) => kind = number,
                _ => {}
            }
        }
        if text.is_empty() || !score.is_finite() {
            return Err(Error::malformed("has no text or no finite score"));
        }
        if text.len() > MAX_PIECE {
            return Err(Error::malformed(format!(
                "is {} bytes long, expected at most {MAX_PIECE}",
                text.len()
            )));
        }
        self.text.push_str(utf8(text)?);
        self.ends.push(self.text.len() as u32);
        self.scores.push(score);
        self.kinds.push(match kind {
            1 => Kind::Normal,
            2 => Kind::Unknown,
            3 => Kind::Control,
            4 => Kind::UserDefined,
            5 => Kind::Unused,
            6 => Kind::Byte,
            other => return Err(Error::malformed(format!("is of kind {other}"))),
        });
        Ok(())
    }
}

/// What the trainer was told.
pub(super) struct Trainer {
    /// 1 is unigram.
    pub model_type: u64,
    pub whitespace_as_suffix: bool,
    pub byte_fallback: bool,
    pub unknown: i32,
    pub end: i32,
    /// How the unknown piece is written in text.
    pub unknown_surface: String,
}

impl Default for Trainer {
    fn default() -> Self {
        Trainer {
            model_type: 1,
            whitespace_as_suffix: false,
            byte_fallback: false,
            unknown: 0,
            end: 2,
            unknown_surface: " \u{2047} ".to_owned(),
        }
    }
}

impl Trainer {
    fn merge(&mut self, message: &[u8]) -> Result<()> {
        for field in Fields(message) {
            match field? {
                (3, Value::Number(number)) => self.model_type = number,
                (24, Value::Number(number)) => self.whitespace_as_suffix = number != 0,
                (35, Value::Number(number)) => self.byte_fallback = number != 0,
                (40, Value::Number(number)) => self.unknown = number as i32,
                (42, Value::Number(number)) => self.end = number as i32,
                (44, Value::Bytes(bytes)) => self.unknown_surface = utf8(bytes)?.to_owned(),
                _ => {}
            }
        }
        Ok(())
    }
}

/// How text is changed before it is segmented.
pub(super) struct Rules<'a> {
    /// Which characters are read as which others; empty when each stands for itself.
    pub charsmap: &'a [u8],
    /// A space is put before every text.
    pub dummy_prefix: bool,
    /// Spaces at the ends go, and of several one stays.
    pub remove_extra_whitespaces: bool,
    /// Spaces are written as `▁`.
    pub escape_whitespaces: bool,
}

impl Default for Rules<'_> {
    fn default() -> Self {
        Rules {
            charsmap: &[],
            dummy_prefix: true,
            remove_extra_whitespaces: true,
            escape_whitespaces: true,
        }
    }
}

impl<'a> Rules<'a> {
    fn merge(&mut self, message: &'a [u8]) -> Result<()> {
        for field in Fields(message) {
            match field? {
                (2, Value::Bytes(bytes)) => self.charsmap = bytes,
                (3, Value::Number(number)) => self.dummy_prefix = number != 0,
                (4, Value::Number(number)) => self.remove_extra_whitespaces = number != 0,
                (5, Value::Number(number)) => self.escape_whitespaces = number != 0,
                _ => {}
            }
        }
        Ok(())
    }
}

/// A model file.
#[derive(Default)]
pub(super) struct Model<'a> {
    pub pieces: Pieces,
    pub trainer: Option<Trainer>,
    pub normalizer: Rules<'a>,
    /// How text is changed after decoding.
    pub denormalizer: Rules<'a>,
}

impl<'a> Model<'a> {
    /// Reads a model file.
    ///
    /// # Errors
    /// `Malformed` when it is none, or a piece has no text, no finite score or no known kind.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut model = Model::default();
        for field in Fields(bytes) {
            match field
                .map_err(|error| Error::malformed(format!("no SentencePiece model: {error}")))?
            {
                (1, Value::Bytes(message)) => {
                    let id = model.pieces.len();
                    // Not `at`: the text of the place is made only when it is needed.
                    model
                        .pieces
                        .push(message)
                        .map_err(|error| Error::malformed(format!("piece {id} {error}")))?;
                }
                (2, Value::Bytes(message)) => {
                    model.trainer.get_or_insert_default().merge(message).at("trainer")?;
                }
                (3, Value::Bytes(message)) => model.normalizer.merge(message).at("normalizer")?,
                (5, Value::Bytes(message)) => {
                    model.denormalizer.merge(message).at("denormalizer")?
                }
                _ => {}
            }
        }
        Ok(model)
    }
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    str::from_utf8(bytes).map_err(|_| Error::malformed("is no UTF-8"))
}

/// The value of a field, as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Number(u64),
    Fixed64,
    Bytes(&'a [u8]),
    Fixed32(u32),
}

/// The fields of a message, each with its number.
pub(super) struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed64)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        (tag >> 3 != 0).then_some((tag >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let left = self.0.len();
        if left == 0 {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or_else(|| {
            Error::malformed(format!(
                "a field that is cut off or of no known type, {left} bytes before the end"
            ))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(message: &[u8]) -> Vec<(u64, Value<'_>)> {
        Fields(message).map(|field| field.expect("a sound field")).collect()
    }

    #[test]
    fn fields_are_read_by_their_types() {
        let message =
            [8, 0xac, 2, 0x12, 2, b'h', b'i', 0x1d, 1, 0, 0, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0];
        let expected = [
            (1, Value::Number(300)),
            (2, Value::Bytes(b"hi")),
            (3, Value::Fixed32(1)),
            (4, Value::Fixed64),
        ];
        assert_eq!(fields(&message), expected);
        let most = [[8].as_slice(), &[0xff; 9], &[1]].concat();
        assert_eq!(fields(&most), [(1, Value::Number(u64::MAX))]);
    }

    #[test]
    fn a_field_that_is_cut_off_is_the_last() {
        let long = [[8].as_slice(), &[0xff; 10], &[1]].concat();
        for message in [
            &[8][..],
            &[8, 0x80],
            &[0x12, 3, 1, 2],
            &[0x1d, 1],
            &[0x21, 1],
            &[0x0b],
            &[0, 1],
            &long,
        ] {
            let mut fields = Fields(message);
            assert!(fields.next().is_some_and(|field| field.is_err()), "{message:?}");
            assert!(fields.next().is_none(), "{message:?}");
        }
    }

    #[test]
    fn later_fields_overrule_earlier_ones() {
        let message = [0x12, 2, 0x18, 2, 0x12, 5, 0xd0, 2, 7, 0x18, 1, 0x1a, 2, 0x18, 0];
        let model = Model::read(&message).unwrap();
        let trainer = model.trainer.unwrap();
        assert_eq!((trainer.model_type, trainer.end), (1, 7));
        assert!(!model.normalizer.dummy_prefix && model.normalizer.remove_extra_whitespaces);
    }

    #[test]
    fn pieces_stand_one_after_the_other() {
        let message = [0x0a, 3, 0x0a, 1, b'a', 0x0a, 6, 0x0a, 2, 0xc3, 0xa9, 0x18, 3];
        let pieces = Model::read(&message).unwrap().pieces;
        assert_eq!((pieces.len(), pieces.text(0), pieces.text(1)), (2, "a", "é"));
        assert_eq!(pieces.kinds, [Kind::Normal, Kind::Control]);
        let refused = Model::read(&[0x0a, 3, 0x0a, 1, 0xff]).err().unwrap().to_string();
        assert_eq!(refused, "piece 0 is no UTF-8");
    }
}
