//! The id of a vocabulary piece.

/// An index into the vocabulary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct TokenId(pub u32);

impl TokenId {
    /// "No token yet": the decoder's first input, which embeds to zero.
    pub const START: TokenId = TokenId(u32::MAX);

    /// The row of this token in an embedding table.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
