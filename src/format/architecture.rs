//! What the network looks like, as data: every size that the forward pass needs.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What replaces self-attention in a decoder layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DecoderCell {
    /// Simpler Simple Recurrent Unit: Kim et al. 2019, "From Research to Production and Back".
    Ssru,
}

/// The sizes of a post-norm Transformer with one tied embedding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// Width d of the hidden states.
    pub width: usize,
    /// Attention heads, each `width / heads` wide.
    pub heads: usize,
    /// Width of the feed-forward layers' inside.
    pub ffn: usize,
    /// Encoder layers.
    pub encoder_layers: usize,
    /// Decoder layers.
    pub decoder_layers: usize,
    /// Pieces in the vocabulary, which both languages and the output share.
    pub vocabulary: usize,
    /// The decoder's recurrence.
    pub decoder_cell: DecoderCell,
}

/// Far above any translation model, far below what could exhaust memory by itself.
const MAX_WIDTH: usize = 16_384;
const MAX_LAYERS: usize = 128;
const MAX_VOCABULARY: usize = 2_000_000;

impl Architecture {
    /// Checks that every size is sensible and that they fit each other.
    ///
    /// # Errors
    /// `Malformed`, naming the field.
    pub fn validate(&self) -> Result<()> {
        let fields = [
            ("width", self.width, 4, MAX_WIDTH),
            ("heads", self.heads, 1, self.width),
            ("ffn", self.ffn, 1, 8 * MAX_WIDTH),
            ("encoder_layers", self.encoder_layers, 1, MAX_LAYERS),
            ("decoder_layers", self.decoder_layers, 1, MAX_LAYERS),
            ("vocabulary", self.vocabulary, 3, MAX_VOCABULARY),
        ];
        for (name, value, least, most) in fields {
            if !(least..=most).contains(&value) {
                return Err(Error::malformed(format!(
                    "architecture: {name} is {value}, expected {least} to {most}"
                )));
            }
        }
        if !self.width.is_multiple_of(self.heads) || !self.width.is_multiple_of(2) {
            return Err(Error::malformed(format!(
                "architecture: width {} must be even and a multiple of heads {}",
                self.width, self.heads
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiny() -> Architecture {
        Architecture {
            width: 256,
            heads: 8,
            ffn: 1536,
            encoder_layers: 6,
            decoder_layers: 2,
            vocabulary: 32000,
            decoder_cell: DecoderCell::Ssru,
        }
    }

    #[test]
    fn absurd_sizes_are_named() {
        assert!(tiny().validate().is_ok());
        let error = Architecture { width: 1 << 40, ..tiny() }.validate().unwrap_err();
        assert!(error.to_string().contains("width is 1099511627776"), "{error}");
        assert!(Architecture { heads: 7, ..tiny() }.validate().is_err());
        assert!(Architecture { heads: 0, ..tiny() }.validate().is_err());
        assert!(Architecture { encoder_layers: 0, ..tiny() }.validate().is_err());
    }
}
