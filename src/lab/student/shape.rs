//! The sizes of a student, as they are asked for.

use super::depth::sources;
use crate::error::{At, Error, Result};
use crate::format::Architecture;
use crate::format::architecture::LayerSizes;

/// A number for the encoder and one for the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stacks {
    /// The encoder's.
    pub encoder: usize,
    /// The decoder's.
    pub decoder: usize,
}

/// What a student is to look like. What is `None` is as the teacher has it, layer by layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Layers of each stack.
    pub layers: Option<Stacks>,
    /// Neurons of the feed-forward layers.
    pub ffn: Option<Stacks>,
    /// Heads of the attention layers, each as wide as the teacher's.
    pub heads: Option<Stacks>,
    /// Width d of the hidden states: a multiple of a head's width, which stays the teacher's.
    pub width: Option<usize>,
}

impl Shape {
    /// Layers as `ENCODER+DECODER`: `4+1`.
    ///
    /// # Errors
    /// `InvalidInput` that says which number is missing or is none.
    pub fn parse_layers(text: &str) -> Result<Stacks> {
        let Some((encoder, decoder)) = text.split_once('+') else {
            return Err(Error::invalid(format!(
                "layers: expected those of the encoder and of the decoder, as in `4+1`, found \
                 `{text}`"
            )));
        };
        let count = |stack: &str, text| count(text).at(format!("layers of the {stack}"));
        Ok(Stacks { encoder: count("encoder", encoder)?, decoder: count("decoder", decoder)? })
    }

    /// Neurons or heads, which `what` names in errors: `1024` for both stacks, or `1024+512`.
    ///
    /// # Errors
    /// `InvalidInput` that says which number is none.
    pub fn parse_sizes(what: &str, text: &str) -> Result<Stacks> {
        let (encoder, decoder) = text.split_once('+').unwrap_or((text, text));
        let count = |stack: &str, text| count(text).at(format!("{what} of the {stack}"));
        Ok(Stacks { encoder: count("encoder", encoder)?, decoder: count("decoder", decoder)? })
    }

    /// The architecture of a student of a teacher that looks like `teacher`.
    ///
    /// # Errors
    /// `InvalidInput` that names the size which no network has, or which does not fit the others.
    pub fn applied_to(&self, teacher: &Architecture) -> Result<Architecture> {
        let mut student = teacher.clone();
        let head = teacher.head_width();
        if let Some(width) = self.width {
            if width == 0 || !width.is_multiple_of(head) {
                return Err(Error::invalid(format!(
                    "width: expected a multiple of {head}, the width of a head of the teacher, \
                     found {width}"
                )));
            }
            (student.width, student.heads) = (width, width / head);
        }
        if let Some(layers) = self.layers {
            (student.encoder_layers, student.decoder_layers) = (layers.encoder, layers.decoder);
        }
        // Numbers first: lists of layers are made of them.
        (student.encoder_sizes, student.decoder_sizes) = (Vec::new(), Vec::new());
        expect_valid(&student)?;
        let stack = |teacher: Vec<LayerSizes>, depth, of: fn(Stacks) -> usize| {
            let layer = |source: usize| LayerSizes {
                heads: self.heads.map_or(teacher[source].heads, of),
                ffn: self.ffn.map_or(teacher[source].ffn, of),
            };
            sources(teacher.len(), depth).into_iter().map(layer).collect()
        };
        let encoder = stack(teacher.encoder(), student.encoder_layers, |stacks| stacks.encoder);
        let decoder = stack(teacher.decoder(), student.decoder_layers, |stacks| stacks.decoder);
        student.set_layers(encoder, decoder);
        expect_valid(&student)?;
        Ok(student)
    }

    /// What the package of a student notes among its recipe's steps.
    pub(super) fn note(&self) -> serde_json::Value {
        let mut note = serde_json::json!({ "method": "student" });
        let sizes = [("layers", self.layers), ("ffn", self.ffn), ("heads", self.heads)];
        for (key, sizes) in sizes {
            if let Some(Stacks { encoder, decoder }) = sizes {
                note[key] = format!("{encoder}+{decoder}").into();
            }
        }
        if let Some(width) = self.width {
            note["width"] = width.into();
        }
        note
    }
}

fn expect_valid(student: &Architecture) -> Result<()> {
    student.validate().map_err(|error| Error::invalid(error.to_string())).at("student")
}

/// A number above zero.
fn count(text: &str) -> Result<usize> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(Error::invalid(format!("expected a whole number above 0, found `{text}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::architecture::DecoderCell;

    fn teacher() -> Architecture {
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

    #[test]
    fn layers_and_sizes_are_read() {
        let stacks = |encoder, decoder| Stacks { encoder, decoder };
        assert_eq!(Shape::parse_layers("4+1").unwrap(), stacks(4, 1));
        assert_eq!(Shape::parse_sizes("ffn", "1024").unwrap(), stacks(1024, 1024));
        assert_eq!(Shape::parse_sizes("ffn", "1024+512").unwrap(), stacks(1024, 512));
    }

    #[test]
    fn what_is_no_size_is_named() {
        for (text, words) in [
            ("4", "as in `4+1`, found `4`"),
            ("+1", "layers of the encoder: expected a whole number above 0, found ``"),
            ("4+0", "layers of the decoder: expected a whole number above 0, found `0`"),
            ("4+1+2", "layers of the decoder: expected a whole number above 0, found `1+2`"),
        ] {
            let error = Shape::parse_layers(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let error = Shape::parse_sizes("heads", "many").unwrap_err().to_string();
        assert!(error.contains("heads of the encoder") && error.contains("`many`"), "{error}");
        let shape = |width| Shape { width: Some(width), ..Shape::default() };
        for width in [0, 200] {
            let error = shape(width).applied_to(&teacher()).unwrap_err().to_string();
            assert!(error.contains("width: expected a multiple of 32"), "{error}");
        }
        let both = |size| Some(Stacks { encoder: size, decoder: size });
        for (shape, words) in [
            (Shape { layers: both(129), ..Shape::default() }, "encoder_layers is 129"),
            (Shape { layers: both(usize::MAX), ..Shape::default() }, "encoder_layers is 1844"),
            (Shape { heads: both(257), ..Shape::default() }, "heads is 257, expected 1 to 256"),
            (Shape { ffn: both(0), ..Shape::default() }, "ffn is 0"),
        ] {
            let error = shape.applied_to(&teacher()).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn heads_stay_as_wide_as_they_were() {
        let shape = Shape {
            width: Some(192),
            ffn: Some(Stacks { encoder: 768, decoder: 512 }),
            ..Shape::default()
        };
        let student = shape.applied_to(&teacher()).unwrap();
        assert_eq!((student.width, student.heads, student.head_width()), (192, 6, 32));
        assert_eq!(student.encoder(), vec![LayerSizes { heads: 8, ffn: 768 }; 6]);
        assert_eq!(student.decoder(), vec![LayerSizes { heads: 8, ffn: 512 }; 2]);
        assert_eq!(Shape::default().applied_to(&teacher()).unwrap(), teacher());
    }
}
