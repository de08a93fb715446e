//! SentencePiece vocabularies: text to token ids and back, as Google's implementation does it.
//!
//! A text is normalised (`normalizer`, with the table in `charsmap`), then cut into the pieces of
//! Kudo 2018's unigram model (`unigram`, which looks them up in a `trie`). All of it comes from the
//! model's file (`spm`), and a file from a stranger is no reason to panic.

use crate::error::{At, Error, Result};
use crate::token::TokenId;

use super::normalizer::{Normalizer, SPACE};
use super::spm::{Kind, MAX_PIECE, Model, Pieces, Trainer};
use super::trie::Trie;
use super::unigram::Unigram;

/// A vocabulary shared by both languages.
pub struct Vocabulary {
    pieces: Pieces,
    normalizer: Normalizer,
    unigram: Unigram,
    end: TokenId,
    unknown: TokenId,
    unknown_surface: String,
    /// The pieces of single bytes, where unknown characters are written with them.
    bytes: Option<Box<[TokenId; 256]>>,
    /// The piece of a lone space, where there is one.
    space: Option<TokenId>,
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vocabulary({} pieces)", self.size())
    }
}

/// The logarithm of each piece's probability, as a SentencePiece model has it.
///
/// # Errors
/// `Malformed` when `bytes` are none.
#[cfg(feature = "compress")]
pub fn scores(bytes: &[u8]) -> Result<Vec<f32>> {
    Ok(Model::read(bytes)?.pieces.scores)
}

impl Vocabulary {
    /// Reads a SentencePiece `.spm` model of the unigram kind.
    ///
    /// # Errors
    /// `Malformed` when it is none, `Unsupported` for another kind.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        Self::from_model(bytes).at("vocabulary")
    }

    fn from_model(bytes: &[u8]) -> Result<Self> {
        let Model { pieces, trainer, normalizer, denormalizer } = Model::read(bytes)?;
        let trainer = trainer.ok_or_else(|| Error::malformed("holds no trainer specification"))?;
        check_kind(&trainer, denormalizer.charsmap)?;
        let (end, unknown) = special_pieces(&pieces, &trainer)?;
        let same = |[one, other]: [u32; 2]| {
            Error::malformed(format!("the pieces {one} and {other} are the same"))
        };
        let byte_pieces = byte_pieces(&pieces, trainer.byte_fallback)?;
        let unigram = Unigram::new(&pieces, unknown.0).map_err(same)?;
        let symbols: Vec<(&[u8], u32)> = (0..pieces.len())
            .filter(|&id| pieces.kinds[id] == Kind::UserDefined)
            .map(|id| (pieces.text(id).as_bytes(), id as u32))
            .collect();
        let symbols = match &symbols[..] {
            [] => None,
            symbols => Some(Trie::new(symbols).map_err(same)?),
        };
        let normalizer = Normalizer::new(&normalizer, symbols)?;
        let space = (0..pieces.len()).find(|&id| pieces.text(id) == SPACE);
        Ok(Vocabulary {
            normalizer,
            unigram,
            end,
            unknown,
            unknown_surface: trainer.unknown_surface,
            bytes: byte_pieces,
            space: space.map(|id| TokenId(id as u32)),
            pieces,
        })
    }

    /// Number of pieces.
    pub fn size(&self) -> usize {
        self.pieces.len()
    }

    /// The text of a piece, as the SentencePiece model has it; none for an id that is no piece.
    pub fn piece(&self, token: TokenId) -> Option<&str> {
        (token.index() < self.pieces.len()).then(|| self.pieces.text(token.index()))
    }

    /// The token that ends a sentence, `</s>`.
    pub fn end(&self) -> TokenId {
        self.end
    }

    /// The token of text that no piece covers, `<unk>`.
    pub fn unknown(&self) -> TokenId {
        self.unknown
    }

    /// Whether a token is nothing but a space.
    pub fn is_space(&self, token: TokenId) -> bool {
        self.space == Some(token)
    }

    /// The tokens of `text`, without an end of sentence. White space is normalised as the model
    /// was trained to see it. Several unknown characters in a row are one unknown token.
    ///
    /// # Errors
    /// None today: every text can be expressed, if only by the unknown token.
    pub fn encode(&self, text: &str) -> Result<Vec<TokenId>> {
        let normal = self.normalizer.normalize(text);
        let mut tokens = Vec::with_capacity(normal.len() / 3);
        for (id, range) in self.unigram.segment_backwards(&normal) {
            let token = TokenId(id);
            match &self.bytes {
                Some(bytes) if token == self.unknown => {
                    let text = normal.as_bytes()[range].iter().rev();
                    tokens.extend(text.map(|&byte| bytes[usize::from(byte)]));
                }
                _ if token == self.unknown && tokens.last() == Some(&token) => {}
                _ => tokens.push(token),
            }
        }
        tokens.reverse();
        Ok(tokens)
    }

    /// The text of `tokens`; the end of a sentence has none, and the unknown token is " ⁇ ".
    ///
    /// # Errors
    /// `InvalidInput` for an id that is not in the vocabulary.
    pub fn decode(&self, tokens: &[TokenId]) -> Result<String> {
        let mut text = String::new();
        // Byte pieces may be cut anywhere by a decoder that stops early.
        let mut bytes = Vec::new();
        // Until there is text, or the one space that is put before every text is gone.
        let mut at_start = true;
        for &token in tokens {
            let id = token.index();
            let Some(kind) = self.pieces.kinds.get(id) else {
                let error = format!("the id {id}, there are {} pieces", self.size());
                return Err(Error::invalid(error).at("vocabulary"));
            };
            let piece = self.pieces.text(id);
            if *kind == Kind::Byte {
                // Every such piece was read as one when the vocabulary was.
                bytes.extend(byte(piece));
                continue;
            }
            push_bytes(&mut text, &mut bytes);
            at_start &= text.is_empty();
            match kind {
                Kind::Control => {}
                Kind::Unknown => text.push_str(&self.unknown_surface),
                _ => {
                    let mut piece = piece;
                    if at_start
                        && self.normalizer.drops_leading_space()
                        && let Some(rest) = piece.strip_prefix(SPACE)
                    {
                        piece = rest;
                        at_start = self.normalizer.drops_leading_spaces();
                    }
                    push_piece(&mut text, piece);
                }
            }
        }
        push_bytes(&mut text, &mut bytes);
        Ok(text)
    }

    /// Whether the vocabulary has a piece for this character.
    pub fn knows(&self, character: char) -> bool {
        let mut buffer = [0; 4];
        let ids = self.encode(character.encode_utf8(&mut buffer)).unwrap_or_default();
        !ids.contains(&self.unknown) && ids.iter().any(|&id| !self.is_space(id))
    }
}

/// Refuses models whose text is segmented or normalised in ways that this build does not know.
fn check_kind(trainer: &Trainer, denormalizer: &[u8]) -> Result<()> {
    if trainer.model_type != 1 {
        let kind = match trainer.model_type {
            2 => "Bpe",
            3 => "Word",
            4 => "Char",
            _ => "unknown to SentencePiece",
        };
        return Err(Error::unsupported(format!(
            "a model of kind {kind}, this build reads Unigram"
        )));
    }
    if trainer.whitespace_as_suffix {
        return Err(Error::unsupported(
            "pieces with spaces at their ends; this build knows those with spaces at their \
             beginnings",
        ));
    }
    if !denormalizer.is_empty() {
        return Err(Error::unsupported(
            "text is changed after decoding; this build does not do so",
        ));
    }
    if trainer.unknown_surface.len() > MAX_PIECE {
        return Err(Error::malformed(format!(
            "the unknown piece is written with over {MAX_PIECE} bytes"
        )));
    }
    Ok(())
}

/// The end of a sentence and the unknown piece.
fn special_pieces(pieces: &Pieces, trainer: &Trainer) -> Result<(TokenId, TokenId)> {
    let special = |name: &str, id: i32| match usize::try_from(id) {
        Ok(index) if index < pieces.len() => Ok(TokenId(index as u32)),
        _ => Err(Error::malformed(format!(
            "the id of {name} is {id}, there are {} pieces",
            pieces.len()
        ))),
    };
    let end = special("the end of a sentence", trainer.end)?;
    let unknown = special("the unknown piece", trainer.unknown)?;
    let unknowns = pieces.kinds.iter().filter(|kind| **kind == Kind::Unknown);
    if pieces.kinds[unknown.index()] != Kind::Unknown || unknowns.count() != 1 {
        return Err(Error::malformed(format!("the unknown piece is not {unknown:?} alone")));
    }
    if end == unknown {
        return Err(Error::malformed("the end of a sentence is the unknown piece"));
    }
    if !pieces.kinds.contains(&Kind::Normal) {
        return Err(Error::malformed("holds no pieces"));
    }
    Ok((end, unknown))
}

/// The piece of every byte, when unknown characters are written with them.
fn byte_pieces(pieces: &Pieces, fallback: bool) -> Result<Option<Box<[TokenId; 256]>>> {
    let mut found = vec![None; 256];
    for id in (0..pieces.len()).filter(|&id| pieces.kinds[id] == Kind::Byte) {
        let byte = byte(pieces.text(id))
            .ok_or_else(|| Error::malformed(format!("piece {id} stands for no byte")))?;
        found[usize::from(byte)] = Some(TokenId(id as u32));
    }
    if !fallback {
        return Ok(None);
    }
    let all: Option<Vec<TokenId>> = found.into_iter().collect();
    let all = all.and_then(|all| all.try_into().ok());
    Ok(Some(all.ok_or_else(|| Error::malformed("there are not 256 byte pieces"))?))
}

/// The byte that a byte piece such as `<0x0A>` stands for.
fn byte(piece: &str) -> Option<u8> {
    let digits = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    let sound = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u8::from_str_radix(digits, 16).ok().filter(|_| sound)
}

/// Appends a piece, its spaces as spaces.
fn push_piece(text: &mut String, piece: &str) {
    for (index, part) in piece.split(SPACE).enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(part);
    }
}

/// Appends and clears `bytes`; each byte that is no UTF-8 becomes U+FFFD.
fn push_bytes(text: &mut String, bytes: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    bytes.clear();
}

#[cfg(test)]
mod tests;
