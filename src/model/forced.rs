//! Decoding along translations that are given: what the network thinks of each of their tokens, all
//! before it being as they stand there ("teacher forcing", Williams & Zipser 1989).

use super::{Network, Source};
use crate::backend::host::RaggedLogits;
use crate::backend::{Backend, cpu};
use crate::error::{Error, Result};
use crate::model::greedy::rows;
use crate::model::layers::pause;
use crate::token::TokenId;

/// Logits that can be looked at where they are.
pub trait Scores {
    /// Those of row `index`, in the order of its candidates.
    fn row(&self, index: usize) -> &[f32];
}

impl Scores for RaggedLogits {
    fn row(&self, index: usize) -> &[f32] {
        self.row(index)
    }
}

impl Scores for cpu::Logits {
    fn row(&self, index: usize) -> &[f32] {
        self.row(index)
    }
}

/// What is heard of one step of one sentence.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The sentence's place in the batch.
    pub sentence: usize,
    /// Which of its tokens comes next: from 0, and up to their number, where the end comes.
    pub token: usize,
    /// One for each of the sentence's candidates, in their order. With a screening, only of those
    /// that it left.
    pub logits: &'a [f32],
}

impl<B: Backend> Network<B>
where
    B::Logits: Scores,
{
    /// Goes through the translations `targets` of `sources`, each without its end, and lets `hear`
    /// see the logits of every token and of the end. Steps follow each other; of one step, longer
    /// translations come first.
    ///
    /// # Errors
    /// `InvalidInput` when there are not as many translations as sources.
    pub async fn force(
        &self,
        sources: &[Source],
        targets: &[Vec<TokenId>],
        hear: &mut dyn FnMut(Step<'_>),
    ) -> Result<()> {
        if sources.len() != targets.len() {
            let (sources, targets) = (sources.len(), targets.len());
            return Err(Error::invalid(format!("{targets} translations for {sources} sources")));
        }
        let backend = &self.backend;
        let (embedded, spans) = self.embed(sources);
        let memory = self.encoder.forward(backend, embedded, &spans).await;
        let mut state = self.decoder.start(backend, &memory, sources.len()).await;
        // The longest first: those that are left are always the first ones.
        // The state before the first step is the same for all, whatever their order.
        let mut rows = rows(sources);
        rows.sort_by_key(|row| std::cmp::Reverse(targets[row.source].len()));
        let mut token = 0;
        while !rows.is_empty() {
            let queries = self.queries(&rows, sources);
            let shortest = rows.last().map_or(0, |row| targets[row.source].len());
            while token <= shortest {
                let before = rows.iter().map(|row| match token {
                    0 => TokenId::START,
                    _ => targets[row.source][token - 1],
                });
                let last = backend.tokens(&before.collect::<Vec<_>>());
                let x = backend.embed_step(&self.embedding, &last, token);
                let h = self.decoder.step(backend, x, &mut state, &queries.spans);
                let logits =
                    backend.logits(&h, &self.embedding, &self.output_bias, &queries.choices);
                for (at, row) in rows.iter().enumerate() {
                    hear(Step { sentence: row.source, token, logits: logits.row(at) });
                }
                token += 1;
                pause().await;
            }
            let left = rows.iter().take_while(|row| targets[row.source].len() >= token).count();
            state.keep(backend, &(0..left).collect::<Vec<_>>());
            rows.truncate(left);
        }
        Ok(())
    }
}
