//! What a program is told of a compression or an evaluation, the same on the command line and in the
//! page.

use serde::Serialize;
use serde_json::Value;

use super::bytes::Bytes;
use crate::compress::report::MatrixReport;
use crate::eval;

/// What a recipe did. `B` is what is known of the model's bytes.
#[derive(Clone, Debug, Serialize)]
pub struct Compression<B = Bytes> {
    /// The recipe as it was given.
    pub recipe: Value,
    /// What it took, without reading, writing and gzip.
    pub seconds: f64,
    /// The model as it came.
    pub before: B,
    /// And as it went.
    pub after: B,
    /// Its matrices, by name.
    pub tensors: Vec<MatrixReport>,
}

/// How good and how fast a model is on a test set. `B` is what is known of its bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Evaluation<B = Bytes> {
    /// See [`eval::Score::bleu`].
    pub bleu: f64,
    /// See [`eval::Score::chrf`].
    pub chrf: f64,
    /// Of the source text, parted by white space.
    pub words_per_second: f64,
    /// Segments of the test set.
    pub sentences: usize,
    /// What the model takes.
    #[serde(flatten)]
    pub bytes: B,
}

impl<B> Evaluation<B> {
    /// Of a test set whose translation took so long and scores so.
    pub fn new(sources: &[String], score: eval::Score, seconds: f64, bytes: B) -> Self {
        let eval::Score { bleu, chrf } = score;
        let words: usize = sources.iter().map(|source| source.split_whitespace().count()).sum();
        let words_per_second = words as f64 / seconds;
        Evaluation { bleu, chrf, words_per_second, sentences: sources.len(), bytes }
    }
}
