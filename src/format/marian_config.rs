//! The YAML text inside a Marian model: the architecture, and every option that would change it.

use serde::Deserialize;

use super::architecture::{Architecture, DecoderCell};
use crate::error::{Error, Result};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Config {
    r#type: String,
    dim_emb: usize,
    dim_vocabs: Vec<usize>,
    enc_depth: usize,
    dec_depth: usize,
    transformer_heads: usize,
    transformer_dim_ffn: usize,
    #[serde(default)]
    dec_cell: String,
    #[serde(default)]
    transformer_decoder_autoreg: String,
    #[serde(default)]
    transformer_preprocess: String,
    #[serde(default)]
    transformer_postprocess: String,
    #[serde(default)]
    transformer_postprocess_top: String,
    #[serde(default)]
    transformer_postprocess_emb: String,
    #[serde(default)]
    transformer_ffn_activation: String,
    #[serde(default)]
    transformer_ffn_depth: usize,
    #[serde(default)]
    transformer_tied_layers: Vec<usize>,
    #[serde(default)]
    tied_embeddings_all: bool,
    #[serde(default)]
    transformer_no_projection: bool,
    #[serde(default)]
    transformer_train_position_embeddings: bool,
    #[serde(default)]
    output_omit_bias: bool,
    #[serde(default)]
    lemma_dim_emb: usize,
}

/// Reads Marian's configuration.
///
/// # Errors
/// `Malformed` when it is no such text, `Unsupported` naming the option that this build can't run.
pub fn read(bytes: &[u8]) -> Result<Architecture> {
    // Marian ends the text with a NUL.
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    let text = str::from_utf8(bytes).map_err(|error| Error::malformed(error.to_string()))?;
    let config: Config =
        serde_saphyr::from_str(text).map_err(|error| Error::malformed(error.to_string()))?;
    let words = [
        ("type", &config.r#type, "transformer"),
        ("dec-cell", &config.dec_cell, "ssru"),
        ("transformer-decoder-autoreg", &config.transformer_decoder_autoreg, "rnn"),
        ("transformer-preprocess", &config.transformer_preprocess, ""),
        ("transformer-postprocess", &config.transformer_postprocess, "dan"),
        ("transformer-postprocess-top", &config.transformer_postprocess_top, ""),
        ("transformer-postprocess-emb", &config.transformer_postprocess_emb, "d"),
        ("transformer-ffn-activation", &config.transformer_ffn_activation, "relu"),
    ];
    for (option, value, expected) in words {
        require(option, value.as_str(), expected)?;
    }
    let flags = [
        ("tied-embeddings-all", config.tied_embeddings_all, true),
        ("transformer-no-projection", config.transformer_no_projection, false),
        (
            "transformer-train-position-embeddings",
            config.transformer_train_position_embeddings,
            false,
        ),
        ("output-omit-bias", config.output_omit_bias, false),
    ];
    for (option, value, expected) in flags {
        require(option, value, expected)?;
    }
    require("transformer-ffn-depth", config.transformer_ffn_depth, 2)?;
    require("transformer-tied-layers", config.transformer_tied_layers.len(), 0)?;
    require("lemma-dim-emb", config.lemma_dim_emb, 0)?;
    let [vocabulary, target] = config.dim_vocabs[..] else {
        return Err(Error::malformed(format!(
            "option `dim-vocabs` has {} entries, expected 2",
            config.dim_vocabs.len()
        )));
    };
    require("dim-vocabs", target, vocabulary)?;
    let architecture = Architecture {
        width: config.dim_emb,
        heads: config.transformer_heads,
        ffn: config.transformer_dim_ffn,
        encoder_layers: config.enc_depth,
        decoder_layers: config.dec_depth,
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
