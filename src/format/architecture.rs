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

/// The sizes that may differ from layer to layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSizes {
    /// Heads of its attention, each [`Architecture::head_width`] wide.
    pub heads: usize,
    /// Width of its feed-forward layer's inside.
    pub ffn: usize,
}

/// The sizes of a post-norm Transformer with one tied embedding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// Width d of the hidden states.
    pub width: usize,
    /// Attention heads, each `width / heads` wide; a layer of its own sizes may have
    /// fewer or more, as wide.
    pub heads: usize,
    /// Width of the feed-forward layers' inside, where a layer has no sizes of its own.
    pub ffn: usize,
    /// Encoder layers.
    pub encoder_layers: usize,
    /// Decoder layers.
    pub decoder_layers: usize,
    /// Pieces in the vocabulary, which both languages and the output share.
    pub vocabulary: usize,
    /// The decoder's recurrence.
    pub decoder_cell: DecoderCell,
    /// The sizes of each encoder layer; empty where all are as the whole says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encoder_sizes: Vec<LayerSizes>,
    /// The sizes of each decoder layer; empty where all are as the whole says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decoder_sizes: Vec<LayerSizes>,
}

/// Far above any translation model, far below what could exhaust memory by itself.
const MAX_WIDTH: usize = 16_384;
const MAX_LAYERS: usize = 128;
/// Of one layer, which may have more heads than are as wide as the hidden states.
const MAX_HEADS: usize = 256;
const MAX_VOCABULARY: usize = 2_000_000;

impl Architecture {
    /// Width of one attention head, in every layer.
    pub fn head_width(&self) -> usize {
        self.width / self.heads.max(1)
    }

    /// The sizes of each encoder layer.
    pub fn encoder(&self) -> Vec<LayerSizes> {
        self.each(self.encoder_layers, &self.encoder_sizes)
    }

    /// The sizes of each decoder layer.
    pub fn decoder(&self) -> Vec<LayerSizes> {
        self.each(self.decoder_layers, &self.decoder_sizes)
    }

    /// Sets the layers and their sizes, and says them once where all are alike. The number of heads
    /// of the whole stays, since it says how wide they are.
    pub fn set_layers(&mut self, encoder: Vec<LayerSizes>, decoder: Vec<LayerSizes>) {
        (self.encoder_layers, self.decoder_layers) = (encoder.len(), decoder.len());
        let mut widths = encoder.iter().chain(&decoder).map(|layer| layer.ffn);
        if let Some(first) = widths.next()
            && widths.all(|width| width == first)
        {
            self.ffn = first;
        }
        let whole = self.whole();
        let own = |layers: Vec<LayerSizes>| match layers.iter().all(|layer| *layer == whole) {
            true => Vec::new(),
            false => layers,
        };
        (self.encoder_sizes, self.decoder_sizes) = (own(encoder), own(decoder));
    }

    fn whole(&self) -> LayerSizes {
        LayerSizes { heads: self.heads, ffn: self.ffn }
    }

    fn each(&self, layers: usize, own: &[LayerSizes]) -> Vec<LayerSizes> {
        (0..layers).map(|layer| own.get(layer).copied().unwrap_or_else(|| self.whole())).collect()
    }

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
        self.expect_sizes("encoder_sizes", self.encoder_layers, &self.encoder_sizes)?;
        self.expect_sizes("decoder_sizes", self.decoder_layers, &self.decoder_sizes)
    }

    fn expect_sizes(&self, name: &str, layers: usize, sizes: &[LayerSizes]) -> Result<()> {
        if !sizes.is_empty() && sizes.len() != layers {
            return Err(Error::malformed(format!(
                "architecture: {name} has {} entries for {layers} layers",
                sizes.len()
            )));
        }
        for (layer, sizes) in sizes.iter().enumerate() {
            for (field, value, most) in [
                ("heads", sizes.heads, self.heads.max(MAX_HEADS)),
                ("ffn", sizes.ffn, 8 * MAX_WIDTH),
            ] {
                if !(1..=most).contains(&value) {
                    return Err(Error::malformed(format!(
                        "architecture: {name}: layer {layer}: {field} is {value}, expected 1 to {most}"
                    )));
                }
            }
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
            encoder_sizes: Vec::new(),
            decoder_sizes: Vec::new(),
        }
    }

    fn sizes(heads: usize, ffn: usize) -> LayerSizes {
        LayerSizes { heads, ffn }
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

    #[test]
    fn layers_of_their_own_sizes_are_checked_one_by_one() {
        let with = |decoder_sizes| Architecture { decoder_sizes, ..tiny() }.validate();
        assert!(with(vec![sizes(8, 1), sizes(1, 3000)]).is_ok());
        let error = with(vec![sizes(8, 1536)]).unwrap_err().to_string();
        assert_eq!(error, "architecture: decoder_sizes has 1 entries for 2 layers");
        for (bad, words) in [
            (sizes(0, 1536), "layer 1: heads is 0, expected 1 to 256"),
            (sizes(257, 1536), "layer 1: heads is 257, expected 1 to 256"),
            (sizes(8, 0), "layer 1: ffn is 0, expected 1 to 131072"),
            (sizes(8, 131_073), "layer 1: ffn is 131073"),
        ] {
            let error = with(vec![sizes(8, 1536), bad]).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn sizes_are_said_once_where_all_are_alike() {
        let mut architecture = tiny();
        architecture.set_layers(vec![sizes(8, 1000); 5], vec![sizes(8, 1000); 2]);
        assert_eq!(architecture, Architecture { encoder_layers: 5, ffn: 1000, ..tiny() });
        let encoder = vec![sizes(8, 1000), sizes(3, 1000)];
        architecture.set_layers(encoder.clone(), vec![sizes(8, 1000)]);
        assert_eq!((architecture.heads, architecture.head_width()), (8, 32));
        assert_eq!((architecture.encoder(), architecture.decoder().len()), (encoder, 1));
        assert!(architecture.decoder_sizes.is_empty() && architecture.validate().is_ok());
        let json = serde_json::to_value(&architecture).unwrap();
        assert_eq!(json["encoder_sizes"][1], serde_json::json!({"heads": 3, "ffn": 1000}));
        assert!(json.get("decoder_sizes").is_none());
        assert_eq!(serde_json::from_value::<Architecture>(json).unwrap(), architecture);
    }
}
