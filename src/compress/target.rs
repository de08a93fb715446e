//! Which matrices a step of a recipe changes.

use glob::Pattern;
use serde::Deserialize;

/// The name of the embedding, the one matrix whose rows are looked up.
pub const EMBEDDING: &str = "embedding";

/// Matrices of a network, by name.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Target {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    All,
    Embedding,
    /// All but the embedding.
    Linear,
    Attention,
    Ffn,
    /// No matrix, but all that is none.
    Vectors,
    Glob(Pattern),
}

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let kind = match text.as_str() {
            "all" => Kind::All,
            "embedding" => Kind::Embedding,
            "linear" => Kind::Linear,
            "attention" => Kind::Attention,
            "ffn" => Kind::Ffn,
            "vectors" => Kind::Vectors,
            glob => Kind::Glob(
                Pattern::new(glob).map_err(|error| format!("`{glob}` is no pattern: {error}"))?,
            ),
        };
        Ok(Target { text, kind })
    }
}

impl Target {
    /// Whether biases and norms are meant, rather than matrices.
    pub fn is_vectors(&self) -> bool {
        matches!(self.kind, Kind::Vectors)
    }

    /// Every matrix.
    pub fn all() -> Self {
        Target { text: "all".to_owned(), kind: Kind::All }
    }

    /// Whether the matrix `name` is meant.
    pub fn matches(&self, name: &str) -> bool {
        match &self.kind {
            Kind::All => true,
            Kind::Vectors => false,
            Kind::Embedding => name == EMBEDDING,
            Kind::Linear => name != EMBEDDING,
            Kind::Attention => has_part(name, "attention") || has_part(name, "cross"),
            Kind::Ffn => has_part(name, "ffn"),
            Kind::Glob(pattern) => pattern.matches(name),
        }
    }
}

/// Whether `part` is one of the parts of a matrix's name.
pub fn has_part(name: &str, part: &str) -> bool {
    name.split('.').any(|piece| piece == part)
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 7] = [
        "embedding",
        "encoder.0.attention.q",
        "encoder.10.ffn.w1",
        "decoder.0.cross.o",
        "decoder.0.ffn.w2",
        "decoder.0.ssru.forget",
        "decoder.1.ssru.candidate",
    ];

    #[test]
    fn words_and_patterns_choose_matrices() {
        for (target, chosen) in [
            ("all", vec![0, 1, 2, 3, 4, 5, 6]),
            ("embedding", vec![0]),
            ("linear", vec![1, 2, 3, 4, 5, 6]),
            ("attention", vec![1, 3]),
            ("ffn", vec![2, 4]),
            ("decoder.*", vec![3, 4, 5, 6]),
            ("*.w[12]", vec![2, 4]),
            ("encoder.?.*", vec![1]),
            ("decoder.0.cross.o", vec![3]),
            ("attention.q", vec![]),
            ("vectors", vec![]),
        ] {
            let matcher = Target::try_from(target.to_owned()).unwrap();
            let found: Vec<_> = (0..NAMES.len()).filter(|&n| matcher.matches(NAMES[n])).collect();
            assert_eq!(found, chosen, "{target}");
        }
    }

    #[test]
    fn a_pattern_that_is_none_is_named() {
        let error = Target::try_from("encoder.[".to_owned()).unwrap_err();
        assert!(error.contains("`encoder.[`"), "{error}");
    }
}
