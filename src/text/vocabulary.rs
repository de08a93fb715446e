//! SentencePiece vocabularies: text to token ids and back, as Google's implementation does it.
//!
//! The pieces and their segmentation are Kudo 2018's unigram model; `kitoken` does the work. What
//! is checked here first is what would make it fail: a file from a stranger is no reason to panic.
//! The few texts that are read otherwise than by the original stand in `tests/vocabulary.rs`.

use kitoken::Kitoken;
use kitoken::convert::convert_sentencepiece;
use sentencepiece_model::{ModelType, SentencePieceModel, TrainerSpec, Type};

use crate::error::{At, Error, Result};
use crate::token::TokenId;

/// A vocabulary shared by both languages.
pub struct Vocabulary {
    tokenizer: Kitoken,
    size: usize,
    end: TokenId,
    unknown: TokenId,
    /// The piece of a lone space, where there is one.
    space: Option<TokenId>,
}

/// How SentencePiece writes a space.
const SPACE: &str = "▁";
/// Bytes of a piece. Real ones stay below 100; encoding and decoding take memory and time for the
/// longest piece at every token.
const MAX_PIECE: usize = 512;
/// How SentencePiece calls normalisation by a table in the file, which `kitoken` reads unchecked.
const USER_DEFINED: &str = "user_defined";

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vocabulary({} pieces)", self.size)
    }
}

impl Vocabulary {
    /// Reads a SentencePiece `.spm` model of the unigram kind.
    ///
    /// # Errors
    /// `Malformed` when it is none, `Unsupported` for another kind.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let broken = |what: String| Error::malformed(what).at("vocabulary");
        let model = SentencePieceModel::from_slice(bytes)
            .map_err(|error| broken(format!("no SentencePiece model: {error}")))?;
        let trainer =
            model.trainer().ok_or_else(|| broken("holds no trainer specification".into()))?;
        check_kind(&model, trainer).at("vocabulary")?;
        check_pieces(&model, trainer).at("vocabulary")?;
        let size = model.pieces.len();
        let special = |name: &str, id: i32| match u32::try_from(id) {
            Ok(id) if (id as usize) < size => Ok(TokenId(id)),
            _ => Err(broken(format!("the id of {name} is {id}, there are {size} pieces"))),
        };
        let end = special("the end of a sentence", trainer.eos_id())?;
        let unknown = special("the unknown piece", trainer.unk_id())?;
        let definition = convert_sentencepiece(bytes).map_err(|error| broken(error.to_string()))?;
        let tokenizer = Kitoken::try_from(definition).map_err(|error| broken(error.to_string()))?;
        let space = model.pieces.iter().position(|piece| piece.piece.as_deref() == Some(SPACE));
        let space = space.map(|id| TokenId(id as u32));
        Ok(Vocabulary { tokenizer, size, end, unknown, space })
    }

    /// Number of pieces.
    pub fn size(&self) -> usize {
        self.size
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
    /// was trained to see it.
    ///
    /// # Errors
    /// `Malformed` when the vocabulary cannot express the text at all.
    pub fn encode(&self, text: &str) -> Result<Vec<TokenId>> {
        // To SentencePiece a tab is a space; `kitoken` would take it for an unknown character.
        let text = text.replace('\t', " ");
        let ids = self
            .tokenizer
            .encode(text, false)
            .map_err(|error| Error::malformed(error.to_string()).at("vocabulary"))?;
        // The space that is put before every text, before nothing.
        if let [id] = ids[..]
            && self.is_space(TokenId(id))
        {
            return Ok(Vec::new());
        }
        match ids.iter().find(|&&id| id as usize >= self.size) {
            None => Ok(ids.into_iter().map(TokenId).collect()),
            Some(id) => Err(Error::malformed(format!("vocabulary: gave the id {id}"))),
        }
    }

    /// The text of `tokens`; the end of a sentence has none, and the unknown token is " ⁇ ".
    ///
    /// # Errors
    /// `InvalidInput` for an id that is not in the vocabulary.
    pub fn decode(&self, tokens: &[TokenId]) -> Result<String> {
        let ids: Vec<u32> = tokens.iter().map(|id| id.0).collect();
        let bytes = self
            .tokenizer
            .decode(ids, false)
            .map_err(|error| Error::invalid(error.to_string()).at("vocabulary"))?;
        // Byte pieces may be cut anywhere by a decoder that stops early.
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// Whether the vocabulary has a piece for this character.
    pub fn knows(&self, character: char) -> bool {
        let mut buffer = [0; 4];
        let ids = self.encode(character.encode_utf8(&mut buffer)).unwrap_or_default();
        !ids.contains(&self.unknown) && ids.iter().any(|&id| !self.is_space(id))
    }
}

/// Refuses models whose text is segmented or normalised in ways that this build does not know.
fn check_kind(model: &SentencePieceModel, trainer: &TrainerSpec) -> Result<()> {
    if trainer.model_type() != ModelType::Unigram {
        return Err(Error::unsupported(format!(
            "a model of kind {:?}, this build reads Unigram",
            trainer.model_type()
        )));
    }
    if trainer.treat_whitespace_as_suffix() {
        return Err(Error::unsupported(
            "pieces with spaces at their ends; this build knows those with spaces at their \
             beginnings",
        ));
    }
    if model.normalizer().is_some_and(|normalizer| normalizer.name() == USER_DEFINED) {
        return Err(Error::unsupported(
            "text is normalised by rules of its own; this build knows the rules that \
             SentencePiece has names for, such as nmt_nfkc",
        ));
    }
    Ok(())
}

/// Refuses pieces that would make `kitoken` panic or take memory far beyond the file's size.
fn check_pieces(model: &SentencePieceModel, trainer: &TrainerSpec) -> Result<()> {
    if !model.pieces.iter().any(|piece| piece.r#type() == Type::Normal) {
        return Err(Error::malformed("holds no pieces"));
    }
    for (id, piece) in model.pieces.iter().enumerate() {
        let text = piece.piece.as_deref().unwrap_or_default();
        if text.is_empty() || !piece.score().is_finite() {
            return Err(Error::malformed(format!("piece {id} has no text or no finite score")));
        }
        if text.len() > MAX_PIECE {
            return Err(Error::malformed(format!(
                "piece {id} is {} bytes long, expected at most {MAX_PIECE}",
                text.len()
            )));
        }
    }
    if trainer.unk_surface().len() > MAX_PIECE {
        return Err(Error::malformed(format!(
            "the unknown piece is written with over {MAX_PIECE} bytes"
        )));
    }
    Ok(())
}
