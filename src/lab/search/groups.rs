//! What a search decides about one by one: groups of matrices of one layer and one role.

use crate::compress::layers::Stack;
use crate::compress::target::{EMBEDDING, has_part};
use crate::error::{Error, Result};
use crate::format::Package;

/// A layer of the original: which stack, as a place in [`Stack::ALL`], and its number there.
pub type Layer = (usize, usize);

/// Matrices that are rounded to the same bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// A pattern over the names of the original: `encoder.0.attention.*`, `decoder.1.ffn.w2`.
    pub name: String,
    /// The layer that they belong to; none for the embedding.
    pub layer: Option<Layer>,
    /// The names of the matrices.
    pub matrices: Vec<String>,
    /// The shapes of the matrices, `[out, in]`.
    pub shapes: Vec<[usize; 2]>,
}

/// All groups of a model.
#[derive(Clone, Debug)]
pub struct Groups {
    /// In the order of their names.
    pub all: Vec<Group>,
    /// Layers of each stack.
    pub depth: [usize; 2],
    /// Pieces of the vocabulary.
    pub vocabulary: usize,
}

impl Groups {
    /// Those of a package.
    ///
    /// # Errors
    /// `Malformed` when it has no matrices.
    pub fn new(package: &Package) -> Result<Self> {
        let mut all: Vec<Group> = Vec::new();
        // Names come in their order, so that those of a group are neighbours.
        for (name, info) in &package.metadata.matrices {
            let pattern = pattern(name);
            match all.last_mut().filter(|group| group.name == pattern) {
                Some(group) => {
                    group.matrices.push(name.clone());
                    group.shapes.push(info.shape);
                }
                None => all.push(Group {
                    layer: layer(&pattern),
                    name: pattern,
                    matrices: vec![name.clone()],
                    shapes: vec![info.shape],
                }),
            }
        }
        if all.is_empty() {
            return Err(Error::malformed("this model has no matrices"));
        }
        let architecture = &package.metadata.architecture;
        Ok(Groups {
            all,
            depth: [architecture.encoder_layers, architecture.decoder_layers],
            vocabulary: architecture.vocabulary,
        })
    }

    /// All layers, those of the encoder first.
    pub fn layers(&self) -> impl Iterator<Item = Layer> {
        let depth = self.depth;
        (0..depth.len()).flat_map(move |stack| (0..depth[stack]).map(move |layer| (stack, layer)))
    }
}

impl Group {
    /// Whether it is the embedding, whose rows are looked up.
    pub fn is_embedding(&self) -> bool {
        self.name == EMBEDDING
    }

    /// Whether it is a matrix of a feed-forward layer.
    pub fn is_ffn(&self) -> bool {
        has_part(&self.name, "ffn")
    }

    /// Its name without the number of the layer: groups of one role resemble each other.
    pub fn role(&self) -> String {
        let rest = self.name.splitn(3, '.').nth(2);
        match (self.layer, rest) {
            (Some((stack, _)), Some(rest)) => format!("{}.{rest}", Stack::ALL[stack].name()),
            _ => self.name.clone(),
        }
    }

    /// Weights in all.
    pub fn weights(&self) -> usize {
        self.shapes.iter().map(|shape| shape[0] * shape[1]).sum()
    }
}

/// The pattern of the group of a matrix. The two matrices of a feed-forward layer differ most in
/// what rounding them costs, and are as large as all of an attention layer.
fn pattern(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, _)) if !has_part(name, "ffn") => format!("{stem}.*"),
        _ => name.to_owned(),
    }
}

fn layer(name: &str) -> Option<Layer> {
    let (stack, rest) = name.split_once('.')?;
    let place = Stack::ALL.iter().position(|one| one.name() == stack)?;
    Some((place, rest.split('.').next()?.parse().ok()?))
}
