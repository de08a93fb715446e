//! Given translations, all their positions at once: what a network would have said after each of
//! their beginnings.

use super::Network;
use super::greedy::{Source, rows};
use crate::backend::{Candidates, Sequences, Span};
use crate::token::TokenId;

/// A sentence and a translation of it.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The sentence.
    pub source: Source,
    /// The translation's tokens, the end among them. Not empty.
    pub target: Vec<TokenId>,
}

/// What a network says of some translations: a row for each of their tokens, in order.
pub struct Taught<B: Sequences> {
    /// Of the candidates for each token.
    pub logits: B::Logits,
    /// What they are read from: `[tokens, width]`.
    pub decoded: B::Tensor,
}

impl<B: Sequences> Network<B> {
    /// The logits of `candidates` for each token of each translation, those before it being given
    /// (teacher forcing: Williams & Zipser 1989).
    pub async fn teach(&self, pairs: &[Pair], candidates: &Candidates) -> Taught<B> {
        let backend = &self.backend;
        let sources: Vec<Source> = pairs.iter().map(|pair| pair.source.clone()).collect();
        let (embedded, spans) = self.embed(&sources);
        let encoded = self.encoder.forward(backend, embedded, &spans).await;

        let (mut tokens, mut own, mut cross) = (Vec::new(), Vec::new(), Vec::new());
        for (pair, row) in pairs.iter().zip(rows(&sources)) {
            let start = tokens.len();
            tokens.push(TokenId::START);
            tokens.extend_from_slice(&pair.target[..pair.target.len() - 1]);
            let queries = start..tokens.len();
            cross.push(Span { queries: queries.clone(), keys: row.keys });
            own.push(Span { queries: queries.clone(), keys: queries });
        }
        let (own, cross) = (backend.spans(&own), backend.spans(&cross));
        let choices = backend.choices(&vec![candidates.clone(); tokens.len()]);
        let x = backend.embed(&self.embedding, &backend.tokens(&tokens), &own);
        let decoded = self.decoder.all(backend, x, &encoded, &own, &cross).await;
        let logits = backend.logits(&decoded, &self.embedding, &self.output_bias, &choices);
        Taught { logits, decoded }
    }
}
