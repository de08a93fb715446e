//! The YAML text inside a Marian model: the architecture, and every option that would change it.

use super::architecture::{Architecture, DecoderCell};
use super::marian_options::Options;
use crate::error::{Error, Result};

/// Options with the one word that each must be; without a value it is empty.
const WORDS: [(&str, &str); 8] = [
    ("type", "transformer"),
    ("dec-cell", "ssru"),
    ("transformer-decoder-autoreg", "rnn"),
    ("transformer-preprocess", ""),
    ("transformer-postprocess", "dan"),
    ("transformer-postprocess-top", ""),
    ("transformer-postprocess-emb", "d"),
    ("transformer-ffn-activation", "relu"),
];
/// The same; without a value it is false.
const FLAGS: [(&str, bool); 4] = [
    ("tied-embeddings-all", true),
    ("transformer-no-projection", false),
    ("transformer-train-position-embeddings", false),
    ("output-omit-bias", false),
];

/// Reads Marian's configuration.
///
/// # Errors
/// `Malformed` when it is no such text, `Unsupported` naming the option that this build can't run.
pub fn read(bytes: &[u8]) -> Result<Architecture> {
    // Marian ends the text with a NUL.
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    let text = str::from_utf8(bytes).map_err(|error| Error::malformed(error.to_string()))?;
    let options = Options::read(text)?;
    let number = |option: &str| -> Result<usize> {
        let missing = || Error::malformed(format!("option `{option}` is missing"));
        options.value(option)?.ok_or_else(missing)
    };
    for (option, expected) in WORDS {
        require(option, options.word(option)?.unwrap_or_default(), expected)?;
    }
    for (option, expected) in FLAGS {
        require(option, options.value(option)?.unwrap_or_default(), expected)?;
    }
    require("transformer-ffn-depth", options.value("transformer-ffn-depth")?.unwrap_or(0), 2)?;
    let tied: Vec<usize> = options.list("transformer-tied-layers")?.unwrap_or_default();
    require("transformer-tied-layers", tied.len(), 0)?;
    require("lemma-dim-emb", options.value("lemma-dim-emb")?.unwrap_or(0), 0)?;
    let vocabularies: Vec<usize> = options.list("dim-vocabs")?.unwrap_or_default();
    let [vocabulary, target] = vocabularies[..] else {
        return Err(Error::malformed(format!(
            "option `dim-vocabs` has {} entries, expected 2",
            vocabularies.len()
        )));
    };
    require("dim-vocabs", target, vocabulary)?;
    let architecture = Architecture {
        width: number("dim-emb")?,
        heads: number("transformer-heads")?,
        ffn: number("transformer-dim-ffn")?,
        encoder_layers: number("enc-depth")?,
        decoder_layers: number("dec-depth")?,
        vocabulary,
        decoder_cell: DecoderCell::Ssru,
        encoder_sizes: Vec::new(),
        decoder_sizes: Vec::new(),
    };
    architecture.validate()?;
    Ok(architecture)
}

fn require<T: PartialEq + std::fmt::Debug>(option: &str, value: T, expected: T) -> Result<()> {
    if value == expected {
        return Ok(());
    }
    Err(Error::unsupported(format!(
        "option `{option}` is {value:?}; this build runs models with {expected:?}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: &str = "type: transformer\ndim-emb: 256\ndim-vocabs:\n  - 32000\n  - 32000\n\
        enc-depth: 6\ndec-depth: 2\ndec-cell: ssru\ntransformer-heads: 8\n\
        transformer-dim-ffn: 1536\ntransformer-decoder-autoreg: rnn\n\
        transformer-preprocess: \"\"\ntransformer-postprocess: dan\n\
        transformer-postprocess-emb: d\ntransformer-ffn-activation: relu\n\
        transformer-ffn-depth: 2\ntransformer-tied-layers: []\ntied-embeddings-all: true\n\
        version: v1.9.56 94aeaa46 2021-04-28 00:28:35 +0100\n";

    #[test]
    fn the_sizes_are_read() {
        let architecture = read(TINY.as_bytes()).unwrap();
        assert_eq!(
            (architecture.width, architecture.ffn, architecture.vocabulary),
            (256, 1536, 32000)
        );
        assert_eq!((architecture.encoder_layers, architecture.decoder_layers), (6, 2));
    }

    #[test]
    fn an_option_that_changes_the_network_is_named() {
        let read = |from, to| read(TINY.replace(from, to).as_bytes()).unwrap_err().to_string();
        assert!(read("ssru", "gru").contains("`dec-cell` is \"gru\""));
        assert!(read("relu", "swish").contains("`transformer-ffn-activation`"));
        assert!(read("all: true", "all: false").contains("`tied-embeddings-all`"));
        assert!(read("  - 32000\n  - 32000", "  - 32000\n  - 16000").contains("`dim-vocabs`"));
        assert!(read("dim-emb: 256", "dim-emb: 99999999999").contains("width"));
        assert!(read("dim-emb: 256", "").contains("dim-emb"));
    }

    #[test]
    fn nonsense_is_an_error_and_no_crash() {
        let deep = "[".repeat(100_000);
        for text in ["", ":", "type: [", "\0\0", "- a\n- b", "&a [*a]", deep.as_str()] {
            assert!(read(text.as_bytes()).is_err());
        }
        assert!(read(&[0xff, 0xfe]).is_err());
    }
}
