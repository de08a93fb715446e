//! A job: texts on their way through encoding and batches, and back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::batch::{Batch, Limits, Place, batches, portion};
use super::lexicon::Lexicon;
use super::plan::Plan;
use super::work::Work;
use crate::error::Result;
use crate::model::Source;
use crate::threads::Ticket;

/// Source tokens of the first batch of a job that somebody reads along: a sentence or two, to be
/// there soon.
const FIRST_PORTION: usize = 24;
/// Each portion of it is larger than the one before: large batches are faster.
const GROWTH: usize = 4;

/// Texts to translate and how far they are.
pub struct Job {
    plans: Vec<Plan>,
    /// The text whose sentences are being encoded.
    encoding: usize,
    /// Pieces of that text encoded so far.
    pieces: usize,
    /// Encoded sentences that wait until there are enough for batches.
    encoded: Vec<(Place, Source)>,
    /// Their tokens.
    tokens: usize,
    /// Batches that wait for a thread, longest first; helpers may take those with a ticket.
    pub waiting: VecDeque<(Arc<Batch>, Option<Ticket>)>,
    /// The batch that the scheduler's own thread is at.
    pub running: Option<Work>,
    /// The next tokens that make batches of a job whose translation is wanted as it comes; none if
    /// it is wanted as a whole.
    streamed: Option<usize>,
    /// Tells helpers that nobody wants their batch any more.
    pub abandoned: Arc<AtomicBool>,
    /// Sentences whose translation is there.
    pub done: usize,
    /// Sentences in all, once all are encoded.
    pub total: usize,
}

impl Job {
    pub fn new(texts: Vec<String>, language: &str) -> Self {
        Job {
            plans: texts.into_iter().map(|text| Plan::new(text, language)).collect(),
            encoding: 0,
            pieces: 0,
            encoded: Vec::new(),
            tokens: 0,
            waiting: VecDeque::new(),
            running: None,
            streamed: None,
            abandoned: Arc::default(),
            done: 0,
            total: 0,
        }
    }

    /// A job of one text whose translation is wanted as it comes.
    pub fn streamed(text: String, language: &str) -> Self {
        let mut job = Job::new(vec![text], language);
        job.streamed = Some(FIRST_PORTION);
        job
    }

    /// Whether its sentences are to be encoded before its batches go on. What is wanted as it comes
    /// is encoded only as far as keeps `threads` busy.
    pub fn encodes_first(&self, threads: usize) -> bool {
        let enough = self.streamed.is_some() && self.waiting.len() >= threads;
        !self.is_encoded() && !enough
    }

    pub fn is_encoded(&self) -> bool {
        self.encoding == self.plans.len()
    }

    /// Every sentence has its translation.
    pub fn is_done(&self) -> bool {
        self.is_encoded() && self.done == self.total
    }

    /// Encodes one sentence; says whether there are new batches. They are made after the last;
    /// where several threads share them or somebody reads along, also on the way, so that nobody
    /// waits for the encoding of a book.
    pub fn encode(&mut self, lexicon: &Lexicon, limits: Limits, threads: usize) -> Result<bool> {
        let text = self.encoding;
        match self.plans[text].encode_next(&lexicon.vocabulary)? {
            Some(pieces) => {
                for tokens in pieces {
                    let place = Place { text, piece: self.pieces };
                    let source = lexicon.source(tokens);
                    self.tokens += source.tokens.len();
                    self.encoded.push((place, source));
                    self.pieces += 1;
                }
            }
            None => {
                self.encoding += 1;
                self.pieces = 0;
            }
        }
        let enough = match &mut self.streamed {
            None => threads > 1 && self.tokens >= portion(limits, threads),
            Some(wanted) if self.tokens >= *wanted => {
                *wanted = (GROWTH * *wanted).min(limits.tokens * threads / 8 * 7);
                true
            }
            Some(_) => false,
        };
        let complete = self.is_encoded() || enough;
        if complete {
            self.cut(limits, threads);
        }
        Ok(complete)
    }

    /// Makes batches of what is encoded.
    pub fn cut(&mut self, limits: Limits, threads: usize) {
        self.tokens = 0;
        let encoded = std::mem::take(&mut self.encoded);
        self.total += encoded.len();
        let batches = batches(encoded, |(_, source)| source.tokens.len(), limits, threads);
        self.waiting.extend(batches.into_iter().map(|batch| (Arc::new(Batch::new(batch)), None)));
    }

    /// Takes the batches apart that are not translated, the one under way too, so that they can be
    /// cut in another way. No helper may have any.
    pub fn uncut(&mut self) {
        let running = self.running.take().map(|work| work.batch);
        let waiting = std::mem::take(&mut self.waiting).into_iter().map(|(batch, _)| batch);
        for batch in running.into_iter().chain(waiting) {
            let Batch { places, sources } = Arc::unwrap_or_clone(batch);
            self.total -= places.len();
            self.tokens += sources.iter().map(|source| source.tokens.len()).sum::<usize>();
            self.encoded.extend(places.into_iter().zip(sources));
        }
    }

    /// Puts the translations of a batch in their places.
    pub fn put(&mut self, batch: &Batch, translations: Vec<String>) {
        self.done += batch.places.len();
        for (&Place { text, piece }, translation) in batch.places.iter().zip(translations) {
            self.plans[text].set(piece, translation);
        }
    }

    /// What is new of a translation that is wanted as it comes, if anything is.
    pub fn take(&mut self) -> Option<String> {
        self.streamed?;
        let taken = self.plans.first_mut()?.take();
        (!taken.is_empty()).then_some(taken)
    }

    /// The texts, translated as far as the job is.
    pub fn join(&self) -> Vec<String> {
        self.plans.iter().map(Plan::join).collect()
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }
}
