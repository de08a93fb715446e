//! Greedy decoding of a ragged batch.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Network;
use super::decoder::State;
use super::layers::pause;
use crate::backend::{Backend, Candidates, Span};
use crate::error::Result;
use crate::token::TokenId;

/// A translation has at most this many times the tokens of its source, the end included: the
/// guard against endless repetition, with the factor that the models are run with in production.
pub const MAX_LENGTH_FACTOR: f32 = 2.5;

/// One sentence to translate.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its tokens, the end of the sentence among them. Not empty.
    pub tokens: Vec<TokenId>,
    /// What its translation may be made of, ascending; `end` must be among them.
    pub candidates: Candidates,
    /// The token that ends a sentence: the same in all of a batch.
    pub end: TokenId,
}

impl Source {
    /// Steps that its decoding may take, that of the end included.
    fn max_length(&self) -> usize {
        (self.tokens.len() as f32 * MAX_LENGTH_FACTOR) as usize
    }
}

/// A sentence whose translation has not ended.
#[derive(Clone)]
pub(super) struct Row {
    /// Its place in the batch as it came.
    pub(super) source: usize,
    /// Its rows among the encoded source tokens.
    pub(super) keys: std::ops::Range<usize>,
}

impl<B: Backend> Network<B> {
    /// Translates a batch: for each source its target tokens, without the end.
    ///
    /// Between parts of the work the future yields, so that whoever polls it can stop or do
    /// something more urgent; dropping it cancels.
    ///
    /// # Errors
    /// What the backend reports when tokens are read.
    pub async fn translate(&self, sources: &[Source]) -> Result<Vec<Vec<TokenId>>> {
        let backend = &self.backend;
        let (embedded, spans) = self.embed(sources);
        let memory = self.encoder.forward(backend, embedded, &spans).await;
        let mut rows = Arc::new(rows(sources));
        let mut state = self.decoder.start(backend, &memory, rows.len()).await;

        let target = |source: &Source| Vec::with_capacity(source.max_length());
        let mut targets: Vec<_> = sources.iter().map(target).collect();
        let mut ended = vec![false; sources.len()];
        let mut tokens = backend.tokens(&vec![TokenId::START; rows.len()]);
        let (mut step, longest) = (0, sources.iter().map(Source::max_length).max().unwrap_or(0));
        let mut steps: Vec<B::Tokens> = Vec::with_capacity(backend.steps_per_read());
        let mut read = Vec::with_capacity(backend.steps_per_read() * rows.len());
        let mut alive = Vec::with_capacity(rows.len());
        // What was asked for and not read yet, each with the rows of that time.
        let mut ahead = VecDeque::with_capacity(backend.reads_ahead() + 1);
        while !rows.is_empty() {
            let queries = self.queries(&rows, sources);
            // The same rows until it pays to go on without those that have ended: then spans,
            // candidates and state follow.
            loop {
                while ahead.len() <= backend.reads_ahead() && step < longest {
                    steps.clear();
                    while steps.len() < backend.steps_per_read() && step < longest {
                        let last = steps.last().unwrap_or(&tokens);
                        steps.push(self.step(last, step, &mut state, &queries));
                        step += 1;
                        pause().await;
                    }
                    ahead.push_back((backend.request(&steps), Arc::clone(&rows)));
                    tokens = steps.pop().unwrap_or(tokens);
                }
                // Every sentence has ended by its greatest length.
                let Some((reading, then)) = ahead.pop_front() else { return Ok(targets) };
                backend.read(reading, &mut read).await?;
                append(&read, &then, sources, &mut targets, &mut ended);
                alive.clear();
                alive.extend((0..rows.len()).filter(|&at| !ended[rows[at].source]));
                if alive.is_empty() {
                    return Ok(targets);
                }
                if alive.len() < rows.len() && backend.compacts(alive.len(), rows.len()) {
                    tokens = backend.select(&tokens, &alive);
                    state.keep(backend, &alive);
                    rows = Arc::new(alive.iter().map(|&at| rows[at].clone()).collect());
                    break;
                }
            }
        }
        Ok(targets)
    }

    /// The embedded tokens of a batch, `[tokens, width]`, and which belong together.
    pub(super) fn embed(&self, sources: &[Source]) -> (B::Tensor, B::Spans) {
        let tokens: Vec<TokenId> =
            sources.iter().flat_map(|source| source.tokens.iter().copied()).collect();
        let whole = |row: Row| Span { queries: row.keys.clone(), keys: row.keys };
        let spans = self.backend.spans(&rows(sources).into_iter().map(whole).collect::<Vec<_>>());
        (self.backend.embed(&self.embedding, &self.backend.tokens(&tokens), &spans), spans)
    }

    /// What the steps of these rows ask for.
    pub(super) fn queries(&self, rows: &[Row], sources: &[Source]) -> Queries<B> {
        let one = |(at, row): (usize, &Row)| Span { queries: at..at + 1, keys: row.keys.clone() };
        let spans = rows.iter().enumerate().map(one).collect::<Vec<_>>();
        let lists: Vec<_> = rows.iter().map(|row| sources[row.source].candidates.clone()).collect();
        Queries {
            spans: self.backend.spans(&spans),
            choices: self.backend.choices(&lists),
            end: sources[rows[0].source].end,
        }
    }

    /// The next token of each row after its `last`.
    pub(super) fn step(
        &self,
        last: &B::Tokens,
        step: usize,
        state: &mut State<B>,
        Queries { spans, choices, end }: &Queries<B>,
    ) -> B::Tokens {
        let x = self.backend.embed_step(&self.embedding, last, step);
        let h = self.decoder.step(&self.backend, x, state, spans);
        let logits = self.backend.logits(&h, &self.embedding, &self.output_bias, choices);
        self.backend.best(&logits, choices, last, *end)
    }
}

/// What stays the same from step to step, as long as the rows do.
pub(super) struct Queries<B: Backend> {
    pub(super) spans: B::Spans,
    pub(super) choices: B::Choices,
    end: TokenId,
}

pub(super) fn rows(sources: &[Source]) -> Vec<Row> {
    let mut start = 0;
    let row = |(source, sentence): (usize, &Source)| {
        let keys = start..start + sentence.tokens.len();
        start = keys.end;
        Row { source, keys }
    };
    sources.iter().enumerate().map(row).collect()
}

/// Adds the tokens of some steps, `[steps][rows]`, to their sentences, and notes which have ended.
/// What a row produces after its end is dropped.
fn append(
    read: &[TokenId],
    rows: &[Row],
    sources: &[Source],
    targets: &mut [Vec<TokenId>],
    ended: &mut [bool],
) {
    for tokens in read.chunks_exact(rows.len()) {
        for (&token, row) in tokens.iter().zip(rows) {
            let (source, target) = (&sources[row.source], &mut targets[row.source]);
            let ended = &mut ended[row.source];
            if *ended {
                continue;
            }
            if token != source.end {
                target.push(token);
            }
            *ended = token == source.end || target.len() >= source.max_length();
        }
    }
}
